import assert from 'node:assert/strict';
import type { ParkedUser } from '../../../src/storage/store.ts';
import { sampleApp, sampleEndpoint } from '../../support/samples.ts';
import { type AddCase, countTo, type Given, type SettlePlace, sampleAttempt } from './given.ts';

/** An endpoint with events of its lane, claimed. */
async function start(given: Given, userIds: readonly string[]): Promise<(seq: number) => SettlePlace> {
  await given.store.createApp(sampleApp());
  await given.store.createEndpoint(sampleEndpoint());
  await given.announceAll(userIds);
  const place = { endpointId: 'ep_1', lane: given.laneOf('id1'), epoch: await given.claim() };
  return (seq) => ({ ...place, seq });
}

async function parkedUsers(given: Given): Promise<readonly ParkedUser[]> {
  const { parked } = await given.store.loadProgress('ep_1');
  return parked.toSorted((a, b) => (a.userId < b.userId ? -1 : 1));
}

/** What came of deliveries, stored and read again. */
export function settleCases(add: AddCase): void {
  add('a cursor comes back as it was settled, with what is done beyond it', async (given) => {
    const at = await start(
      given,
      countTo(70).map(() => 'id1'),
    );
    const { lane } = at(0);
    for (const [seq, doneAhead] of [
      [0, [2, 4]],
      [3, []],
      [5, [7]],
      [5, [7, 8, 9, 14, 15, 22, 23, 24, 69]],
      [5, [13]],
      [9, [11, 70]],
      [70, []],
    ] as const) {
      await given.settle(at(seq), { cursor: { lane, seq, doneAhead } });
      assert.deepEqual(await given.progress('ep_1'), { seq, doneAhead });
    }
  });

  add('done far ahead of the cursor, a whole window of it, is kept', async (given) => {
    const at = await start(given, ['id1']);
    const { lane } = at(0);
    const doneAhead = countTo(512).filter((seq) => seq > 1);
    await given.settle(at(0), { cursor: { lane, seq: 0, doneAhead } });
    await given.reopen();
    assert.deepEqual(await given.progress('ep_1'), { seq: 0, doneAhead });
  });

  add('attempts are added to their delivery, in order of their number', async (given) => {
    const at = await start(given, ['id1', 'id1']);
    const failed = sampleAttempt({ seq: 1, number: 1, outcome: 'failed', reason: 'status', status: 500 });
    const again = sampleAttempt({ seq: 1, number: 2, outcome: 'delivered', status: 200 });
    await given.settle(at(0), { attempts: [sampleAttempt({ seq: 2 }), failed] });
    await given.settle(at(2), { attempts: [again] });
    const [second, first] = await given.deliveries();
    assert.deepEqual(first?.attempts, [failed, again]);
    assert.deepEqual(second?.attempts, [sampleAttempt({ seq: 2 })]);
  });

  add('a settlement that is stored twice is stored once', async (given) => {
    const [, other] = given.usersOfOneLane(2) as [string, string];
    const at = await start(given, ['id1', other, 'id1']);
    const { lane } = at(0);
    const members = {
      cursor: { lane, seq: 1, doneAhead: [3] },
      attempts: [sampleAttempt({ seq: 1, outcome: 'failed' as const }), sampleAttempt({ seq: 2 })],
      parked: [{ userId: 'id1', lane, attempts: 1, nextTryAtMs: 5, reason: 'timeout', waiting: [1, 3] }],
    };
    await given.settle(at(1), members);
    const [progress, deliveries] = [await given.store.loadProgress('ep_1'), await given.deliveries()];
    await given.settle(at(1), members);
    assert.deepEqual(await given.store.loadProgress('ep_1'), progress);
    assert.deepEqual(await given.deliveries(), deliveries);
  });

  add('a parked user is kept with what waits, in order, also after the store was closed', async (given) => {
    const [a, b] = given.usersOfOneLane(2) as [string, string];
    const at = await start(given, [a, b, a, a, b]);
    const { lane } = at(0);
    const ofA = { userId: a, lane, attempts: 2, nextTryAtMs: 1_795_428_030_000, reason: 'status' };
    const ofB = { userId: b, lane, attempts: 7, nextTryAtMs: undefined, reason: 'rejected' };
    await given.settle(at(3), { parked: [{ ...ofA, waiting: [1, 3] }] });
    await given.settle(at(5), {
      parked: [
        { ...ofB, waiting: [2, 5] },
        { ...ofA, waiting: [4] },
      ],
    });
    const expected = [
      { ...ofA, waiting: [1, 3, 4] },
      { ...ofB, waiting: [2, 5] },
    ];
    assert.deepEqual(await parkedUsers(given), expected);
    await given.reopen();
    assert.deepEqual(await parkedUsers(given), expected);
  });

  add('the state of a parked user is replaced, what waits is added to', async (given) => {
    const at = await start(given, ['id1', 'id1', 'id1']);
    const { lane } = at(0);
    const first = { userId: 'id1', lane, attempts: 1, nextTryAtMs: 1_000, reason: 'timeout', waiting: [1, 2] };
    const next = { userId: 'id1', lane, attempts: 2, nextTryAtMs: undefined, reason: 'status', waiting: [] };
    await given.settle(at(2), { parked: [first] });
    await given.settle(at(2), { parked: [next] });
    assert.deepEqual(await parkedUsers(given), [{ ...next, waiting: [1, 2] }]);
    await given.settle(at(3), { parked: [{ ...next, nextTryAtMs: 9, waiting: [3] }] });
    assert.deepEqual(await parkedUsers(given), [{ ...next, nextTryAtMs: 9, waiting: [1, 2, 3] }]);
  });

  add('what waits no longer is gone, and so is a user for whom nothing waits', async (given) => {
    const [a, b] = given.usersOfOneLane(2) as [string, string];
    const at = await start(given, [a, b, a, b]);
    const { lane } = at(0);
    const user = (userId: string, waiting: readonly number[]): ParkedUser => {
      return { userId, lane, attempts: 1, nextTryAtMs: 5, reason: 'timeout', waiting };
    };
    await given.settle(at(4), { parked: [user(a, [1, 3]), user(b, [2, 4])] });
    await given.settle(at(4), {
      unparkedSeqs: [
        { userId: a, seq: 1 },
        { userId: b, seq: 2 },
        { userId: b, seq: 4 },
      ],
      unparkedUsers: [b],
      parked: [{ ...user(a, []), attempts: 0, nextTryAtMs: 6 }],
    });
    assert.deepEqual(await parkedUsers(given), [{ ...user(a, [3]), attempts: 0, nextTryAtMs: 6 }]);
  });

  add('a user who is let go and parked anew in one settlement has only what is new', async (given) => {
    const at = await start(given, ['id1', 'id1']);
    const { lane } = at(0);
    const parked = { userId: 'id1', lane, attempts: 1, nextTryAtMs: 5, reason: 'timeout' };
    await given.settle(at(1), { parked: [{ ...parked, waiting: [1] }] });
    await given.settle(at(2), {
      unparkedSeqs: [{ userId: 'id1', seq: 1 }],
      parked: [{ ...parked, reason: 'status', waiting: [2] }],
    });
    assert.deepEqual(await parkedUsers(given), [{ ...parked, reason: 'status', waiting: [2] }]);
  });

  add('a user can be parked for one endpoint and not for another', async (given) => {
    const at = await start(given, ['id1']);
    await given.store.createEndpoint(sampleEndpoint({ endpointId: 'ep_2' }));
    const { lane } = at(0);
    const parked = [{ userId: 'id1', lane, attempts: 1, nextTryAtMs: 5, reason: 'timeout', waiting: [1] }];
    await given.settle(at(1), { parked });
    await given.settle({ ...at(1), endpointId: 'ep_2' });
    assert.deepEqual((await given.store.loadProgress('ep_2')).parked, []);
    assert.deepEqual(await parkedUsers(given), parked);
  });

  add('an endpoint that is gone can not be settled', async (given) => {
    const at = await start(given, ['id1']);
    await given.store.deleteEndpoint('ep_1');
    await assert.rejects(given.settle(at(1)), { name: 'StoreError', kind: 'missing' });
    await assert.rejects(given.store.loadProgress('ep_1'), { name: 'StoreError', kind: 'missing' });
  });

  add('settlements of many endpoints and changes at the same time are all stored', async (given) => {
    const at = await start(
      given,
      countTo(20).map(() => 'id1'),
    );
    const { lane } = at(0);
    const endpoints = countTo(10).map((number) => `ep_more${number}`);
    for (const endpointId of endpoints) await given.store.createEndpoint(sampleEndpoint({ endpointId }));
    const settleAll = async (endpointId: string): Promise<void> => {
      for (const seq of countTo(20)) {
        const cursor = { lane, seq, doneAhead: [] };
        await given.settle({ ...at(seq), endpointId }, { cursor, attempts: [sampleAttempt({ seq })] });
      }
    };
    await Promise.all([...endpoints.map(settleAll), ...countTo(200).map((number) => given.set('id1', number))]);
    for (const endpointId of endpoints) {
      assert.equal((await given.progress(endpointId)).seq, 20);
      const states = Object.groupBy(await given.deliveries({ endpointId }), ({ state }) => state);
      assert.deepEqual([states.delivered?.length, states.pending?.length], [20, 200]);
    }
  });
}
