import assert from 'node:assert/strict';
import type { ProfileValue } from '@portrait/wire';
import type { ChangeEvent } from '../../../src/storage/store.ts';
import { APP, LEVEL, NICK, sampleApp, sampleEndpoint } from '../../support/samples.ts';
import { deleteUser } from './changes.ts';
import { type AddCase, countTo, type Given, itemsOf, type SettlePlace, sampleAttempt } from './given.ts';

/** Values that an event still names, old and new. */
function valuesOf(event: ChangeEvent): readonly ProfileValue[] {
  return [...itemsOf(event), ...event.previousItems].map(({ value }) => value).filter((value) => value !== '');
}

/** Two users who share a lane, each with three events, and an endpoint that has none of them yet. */
async function begin(given: Given): Promise<{ events: ChangeEvent[]; users: [string, string]; place: SettlePlace }> {
  const users = given.usersOfOneLane(2) as [string, string];
  const [a, b] = users;
  await given.store.createApp(sampleApp());
  await given.store.createEndpoint(sampleEndpoint());
  const events = await given.announceAll([a, b, a, b, a, b]);
  return {
    events,
    users,
    place: { endpointId: 'ep_1', lane: given.laneOf('id1'), epoch: await given.claim(), seq: 6 },
  };
}

const erasedOf = (events: readonly ChangeEvent[]): number[] =>
  events.filter(({ isErased }) => isErased).map(({ seq }) => seq);

/** Overwriting what deleted accounts left. */
export function erasureCases(add: AddCase): void {
  add('a deleted account leaves no value in its events, and no answer to them', async (given) => {
    const { events, users, place } = await begin(given);
    const refused = { outcome: 'failed', reason: 'address-refused', detail: '10.0.0.1 is private' } as const;
    const attempts = events.flatMap(({ seq }) => [
      sampleAttempt({ seq, ...refused, request: { url: 'http://10.0.0.1/?ClientIP=203.0.113.9', headers: [] } }),
      sampleAttempt({
        seq,
        number: 2,
        outcome: 'dead',
        reason: 'rejected',
        status: 200,
        detail: 'ErrorCode "name 1"',
        answerHeaders: ['x-echo', 'name 1'],
        answer: 'name 1',
      }),
    ]);
    await given.settle(place, { attempts });
    await deleteUser(given, users[0]);
    assert.equal(await given.eraseDeleted(), 3);
    const log = await given.log();
    assert.deepEqual(erasedOf(log), [1, 3, 5]);
    for (const [index, event] of log.entries()) {
      const before = events[index] as ChangeEvent;
      const delivery = await given.store.getDelivery(event.eventId, 'ep_1');
      assert.deepEqual(delivery?.event, event);
      if (event.userId === users[1]) {
        assert.deepEqual([event, delivery?.attempts], [before, attempts.slice(index * 2, index * 2 + 2)]);
        continue;
      }
      const { body, previousItems, clientIp, isErased, ...rest } = event;
      const { body: _, previousItems: __, clientIp: ___, ...restBefore } = before;
      assert.deepEqual(rest, restBefore);
      assert.deepEqual([valuesOf(event), clientIp, isErased], [[], '', true]);
      assert.deepEqual(itemsOf(event), [{ tag: NICK, value: '' }]);
      assert.equal(previousItems.length, before.previousItems.length);
      assert.deepEqual(
        [delivery?.state, delivery?.attempts],
        [
          'dead',
          [
            sampleAttempt({ seq: event.seq, ...refused }),
            sampleAttempt({ seq: event.seq, number: 2, outcome: 'dead', reason: 'rejected', status: 200 }),
          ],
        ],
      );
    }
    assert.equal(await given.eraseDeleted(), 0);
  });

  add('what is still owed is delivered first, the same bytes', async (given) => {
    const { events, users, place } = await begin(given);
    const [a] = users;
    const { lane } = place;
    await deleteUser(given, a);
    const parked = { userId: a, lane, attempts: 1, nextTryAtMs: 1, reason: 'status', waiting: [1, 3] };
    for (const [seq, doneAhead, members] of [
      [0, [], {}],
      [4, [5, 6], {}],
      [6, [], { parked: [parked] }],
      [6, [], { unparkedSeqs: [{ userId: a, seq: 1 }] }],
    ] as const) {
      await given.settle({ ...place, seq }, { cursor: { lane, seq, doneAhead }, ...members });
      assert.equal(await given.eraseDeleted(), 0, `with the cursor at ${seq}`);
      assert.deepEqual(await given.log(), events);
    }
    await given.reopen();
    await given.settle(place, { unparkedSeqs: [{ userId: a, seq: 3 }], unparkedUsers: [a] });
    assert.equal(await given.eraseDeleted(), 3);
  });

  add('another parked user, and a paused endpoint that has got it all, delay nothing', async (given) => {
    const { users, place } = await begin(given);
    const parked = { userId: users[1], lane: place.lane, attempts: 1, nextTryAtMs: 1, reason: 'status', waiting: [2] };
    await given.settle(place, { parked: [parked] });
    await given.store.updateEndpoint(sampleEndpoint({ state: 'paused' }));
    await deleteUser(given, users[0]);
    assert.equal(await given.eraseDeleted(), 3);
  });

  add('the new account of a deleted name keeps its values', async (given) => {
    const { users, place } = await begin(given);
    await deleteUser(given, users[0]);
    const [own] = (await given.announceAll([users[0]])) as [ChangeEvent];
    await given.settle({ ...place, seq: 7 });
    assert.equal(await given.eraseDeleted(), 3);
    assert.deepEqual((await given.log()).at(-1), own);
    assert.deepEqual((await given.profile(users[0]))?.fields, { [NICK]: 'name 1' });
    await given.set(users[0], [{ tag: LEVEL, value: 4 }]);
    await deleteUser(given, users[0]);
    await given.settle({ ...place, seq: 8 });
    assert.equal(await given.eraseDeleted(), 2);
    assert.deepEqual(erasedOf(await given.log()), [1, 3, 5, 7, 8]);
  });

  add('a stop in the middle is made up for: long histories are overwritten whole', async (given) => {
    await given.importUsers(['id1', 'id2']);
    await Promise.all(countTo(700).map((number) => given.set('id1', `secret ${number}`)));
    await given.announce('id2', 'kept');
    await deleteUser(given, 'id1');
    const first = await given.store.eraseDeleted(APP);
    assert.ok(first.events > 0 && first.events < 700 && !first.isDone, `${first.events} in the first step`);
    await given.reopen();
    assert.equal(await given.eraseDeleted(), 700 - first.events);
    assert.doesNotMatch(JSON.stringify(await given.log()), /secret/);
    assert.deepEqual(valuesOf((await given.history('id2'))[0] as ChangeEvent), ['kept']);
  });

  add('many deleted accounts are all overwritten, also behind one that has to wait', async (given) => {
    const users = countTo(450).map((number) => `id${number}`);
    await given.store.createApp(sampleApp());
    await given.store.createEndpoint(sampleEndpoint());
    await given.announceAll(users);
    const lane = given.laneOf('id1');
    const epoch = await given.claim();
    for (const { lane: each, seq } of await given.store.readHeads(given.lanes)) {
      const parked = { userId: 'id1', lane, attempts: 1, nextTryAtMs: 1, reason: 'status', waiting: [1] };
      await given.settle({ endpointId: 'ep_1', lane: each, epoch, seq }, each === lane ? { parked: [parked] } : {});
    }
    for (const userId of users) await deleteUser(given, userId);
    assert.equal(await given.eraseDeleted(), 449);
    await given.settle(
      { endpointId: 'ep_1', lane, epoch, seq: (await given.readLane(lane)).length },
      { unparkedSeqs: [{ userId: 'id1', seq: 1 }], unparkedUsers: ['id1'] },
    );
    assert.equal(await given.eraseDeleted(), 1);
  });

  add('a history whose start was removed by age is overwritten as far as it goes', async (given) => {
    const { events, users, place } = await begin(given);
    await given.settle(place);
    await deleteUser(given, users[0]);
    await given.removeExpired(events[2]?.atMs ?? 0);
    assert.equal(await given.eraseDeleted(), 2);
    await given.announceAll([users[0]]);
    await deleteUser(given, users[0]);
    await given.settle({ ...place, seq: 7 });
    await given.removeExpired(given.clock.now() + 1);
    assert.equal(await given.eraseDeleted(), 0, 'nothing is left of it');
  });

  add('an app that took the number of another is not overwritten for its deletions', async (given) => {
    const { users } = await begin(given);
    await deleteUser(given, users[0]);
    await given.store.deleteApp(APP);
    await given.store.createApp(sampleApp());
    const events = await given.announceAll(countTo(6).map(() => users[0]));
    assert.equal(await given.eraseDeleted(), 0);
    assert.deepEqual(await given.log(), events);
  });
}
