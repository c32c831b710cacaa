/**
 * A store with 1,000,000 profiles and 1,000,000 events against one with 10,000 profiles and none: durable changes a second, through the
 * store alone and over REST; then start and memory of a server with 1,000,000 deliveries pending. Bars: 0.85 and 250 MB.
 */
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { signUserSig } from '../packages/wire/src/usersig.ts';
import {
  addPausedEndpoint,
  app as benchApp,
  change,
  fillStore,
  openBenchStore,
  SDK_APP_ID,
} from './support/big-store.ts';
import { type Child, startChild, temporaryFolder } from './support/child.ts';
import { admin, portraitSets } from './support/client.ts';
import { runLoad } from './support/load.ts';
import { median, report } from './support/measure.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const ROWS = Number(process.env.ROWS ?? 1_000_000);
const USERS = 10_000;
const CHANGES = 60_000;
const REST_MS = 5_000;

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

/** The same 10,000 busy users, spread over all profiles; and, harder, all users in turn. */
async function throughStore(folder: string): Promise<void> {
  const [small, big] = [openBenchStore(join(folder, 'small')), openBenchStore(join(folder, 'big'))];
  const runs = {
    small: () => change(small, { users: USERS, changes: CHANGES }),
    busy: () => change(big, { users: USERS, changes: CHANGES, spread: ROWS / USERS }),
    all: () => change(big, { users: ROWS, changes: CHANGES }),
  };
  const [busy, all]: number[][] = [[], []];
  for (const run of Object.values(runs)) await run();
  for (let round = 0; round < ROUNDS; round += 1) {
    const [base, ofBusy, ofAll] = [await runs.small(), await runs.busy(), await runs.all()];
    busy?.push(ofBusy.perSecond / base.perSecond);
    all?.push(ofAll.perSecond / base.perSecond);
    report(`million store round ${round + 1}`, { small: base.perSecond, busy: ofBusy.perSecond, all: ofAll.perSecond });
  }
  report('million store', { ratioBusyUsers: median(busy ?? []), ratioAllUsers: median(all ?? []), bar: 0.85 });
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
  const load = async (server: Child, users: number, spread: number): Promise<number> => {
    const next = portraitSets(app, { users, spread });
    const check = (answer: string): boolean => answer.includes('"ErrorCode":0');
    const { perSecond, failures } = await runLoad({
      port: server.port,
      connections: 64,
      durationMs: REST_MS,
      next,
      check,
    });
    if (failures > 0) throw new Error(`${failures} calls failed`);
    return perSecond;
  };
  const runs = {
    small: () => load(small, USERS, 1),
    busy: () => load(big, USERS, ROWS / USERS),
    all: () => load(big, ROWS, 1),
  };
  const [busy, all]: number[][] = [[], []];
  for (const run of Object.values(runs)) await run();
  for (let round = 0; round < ROUNDS; round += 1) {
    const [base, ofBusy, ofAll] = [await runs.small(), await runs.busy(), await runs.all()];
    busy?.push(ofBusy / base);
    all?.push(ofAll / base);
    report(`million rest round ${round + 1}`, { small: base, busy: ofBusy, all: ofAll });
  }
  report('million rest', { ratioBusyUsers: median(busy ?? []), ratioAllUsers: median(all ?? []), bar: 0.85 });
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
