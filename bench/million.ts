/**
 * A store with 1,000,000 profiles and 1,000,000 events against one with 10,000 profiles and none: durable changes a second, through the
 * store alone and over REST; then start and memory of a server with 1,000,000 deliveries pending. Bars: 0.85 and 250 MB.
 */
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Store } from '../packages/server/src/storage/store.ts';
import { signUserSig } from '../packages/wire/src/usersig.ts';
import { addPausedEndpoint, change, fillStore, openBenchStore } from './support/big-store.ts';
import { type Child, startChild, temporaryFolder } from './support/child.ts';
import { admin, portraitSets } from './support/client.ts';
import { runLoad } from './support/load.ts';
import { median, report } from './support/measure.ts';
import { app as benchApp, SDK_APP_ID } from './support/sample-settings.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 12);
const ROWS = Number(process.env.ROWS ?? 1_000_000);
const USERS = 10_000;
/** Short rounds, in turns, so that what else the machine does falls on all. */
const CHANGES = 20_000;
const REST_MS = 2_000;
/** Until what is kept in memory is there, and rows of profiles are written as often as they will be. */
const WARM_UP_ROUNDS = 4;

async function makeStores(folder: string): Promise<void> {
  const startedAt = performance.now();
  const big = openBenchStore(join(folder, 'big'));
  await fillStore(big, { users: ROWS, events: ROWS });
  await big.close();
  const small = openBenchStore(join(folder, 'small'));
  await fillStore(small, { users: USERS, events: 0 });
  await small.close();
  report('million filled', { seconds: (performance.now() - startedAt) / 1_000 });
}

/** Changes a second, of so many users that lie so far apart. */
type Run = (users: number, spread: number) => Promise<number>;

/**
 * In turns: the small store, and the big one with the same 10,000 busy users, spread over all its profiles; then, harder, with all of its
 * users in turn. Not mixed: rows and memory of the one would be those of the other.
 */
async function compare(name: string, small: Run, big: Run): Promise<void> {
  for (const [who, users] of [
    ['busy users', USERS],
    ['all users', ROWS],
  ] as const) {
    const bases: number[] = [];
    const ratios: number[] = [];
    for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
      const base = await small(USERS, 1);
      const ratio = (await big(users, ROWS / users)) / base;
      if (round < 0) continue;
      bases.push(base);
      ratios.push(ratio);
    }
    const [least, most] = [Math.min(...ratios), Math.max(...ratios)];
    report(`million ${name}, ${who}`, { smallPerSecond: median(bases), ratio: median(ratios), least, most, bar: 0.85 });
  }
}

async function throughStore(folder: string): Promise<void> {
  const [small, big] = [openBenchStore(join(folder, 'small')), openBenchStore(join(folder, 'big'))];
  const runOf = (store: Store): Run => {
    return async (users, spread) => (await change(store, { users, changes: CHANGES, spread })).perSecond;
  };
  await compare('store', runOf(small), runOf(big));
  await Promise.all([small.close(), big.close()]);
}

async function overRest(folder: string): Promise<void> {
  const start = (name: string): Promise<Child> => startChild('./portrait-server.ts', ['--data', join(folder, name)]);
  const [small, big] = [await start('small'), await start('big')];
  const { sdkAppId, secretKey } = benchApp;
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const app = {
    sdkAppId,
    secretKey,
    userSig: await signUserSig({ sdkAppId, secretKey, userId: 'administrator', nowSeconds }),
  };
  const runOf = ({ port }: Child): Run => {
    const streams = new Map<number, () => Buffer>();
    return async (users, spread) => {
      const next = streams.get(users) ?? portraitSets(app, { users, spread });
      streams.set(users, next);
      const check = (answer: string): boolean => answer.includes('"ErrorCode":0');
      const { perSecond, failures } = await runLoad({ port, connections: 64, durationMs: REST_MS, next, check });
      if (failures > 0) throw new Error(`${failures} calls failed`);
      return perSecond;
    };
  };
  await compare('rest', runOf(small), runOf(big));
  await small.stop();
  await big.stop();
}

/** One endpoint with all events behind it: paused, then switched on with nobody at its address. */
async function pending(folder: string): Promise<void> {
  const store = openBenchStore(join(folder, 'big'));
  const endpointId = await addPausedEndpoint(store);
  await store.close();
  const startedAt = performance.now();
  const server = await startChild('./portrait-server.ts', ['--data', join(folder, 'big')]);
  const startMs = performance.now() - startedAt;
  await wait(5_000);
  const pausedMb = residentMb(server);
  await admin(server, 'POST', `/apps/${SDK_APP_ID}/endpoints/${endpointId}/resume`);
  await wait(10_000);
  report('million pending', { startMs, pausedMb, failingMb: residentMb(server), barMb: 250 });
  await server.stop();
}

function residentMb({ pid }: Child): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
}

const folder = temporaryFolder();
const { STORES } = process.env; // made by an earlier run
if (STORES) cpSync(STORES, folder, { recursive: true });
else {
  mkdirSync(folder, { recursive: true });
  await makeStores(folder);
}
await throughStore(folder);
await overRest(folder);
await pending(folder);
