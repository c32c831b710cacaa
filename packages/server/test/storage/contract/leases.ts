import assert from 'node:assert/strict';
import { APP, sampleApp, sampleEndpoint } from '../../support/samples.ts';
import type { AddCase } from './given.ts';

const LEASE_MS = 10_000;

/** Who may work on a lane. */
export function leaseCases(add: AddCase): void {
  add('the first who asks gets every lane, for as long as he asked', async ({ store, lanes }) => {
    const leases = await store.claimLanes({ owner: 'node-1', leaseMs: LEASE_MS });
    assert.deepEqual(
      leases.map(({ lane }) => lane),
      lanes,
    );
    for (const { epoch, leaseMs } of leases) {
      assert.ok(epoch >= 1);
      assert.equal(leaseMs, LEASE_MS);
    }
  });

  add('a renewal keeps the epoch and the lanes, as often as it comes in time', async ({ store, clock }) => {
    const leases = await store.claimLanes({ owner: 'node-1', leaseMs: LEASE_MS });
    for (let i = 0; i < 3; i += 1) {
      clock.advance(LEASE_MS - 1);
      assert.deepEqual(await store.claimLanes({ owner: 'node-2', leaseMs: LEASE_MS }), []);
      assert.deepEqual(await store.claimLanes({ owner: 'node-1', leaseMs: LEASE_MS }), leases);
    }
  });

  add('a lease that ran out goes to the next who asks, with a higher epoch', async ({ store, clock }) => {
    const before = await store.claimLanes({ owner: 'node-1', leaseMs: LEASE_MS });
    clock.advance(LEASE_MS + 1);
    const after = await store.claimLanes({ owner: 'node-2', leaseMs: LEASE_MS });
    assert.deepEqual(
      after.map(({ endedMsAgo: _, ...lease }) => lease),
      before.map((lease) => ({ ...lease, epoch: lease.epoch + 1 })),
    );
    assert.deepEqual(await store.claimLanes({ owner: 'node-1', leaseMs: LEASE_MS }), []);
  });

  add('who is late, but not too late for others, goes on with his epoch', async ({ store, clock }) => {
    const leases = await store.claimLanes({ owner: 'node-1', leaseMs: LEASE_MS });
    clock.advance(LEASE_MS * 5);
    assert.deepEqual(await store.claimLanes({ owner: 'node-1', leaseMs: LEASE_MS }), leases);
    assert.deepEqual(await store.claimLanes({ owner: 'node-2', leaseMs: LEASE_MS }), []);
  });

  add('lanes that are given up are free at once, those of others stay', async ({ store }) => {
    const before = await store.claimLanes({ owner: 'node-1', leaseMs: LEASE_MS });
    await store.releaseLanes('node-2');
    assert.deepEqual(await store.claimLanes({ owner: 'node-2', leaseMs: LEASE_MS }), []);
    await store.releaseLanes('node-1');
    const after = await store.claimLanes({ owner: 'node-2', leaseMs: LEASE_MS });
    assert.deepEqual(
      after,
      before.map((lease) => ({ ...lease, epoch: lease.epoch + 1 })),
    );
  });

  add('epochs go on growing after the store was closed', async (given) => {
    const [before] = await given.store.claimLanes({ owner: 'node-1', leaseMs: LEASE_MS });
    await given.store.releaseLanes('node-1');
    await given.reopen();
    const [after] = await given.store.claimLanes({ owner: 'node-2', leaseMs: LEASE_MS });
    assert.ok((after?.epoch ?? 0) > (before?.epoch ?? 0));
  });

  add('two who ask at the same time never get the same lane', async ({ store, lanes }) => {
    const claims = await Promise.all(
      ['node-1', 'node-2', 'node-3'].map((owner) => store.claimLanes({ owner, leaseMs: LEASE_MS })),
    );
    const given = claims.flat().map(({ lane }) => lane);
    assert.deepEqual(
      given.toSorted((a, b) => a - b),
      lanes,
    );
  });

  add('only the epoch of the lane can settle: an older or a later one writes nothing', async (given) => {
    await given.store.createApp(sampleApp());
    await given.store.createEndpoint(sampleEndpoint());
    const [event] = await given.announceAll(['id1']);
    const lane = given.laneOf('id1');
    const old = await given.claim('node-1');
    given.clock.advance(60_001);
    const epoch = await given.claim('node-2');
    const parked = [{ userId: 'id1', lane, attempts: 1, nextTryAtMs: 1, reason: 'timeout', waiting: [1] }];
    const attempts = [{ seq: 1, number: 1, atMs: 1, outcome: 'failed', durationMs: 1 }] as const;
    for (const wrong of [old, epoch + 1, -1]) {
      const late = given.settle({ endpointId: 'ep_1', lane, epoch: wrong, seq: 1 }, { parked, attempts });
      await assert.rejects(late, { name: 'StoreError', kind: 'lease-lost' }, `epoch ${wrong}`);
    }
    assert.deepEqual(await given.progress('ep_1'), { seq: 0, doneAhead: [] });
    assert.deepEqual((await given.store.loadProgress('ep_1')).parked, []);
    assert.deepEqual((await given.store.getDelivery(event?.eventId ?? '', 'ep_1'))?.attempts, []);
    await given.settle({ endpointId: 'ep_1', lane, epoch, seq: 1 });
    assert.deepEqual(await given.progress('ep_1'), { seq: 1, doneAhead: [] });
  });

  add('a settlement that comes too late fails alone among changes and other settlements', async (given) => {
    await given.store.createApp(sampleApp());
    for (const endpointId of ['ep_1', 'ep_2']) await given.store.createEndpoint(sampleEndpoint({ endpointId }));
    await given.announceAll(['id1', 'id1']);
    const lane = given.laneOf('id1');
    const epoch = await given.claim();
    const results = await Promise.allSettled([
      given.settle({ endpointId: 'ep_1', lane, epoch, seq: 1 }),
      given.settle({ endpointId: 'ep_2', lane, epoch: epoch - 1, seq: 2 }),
      given.settle({ endpointId: 'ep_3', lane, epoch, seq: 2 }),
      given.set('id1', 'Ann'),
    ]);
    assert.deepEqual(
      results.map((result) => (result.status === 'rejected' ? result.reason.kind : 'stored')),
      ['stored', 'lease-lost', 'missing', 'stored'],
    );
    assert.deepEqual([(await given.progress('ep_1')).seq, (await given.progress('ep_2')).seq], [1, 0]);
    assert.equal((await given.readLane(lane, APP)).length, 3);
  });
}
