/** What removing old events costs the changes that come meanwhile: rate and p99 with it, as a share of those without. Bars: 0.9 and 1 / 0.9. */
import { systemClock } from '../packages/server/src/clock.ts';
import { Directory } from '../packages/server/src/directory.ts';
import { createLog } from '../packages/server/src/log.ts';
import { startRetention } from '../packages/server/src/retention/retention.ts';
import type { Store } from '../packages/server/src/storage/store.ts';
import { addSettledEndpoint, type ChangeResult, change, fillStore, openBenchStore } from './support/big-store.ts';
import { temporaryFolder } from './support/child.ts';
import { median, report } from './support/measure.ts';
import { SDK_APP_ID } from './support/sample-settings.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 24);
const USERS = 10_000;
const OLD_EVENTS = 200_000;
/** Short rounds, in turns, so that what else the machine does falls on both. */
const CHANGES = 15_000;

/** @returns events that were removed meanwhile, per second */
async function whileRemoving<T>(store: Store, run: () => Promise<T>): Promise<{ result: T; removedPerSecond: number }> {
  const first = await firstSeq(store);
  const startedAt = performance.now();
  const directory = await Directory.load(store);
  const retention = startRetention({ store, directory, clock: systemClock, log: createLog('silent'), retentionMs: 1 });
  const result = await run();
  await retention.close();
  const seconds = (performance.now() - startedAt) / 1_000;
  return { result, removedPerSecond: ((await firstSeq(store)) - first) / seconds };
}

async function firstSeq(store: Store): Promise<number> {
  const [tail] = await store.readTails(SDK_APP_ID);
  if (!tail) throw new Error('all old events are gone: the figures would be of nothing');
  return tail.seq;
}

const store = openBenchStore(temporaryFolder());
await fillStore(store, { users: USERS, events: OLD_EVENTS });
await addSettledEndpoint(store, OLD_EVENTS);
await change(store, { users: USERS, changes: CHANGES });
const plain: ChangeResult[] = [];
const busy: ChangeResult[] = [];
const removed: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  plain.push(await change(store, { users: USERS, changes: CHANGES }));
  const { result, removedPerSecond } = await whileRemoving(store, () =>
    change(store, { users: USERS, changes: CHANGES }),
  );
  busy.push(result);
  removed.push(removedPerSecond);
}
const perSecond = (results: readonly ChangeResult[]): number => median(results.map((result) => result.perSecond));
const p99 = (results: readonly ChangeResult[]): number => median(results.map((result) => result.p99));
report('retention without', { perSecond: perSecond(plain), p99: p99(plain) });
report('retention with', { perSecond: perSecond(busy), p99: p99(busy), removedPerSecond: median(removed) });
const ratio = median(busy.map((result, round) => result.perSecond / (plain[round]?.perSecond ?? 0)));
report('retention', { rate: ratio, p99: p99(busy) / p99(plain), barRate: 0.9, barP99: 1 / 0.9 });
await store.close();
