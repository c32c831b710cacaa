/**
 * From the reply to whoever changed a profile to the push at the user's other session, at 500 changes a second, half of them
 * over REST and half by clients. Bar: p99 15 ms.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { Pool } from 'undici';
import { signUserSig } from '../packages/wire/src/index.ts';
import { startChild, temporaryFolder } from './support/child.ts';
import { portraitSetOf, prepare, restPath, userName } from './support/client.ts';
import { control } from './support/control.ts';
import { type Arrival, type FleetState, type LoginTimes, startFleet } from './support/fleet.ts';
import { median, percentile, report } from './support/measure.ts';
import { openLoop } from './support/open-loop.ts';
import { watchCpu } from './support/usage.ts';
import { WebClient } from './support/web-client.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 3);
const PER_SECOND = 500;
const SECONDS = 10;
const TOTAL = PER_SECOND * SECONDS;
/** Each has two sessions: one here that changes the profile, one in the fleet that is told. */
const USERS = 500;
/** A push that is not there by then does not come. */
const PATIENCE_MS = 5_000;
const profileFlags = process.env.CPU_PROF ? ['--cpu-prof', `--cpu-prof-dir=${process.env.CPU_PROF}`] : [];

const portrait = await startChild('./portrait-server.ts', ['--data', temporaryFolder()], profileFlags);
const { port } = portrait;
const app = await prepare(portrait);
const { sdkAppId, secretKey } = app;
const fleet = await startFleet(portrait, app, { firstUser: 0, users: USERS });
await control<LoginTimes>(fleet, 'stay', { perSecond: 200 });
const clients = await Promise.all(
  Array.from({ length: USERS }, async (_, index) => {
    const userId = userName(index);
    const userSig = await signUserSig({ sdkAppId, secretKey, userId, nowSeconds: Date.now() / 1_000 });
    const localAddress = `127.0.0.${10 + (index % 8)}`;
    const client = await WebClient.connect({ port, sdkAppId, userId, userSig, localAddress });
    await client.logIn();
    client.keepAlive(() => undefined);
    return client;
  }),
);
const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 64, pipelining: 1 });
const path = restPath(app, 'profile/portrait_set');

/** Even numbers go over REST, odd ones through the user's own client. */
async function change(number: number): Promise<void> {
  const user = (number >> 1) % USERS;
  const body = portraitSetOf(userName(user), number);
  if (number % 2 === 1) await clients[user]?.request('profile.portrait_set', body);
  else await (await pool.request({ method: 'POST', path, body: JSON.stringify(body) })).body.dump();
}

/** What a round came to; times in milliseconds, ascending. */
interface Round {
  /** from the reply read by who made the change to the push read at the other session */
  readonly waits: readonly number[];
  /** the same, from the sending of the change */
  readonly wholes: readonly number[];
  readonly missing: number;
  /** cores that the server kept busy */
  readonly cpu: number;
}

async function round(): Promise<Round> {
  await control(fleet, 'arrivals');
  const sentAt = new Map<number, number>();
  const repliedAt = new Map<number, number>();
  const cores = watchCpu(portrait.pid);
  const one = async (number: number): Promise<void> => {
    sentAt.set(number, now());
    await change(number);
    repliedAt.set(number, now());
  };
  await openLoop({ perSecond: PER_SECOND, total: TOTAL, one });
  const cpu = cores();
  const until = performance.now() + PATIENCE_MS;
  while ((await control<FleetState>(fleet, 'state')).pushes < TOTAL && performance.now() < until) await wait(20);
  const arrivals = await control<Arrival[]>(fleet, 'arrivals');
  const since = (times: ReadonlyMap<number, number>): readonly number[] =>
    // a push may arrive before the caller has read the reply: that is no wait
    arrivals.map(([number, at]) => Math.max(0, at - (times.get(number) ?? Number.NaN))).sort((a, b) => a - b);
  return { waits: since(repliedAt), wholes: since(sentAt), missing: TOTAL - arrivals.length, cpu };
}

/** Epoch milliseconds, finer than Date.now. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

await round();
const p50s: number[] = [];
const p99s: number[] = [];
for (let index = 0; index < ROUNDS; index += 1) {
  const { waits, wholes, missing, cpu } = await round();
  const [p50, p99] = [percentile(waits, 0.5), percentile(waits, 0.99)];
  p50s.push(p50);
  p99s.push(p99);
  report(`clients-push round ${index + 1}`, {
    p50,
    p99,
    max: percentile(waits, 1),
    wholeP50: percentile(wholes, 0.5),
    wholeP99: percentile(wholes, 0.99),
    missing,
    cpu,
  });
}
report('clients-push (ms)', { p50: median(p50s), p99: median(p99s), bar99: 15 });
for (const client of clients) client.terminate();
await pool.close();
await fleet.stop();
await portrait.stop();
