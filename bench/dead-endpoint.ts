/**
 * What a dead endpoint costs the others: 100,000 events behind it, against the same with the endpoint alive, in turns. An app has two endpoints;
 * the other one is alive in both. Bar: REST throughput, its p99, the other endpoint's latency and memory within 10 %.
 */
import { readFileSync } from 'node:fs';
import { request } from 'undici';
import { type Child, startChild, temporaryFolder } from './support/child.ts';
import { admin, type BenchApp, paced, portraitSets, prepare } from './support/client.ts';
import { runLoad } from './support/load.ts';
import { median, percentile, report } from './support/measure.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const BACKLOG = 100_000;
const CONNECTIONS = 64;
const LOAD_MS = 3_000;
const PER_SECOND = 500;
const SECONDS = 4;

/** A server with two endpoints, the first of them dead or alive. */
interface Side {
  readonly name: 'alive' | 'dead';
  readonly portrait: Child;
  readonly app: BenchApp;
  readonly other: Child;
  readonly next: () => Buffer;
}

/** What was measured of one side in one round. */
interface Measured {
  readonly perSecond: number;
  readonly p99: number;
  readonly latencyP50: number;
  readonly latencyP99: number;
  readonly residentMb: number;
}

async function control<T>(receiver: Child, verb: string, body: object = {}): Promise<T> {
  const url = `http://127.0.0.1:${receiver.port}/control/${verb}`;
  const answer = await request(url, { method: 'POST', body: JSON.stringify(body), headersTimeout: 0, bodyTimeout: 0 });
  return (await answer.body.json()) as T;
}

const alive = await startChild('./receiver.ts');
const dead = await startChild('./receiver.ts');
await dead.stop(); // its port refuses connections from now on

async function makeSide(name: Side['name']): Promise<Side> {
  const portrait = await startChild('./portrait-server.ts', ['--data', temporaryFolder()]);
  const other = await startChild('./receiver.ts');
  const app = await prepare(portrait);
  for (const { port } of [name === 'alive' ? alive : dead, other]) {
    const url = `http://127.0.0.1:${port}/callback`;
    await admin(portrait, 'POST', `/apps/${app.sdkAppId}/endpoints`, { url, token: 'token' });
  }
  const side = { name, portrait, app, other, next: portraitSets(app) };
  await load(side, { durationMs: 600_000, count: BACKLOG });
  return side;
}

/** Change profiles until time is up or so many are made, and wait until the other endpoint has all of them. */
async function load(
  { portrait, other, next }: Side,
  { durationMs, count = Number.POSITIVE_INFINITY }: { readonly durationMs: number; readonly count?: number },
) {
  await control(other, 'reset');
  let made = 0;
  const result = await runLoad({
    port: portrait.port,
    connections: CONNECTIONS,
    durationMs,
    next,
    check: (answer) => answer.includes('"ErrorCode":0'),
    enough: () => {
      made += 1;
      return made >= count;
    },
  });
  if (result.failures > 0) throw new Error(`${result.failures} calls failed`);
  await control(other, 'reached', { target: made });
  return result;
}

function residentMb({ pid }: Child): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
}

async function measure(side: Side): Promise<Measured> {
  const { portrait, app, other } = side;
  const { perSecond, p99 } = await load(side, { durationMs: LOAD_MS });
  const total = PER_SECOND * SECONDS;
  await control(other, 'reset', { arrivals: true });
  const repliedAt = await paced({ server: portrait, app, perSecond: PER_SECOND, total });
  await control(other, 'reached', { target: total });
  const arrivals = await control<[number, number][]>(other, 'arrivals');
  const waits = arrivals.map(([index, at]) => Math.max(0, at - (repliedAt.get(index) ?? Number.NaN)));
  waits.sort((a, b) => a - b);
  const [latencyP50, latencyP99] = [percentile(waits, 0.5), percentile(waits, 0.99)];
  return { perSecond, p99, latencyP50, latencyP99, residentMb: residentMb(portrait) };
}

const sides = [await makeSide('alive'), await makeSide('dead')];
for (const side of sides) await measure(side);
const ratios: Measured[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const measured = new Map<string, Measured>();
  for (const side of round % 2 === 0 ? sides : sides.toReversed()) measured.set(side.name, await measure(side));
  const [one, other] = [measured.get('alive') as Measured, measured.get('dead') as Measured];
  for (const [name, fields] of measured) report(`round ${round + 1} ${name}`, { ...fields });
  const names = Object.keys(one) as (keyof Measured)[];
  ratios.push(Object.fromEntries(names.map((name) => [name, other[name] / one[name]])) as unknown as Measured);
}
const names = Object.keys(ratios[0] ?? {}) as (keyof Measured)[];
report(
  'dead to alive (median)',
  Object.fromEntries(names.map((name) => [name, median(ratios.map((ratio) => ratio[name]))])),
);
for (const { portrait, other } of sides) {
  await portrait.stop();
  await other.stop();
}
await alive.stop();
