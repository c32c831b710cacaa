import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { APP, sampleApp, sampleEndpoint, sampleEvent } from '../../test/support/samples.ts';
import type { EndedPost } from '../activity/attempt-listener.ts';
import { StoreError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { AppBacklog } from '../storage/shared-store.ts';
import type { StatRow, StatWrite, Store } from '../storage/store.ts';
import { Stats } from './stats.ts';

const directory = { app: () => sampleApp(), apps: () => [sampleApp()], endpoint: () => sampleEndpoint() };

/** Rows in memory, as a store keeps them. */
class FakeRows {
  readonly rows = new Map<string, StatRow>();
  fault: StoreError | undefined;
  backlogs: readonly AppBacklog[] = [];

  async readBacklogs(): Promise<readonly AppBacklog[]> {
    return this.backlogs;
  }

  async writeStats({ rows }: StatWrite): Promise<void> {
    if (this.fault) throw this.fault;
    for (const row of rows) this.rows.set(`${row.atMs} ${row.writer}`, row);
  }

  async readStats({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): Promise<readonly StatRow[]> {
    return [...this.rows.values()].filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
  }

  async readEvents() {
    return [sampleEvent({ seq: 1, atMs: 0 })];
  }
}

function start(store = new FakeRows(), clock = new FakeClock(), { backlog = 0, isShared = false } = {}) {
  const log = { error() {} } as unknown as Log;
  const progress = () => [{ endpointId: 'ep_1', backlog, parkedEvents: 0, oldest: [] }];
  const parts = { store: store as unknown as Store, directory: directory as never, clock, log, progress };
  return { store, clock, stats: new Stats({ ...parts, ...(isShared && { shared: store }) }) };
}

function post(clock: FakeClock, attempt: Partial<EndedPost['attempt']>, isResend = false): EndedPost {
  const atMs = clock.now();
  return {
    endpoint: sampleEndpoint(),
    event: sampleEvent({ seq: 1, atMs: atMs - 4 }),
    attempt: { seq: 1, number: 1, atMs, outcome: 'delivered', durationMs: 6, ...attempt },
    isResend,
  };
}

test('what happens is counted in the step in which it happens', async () => {
  const { stats, clock } = start();
  stats.changed(APP);
  stats.attempted(post(clock, { outcome: 'failed' }));
  stats.attempted(post(clock, { number: 2 }));
  stats.attempted(post(clock, { outcome: 'dead' }));
  stats.attempted(post(clock, {}, true));
  clock.advance(10_000);
  stats.attempted(post(clock, {}));
  for (const window of ['15m', '1h', '6h', '24h', '7d'] as const) {
    const { total, changes, stepMs, startMs } = await stats.read(APP, window);
    assert.deepEqual([total.changes, total.failed, total.dead], [1, 1, 1], window);
    assert.deepEqual([total.delivered, total.firstAttempt], [2, 1], window);
    assert.ok(Math.abs((total.p50 ?? 0) - 10) <= 1, window);
    assert.ok(startMs + changes.length * stepMs > clock.now(), window);
  }
  const { delivered } = await stats.read(APP, '15m');
  assert.deepEqual(delivered.slice(-2), [1, 1]);
  await stats.close();
});

test('a restart forgets nothing, and minutes of the process before count beside those of now', async () => {
  const { stats, clock, store } = start();
  for (let count = 0; count < 12; count += 1) stats.changed(APP);
  await stats.close();
  const { stats: next } = start(store, clock);
  next.changed(APP);
  assert.equal((await next.read(APP, '1h')).total.changes, 13);
  const { total } = await next.read(APP, '15m');
  assert.equal(total.changes, 13);
  await next.close();
});

test('what the store does not take is stored later', async () => {
  const { stats, clock, store } = start();
  store.fault = new StoreError('full');
  stats.changed(APP);
  await clock.advance(10_000);
  store.fault = undefined;
  await stats.close();
  assert.equal([...store.rows.values()].length, 1);
});

test('what waits is looked at again and again', async () => {
  const { stats, clock } = start(undefined, undefined, { backlog: 70 });
  clock.advance(10_000);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal((await stats.read(APP, '1h')).backlog.at(-1), 70);
  await stats.close();
});

test('on a shared store what waits is that of all lanes, at either node, and only as long as it waits', async () => {
  const clock = new FakeClock();
  const { store, stats } = start(undefined, clock, { backlog: 3, isShared: true });
  const { stats: other } = start(store, clock, { backlog: 4, isShared: true });
  store.backlogs = [{ sdkAppId: APP, deliveries: 7, oldestAtMs: clock.now() - 250 }];
  for (const node of [stats, other]) {
    const { backlog, oldestPendingAgeMs } = await node.read(APP, '15m');
    assert.deepEqual([backlog.at(-1), oldestPendingAgeMs.at(-1)], [7, 250]);
  }
  clock.advance(10_000);
  await new Promise((resolve) => setImmediate(resolve));
  store.backlogs = [];
  clock.advance(10_000);
  await new Promise((resolve) => setImmediate(resolve));
  for (const node of [stats, other]) {
    assert.equal((await node.read(APP, '15m')).backlog.at(-1), 0, 'though the stored minute has 7 for its most');
    assert.equal((await node.read(APP, '1h')).backlog.at(-1), 7);
  }
  await stats.close();
  await other.close();
});

test('on a shared store other nodes read within seconds what this one counts', async () => {
  const { store, clock, stats } = start(undefined, undefined, { isShared: true });
  const { stats: other } = start(store, clock, { isShared: true });
  stats.changed(APP);
  clock.advance(2_000);
  await new Promise((resolve) => setImmediate(resolve));
  for (const window of ['15m', '1h'] as const) assert.equal((await other.read(APP, window)).changes.at(-1), 1);
  await stats.close();
  await other.close();
});
