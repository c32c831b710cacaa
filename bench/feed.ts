/**
 * What followers of the change feed cost the others: durable portrait_set of one app over 64 connections, while another app has 1,000
 * changes a second, with 5 streams of those as a share of the same without streams.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { signUserSig } from '../packages/wire/src/index.ts';
import { startChild, temporaryFolder } from './support/child.ts';
import { admin, type BenchApp, paced, portraitSets, prepare, prepareApp } from './support/client.ts';
import { control } from './support/control.ts';
import { type LoadResult, runLoad } from './support/load.ts';
import { median, percentile, report } from './support/measure.ts';
import { watchCpu } from './support/usage.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const STREAMS = 5;
const PER_SECOND = 1_000;
const SECONDS = 5;
/** A change that is not there by then does not come. */
const PATIENCE_MS = 10_000;
const profileFlags = process.env.CPU_PROF ? ['--cpu-prof', `--cpu-prof-dir=${process.env.CPU_PROF}`] : [];

const portrait = await startChild('./portrait-server.ts', ['--data', temporaryFolder()], profileFlags);
const loaded = await prepare(portrait);
const made = await admin<{ sdkAppId: number; secretKey: string }>(portrait, 'POST', '/apps', { name: 'followed' });
const nowSeconds = Date.now() / 1_000;
const userSig = await signUserSig({ ...made, userId: 'administrator', nowSeconds });
const followed: BenchApp = { ...made, userSig };
await prepareApp(portrait, followed);
const next = portraitSets(loaded);
const check = (answer: string): boolean => answer.includes('"ErrorCode":0');

interface Round extends LoadResult {
  /** milliseconds from the reply to whoever made the change to its arrival at the streams, ascending */
  readonly waits: readonly number[];
  /** processor time of the server, microseconds for each change of either app: tells the cost on a busy machine too */
  readonly cpuMicros: number;
}

async function round(streams: number): Promise<Round> {
  const readers = await startChild('./feed-readers.ts', [
    JSON.stringify({ port: portrait.port, sdkAppId: followed.sdkAppId, streams }),
  ]);
  const total = PER_SECOND * SECONDS;
  const cores = watchCpu(portrait.pid);
  const startedAt = performance.now();
  const [repliedAt, result] = await Promise.all([
    paced({ server: portrait, app: followed, perSecond: PER_SECOND, total }),
    runLoad({ port: portrait.port, connections: 64, durationMs: SECONDS * 1_000, next, check }),
  ]);
  const seconds = (performance.now() - startedAt) / 1_000;
  const cpuMicros = (cores() * seconds * 1_000_000) / (total + result.perSecond * SECONDS);
  const until = performance.now() + PATIENCE_MS;
  const count = async (): Promise<number> => (await control<{ count: number }>(readers, 'state')).count;
  while ((await count()) < total * streams && performance.now() < until) await wait(20);
  const arrivals = await control<[number: number, at: number][]>(readers, 'arrivals');
  await readers.stop();
  if (arrivals.length !== total * streams) throw new Error(`${arrivals.length} of ${total * streams} arrived`);
  const waits = arrivals.map(([number, at]) => Math.max(0, at - (repliedAt.get(number) ?? Number.NaN)));
  return { ...result, cpuMicros, waits: waits.sort((a, b) => a - b) };
}

await round(STREAMS);
const ratios: number[] = [];
const cpuRatios: number[] = [];
for (let index = 0; index < ROUNDS; index += 1) {
  const without = await round(0);
  const withStreams = await round(STREAMS);
  ratios.push(withStreams.perSecond / without.perSecond);
  cpuRatios.push(without.cpuMicros / withStreams.cpuMicros);
  report(`feed round ${index + 1}`, {
    without: without.perSecond,
    with: withStreams.perSecond,
    cpuWithout: without.cpuMicros,
    cpuWith: withStreams.cpuMicros,
    p99Without: without.p99,
    p99With: withStreams.p99,
    arrivalP50: percentile(withStreams.waits, 0.5),
    arrivalP99: percentile(withStreams.waits, 0.99),
    failures: without.failures + withStreams.failures,
  });
}
report('feed', { ratio: median(ratios), cpuRatio: median(cpuRatios) });
await portrait.stop();
