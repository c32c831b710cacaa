import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { APP, sampleEndpoint, sampleEvent } from '../../test/support/samples.ts';
import { StoreError } from '../errors.ts';
import type { LaneNews, LogPlace } from '../storage/shared-store.ts';
import type { Attempt, ChangeEvent, Delivery, DeliveryState } from '../storage/store.ts';
import { Activity } from './activity.ts';
import { FollowOthers } from './follow-others.ts';

/** A log of two lanes with deliveries to one endpoint, that others write. */
class FakeStore {
  readonly laneCount = 2;
  readonly deliveries = new Map<string, Delivery>();
  calls: string[] = [];
  fault: StoreError | undefined;

  put(event: ChangeEvent, state: DeliveryState, reason?: string): void {
    const attempt = { seq: event.seq, number: 1, atMs: 0, durationMs: 1, outcome: 'failed' } as const;
    const attempts: readonly Attempt[] = reason === undefined ? [] : [{ ...attempt, reason }];
    this.deliveries.set(`${event.lane}:${event.seq}`, { event, endpointId: 'ep_1', state, attempts });
  }

  async readLaneNews({ sdkAppIds = [] }: { readonly sdkAppIds?: readonly number[] }): Promise<readonly LaneNews[]> {
    this.#called('heads');
    return sdkAppIds.flatMap((sdkAppId) =>
      [0, 1].map((lane) => {
        const seqs = [...this.deliveries.values()]
          .filter(({ event }) => event.lane === lane)
          .map(({ event }) => event.seq);
        return { sdkAppId, lane, seq: Math.max(0, ...seqs), endings: 0 };
      }),
    );
  }

  async readDeliveries({ places }: { readonly places: readonly LogPlace[] }): Promise<readonly Delivery[]> {
    this.#called(`${places.length}`);
    return places.flatMap(({ lane, seq }) => this.deliveries.get(`${lane}:${seq}`) ?? []);
  }

  async listDeliveries({ states = [] }: { readonly states?: readonly DeliveryState[] }) {
    this.#called('list');
    return { items: [...this.deliveries.values()].filter(({ state }) => states.includes(state)).reverse() };
  }

  #called(what: string): void {
    this.calls.push(what);
    if (this.fault) throw this.fault;
  }
}

/** An activity among other nodes, and one who looks on. */
function start() {
  const [store, clock] = [new FakeStore(), new FakeClock()];
  const activity = new Activity(() => [sampleEndpoint()]);
  const state = { isAlone: false, faults: 0 };
  const log = {
    error: () => {
      state.faults += 1;
    },
  };
  activity.join(new FollowOthers({ activity, store, clock, log, isAlone: () => state.isAlone }));
  const told: string[] = [];
  let gaps = 0;
  const unfollow = activity.follow(APP, {
    onUpdates: (updates) => {
      for (const { userId, sequence, state: now, reason } of updates) {
        told.push(`${userId}#${sequence} ${now}${reason === undefined ? '' : ` ${reason}`}`);
      }
    },
    onGap: () => {
      gaps += 1;
    },
    onClose: () => undefined,
  });
  const look = async () => {
    clock.advance(1_000);
    for (let turns = 0; turns < 20; turns += 1) await Promise.resolve();
    return { told: told.splice(0), gaps };
  };
  return { store, clock, activity, state, look, unfollow };
}

test('changes of others are told oldest first, then what becomes of them, and nothing twice', async () => {
  const { store, activity, look } = start();
  const before = sampleEvent({ seq: 1, userId: 'ann', atMs: 1_000 });
  store.put(before, 'retrying', 'timeout');
  store.put(sampleEvent({ seq: 2, userId: 'ann', atMs: 1_500 }), 'delivered');
  await activity.begun(APP);
  assert.deepEqual((await look()).told, [], 'what was there was read by who looks on');
  const bob = sampleEvent({ seq: 1, lane: 1, userId: 'bob', atMs: 3_000 });
  store.put(bob, 'pending');
  store.put(sampleEvent({ seq: 3, userId: 'ann', version: 3, atMs: 2_000 }), 'delivered');
  assert.deepEqual((await look()).told, ['ann#3 delivered', 'bob#1 pending']);
  store.put(bob, 'retrying', 'status');
  assert.deepEqual((await look()).told, ['bob#1 retrying status']);
  store.put(bob, 'retrying', 'timeout');
  store.put(before, 'delivered');
  assert.deepEqual((await look()).told, ['ann#1 delivered', 'bob#1 retrying timeout']);
  store.put(bob, 'dead', 'timeout');
  assert.deepEqual((await look()).told, ['bob#1 dead timeout']);
  store.put(bob, 'delivered');
  assert.deepEqual((await look()).told, ['bob#1 delivered'], 'it was sent again');
  store.calls = [];
  assert.deepEqual(await look(), { told: [], gaps: 0 });
  assert.deepEqual(store.calls, ['heads'], 'nothing is expected any more');
});

test('what this node tells itself is not told again, nor taken back before the store has it', async () => {
  const { store, activity, look } = start();
  await activity.begun(APP);
  const [ann, bob] = [sampleEvent({ seq: 1, userId: 'ann' }), sampleEvent({ seq: 1, lane: 1, userId: 'bob' })];
  const attempt = { seq: 1, number: 1, atMs: 0, durationMs: 1 } as const;
  const post = { endpoint: sampleEndpoint(), isResend: false };
  for (const event of [ann, bob]) {
    store.put(event, 'pending');
    activity.changed(event);
  }
  activity.attempted({ ...post, event: ann, attempt: { ...attempt, outcome: 'delivered' } });
  activity.attempted({ ...post, event: bob, attempt: { ...attempt, outcome: 'failed', reason: 'status' } });
  const first = ['ann#1 pending', 'bob#1 pending', 'ann#1 delivered', 'bob#1 retrying status'];
  assert.deepEqual((await look()).told, first);
  store.put(bob, 'delivered');
  assert.deepEqual((await look()).told, ['bob#1 delivered'], 'by the node that has the lane now');
});

test('what was told and is not stored is taken back', async () => {
  const { store, activity, look } = start();
  await activity.begun(APP);
  const event = sampleEvent({ seq: 1, userId: 'ann' });
  store.put(event, 'pending');
  const attempt = { seq: 1, number: 1, atMs: 0, durationMs: 1, outcome: 'failed', reason: 'status' } as const;
  activity.attempted({ endpoint: sampleEndpoint(), event, attempt, isResend: false });
  const told = [await look(), await look(), await look()].flatMap((seen) => seen.told);
  assert.deepEqual(told, ['ann#1 retrying status', 'ann#1 pending']);
});

test('more than can be told leaves a gap, and the newest are told all the same', async () => {
  const { store, activity, look } = start();
  await activity.begun(APP);
  for (let seq = 1; seq <= 1_200; seq += 1) store.put(sampleEvent({ seq, userId: 'ann', atMs: seq }), 'delivered');
  const { told, gaps } = await look();
  assert.deepEqual([told.length, told.at(-1), gaps], [1_000, 'ann#1200 delivered', 1]);
  assert.deepEqual(await look(), { told: [], gaps: 1 });
});

test('of very many that wait the newest are looked after, and there is a gap', async () => {
  const { store, activity, look } = start();
  await activity.begun(APP);
  for (let seq = 1; seq <= 20_001; seq += 1) activity.changed(sampleEvent({ seq, userId: 'ann', atMs: seq }));
  store.put(sampleEvent({ seq: 20_001, userId: 'ann', atMs: 20_001 }), 'delivered');
  const { told, gaps } = await look();
  assert.deepEqual([told.at(-1), gaps], ['ann#20001 delivered', 1]);
});

test('nothing is asked while nobody looks on, and by a node that is alone; when others come there is a gap', async () => {
  const { store, activity, state, look, unfollow } = start();
  state.isAlone = true;
  await activity.begun(APP);
  await look();
  assert.deepEqual(store.calls, []);
  state.isAlone = false;
  store.put(sampleEvent({ seq: 1, userId: 'ann' }), 'delivered');
  assert.deepEqual(await look(), { told: [], gaps: 1 });
  store.put(sampleEvent({ seq: 2, userId: 'ann' }), 'delivered');
  assert.deepEqual((await look()).told, ['ann#2 delivered']);
  unfollow();
  store.calls = [];
  await look();
  await look();
  assert.deepEqual(store.calls, []);
  await activity.close();
});

test('a store that does not answer loses nothing', async () => {
  const { store, activity, state, look } = start();
  store.fault = new StoreError('unavailable');
  await activity.begun(APP);
  assert.deepEqual(await look(), { told: [], gaps: 0 });
  store.fault = undefined;
  assert.deepEqual(await look(), { told: [], gaps: 1 }, 'it begins only now');
  store.put(sampleEvent({ seq: 1, userId: 'ann' }), 'delivered');
  store.fault = new StoreError('unavailable');
  assert.deepEqual((await look()).told, []);
  store.fault = undefined;
  assert.deepEqual((await look()).told, ['ann#1 delivered']);
  assert.ok(state.faults >= 3);
  await activity.close();
});
