import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ChangeEvent, Delivery } from '../../../src/storage/store.ts';
import { APP, OTHER_APP, sampleApp, sampleEndpoint } from '../../support/samples.ts';
import { type AddCase, countTo, type Given, type SettlePlace, sampleAttempt } from './given.ts';

/** Events of `id1`, a second apart, and endpoints that have none of them yet. */
async function history(given: Given, count: number, endpoints: readonly string[] = ['ep_1']): Promise<ChangeEvent[]> {
  await given.store.createApp(sampleApp());
  for (const endpointId of endpoints) await given.store.createEndpoint(sampleEndpoint({ endpointId }));
  return given.announceAll(countTo(count).map(() => 'id1'));
}

async function placeOf(given: Given, endpointId: string, seq: number): Promise<SettlePlace> {
  return { endpointId, lane: given.laneOf('id1'), epoch: await given.claim(), seq };
}

const seqsOf = (events: readonly { readonly seq: number }[]): number[] => events.map(({ seq }) => seq);
const eventsOf = (deliveries: readonly Delivery[]): number[] => deliveries.map(({ event }) => event.seq);
const afterAll = (given: Given): number => given.clock.now() + 1;

/** Removing what is old. */
export function retentionCases(add: AddCase): void {
  add('what is settled and older goes with its attempts, what is younger stays', async (given) => {
    const events = await history(given, 8);
    const [, , , , , sixth] = events as [ChangeEvent, ChangeEvent, ChangeEvent, ChangeEvent, ChangeEvent, ChangeEvent];
    await given.settle(await placeOf(given, 'ep_1', 8), {
      attempts: events.map(({ seq, atMs }) => sampleAttempt({ seq, atMs })),
    });
    assert.equal(await given.removeExpired(sixth.atMs), 5);
    assert.deepEqual(await given.log(), events.slice(5));
    assert.deepEqual(await given.store.readTails(APP), [{ lane: sixth.lane, seq: 6, atMs: sixth.atMs }]);
    assert.deepEqual(eventsOf(await given.deliveries()), [8, 7, 6]);
    assert.equal(await given.store.getDelivery(events[0]?.eventId ?? '', 'ep_1'), undefined);
    assert.equal((await given.store.getDelivery(sixth.eventId, 'ep_1'))?.attempts.length, 1);
    assert.equal(await given.removeExpired(sixth.atMs), 0, 'there is no more');
    await given.reopen();
    assert.deepEqual(await given.log(), events.slice(5));
  });

  add('what an endpoint has still to get stays, and with it all that came later', async (given) => {
    await history(given, 9, ['ep_1', 'ep_2']);
    await given.settle(await placeOf(given, 'ep_1', 9));
    await given.settle(await placeOf(given, 'ep_2', 3), {
      cursor: { lane: given.laneOf('id1'), seq: 3, doneAhead: [5, 6] },
    });
    await given.store.updateEndpoint(sampleEndpoint({ endpointId: 'ep_2', state: 'paused' }));
    assert.equal(await given.removeExpired(afterAll(given)), 3);
    assert.deepEqual(seqsOf(await given.log()), [4, 5, 6, 7, 8, 9]);
    await given.store.deleteEndpoint('ep_2');
    assert.equal(await given.removeExpired(afterAll(given)), 6);
    assert.deepEqual([await given.log(), await given.store.readTails(APP)], [[], []]);
  });

  add('what waits for a parked user stays until it is settled', async (given) => {
    await history(given, 9);
    const lane = given.laneOf('id1');
    const parked = { userId: 'id1', lane, attempts: 1, nextTryAtMs: 1, reason: 'status', waiting: [4, 6] };
    const place = await placeOf(given, 'ep_1', 9);
    await given.settle(place, { parked: [parked] });
    assert.equal(await given.removeExpired(afterAll(given)), 3);
    await given.settle(place, { unparkedSeqs: [{ userId: 'id1', seq: 4 }] });
    assert.equal(await given.removeExpired(afterAll(given)), 2);
    await given.settle(place, { unparkedSeqs: [{ userId: 'id1', seq: 6 }], unparkedUsers: ['id1'] });
    assert.equal(await given.removeExpired(afterAll(given)), 4);
  });

  add('a late attempt keeps its event, and with it all that came later', async (given) => {
    await history(given, 5);
    const boundMs = afterAll(given);
    const attempts = [sampleAttempt({ seq: 2, atMs: 1 }), sampleAttempt({ seq: 2, number: 2, atMs: boundMs })];
    await given.settle(await placeOf(given, 'ep_1', 5), { attempts });
    assert.equal(await given.removeExpired(boundMs), 1);
    assert.equal(await given.removeExpired(boundMs + 1), 4);
  });

  add('an app without endpoints keeps nothing that is old, and other apps are not touched', async (given) => {
    await history(given, 4, []);
    const others = await given.announceAll(['id1', 'id1'], OTHER_APP);
    assert.equal(await given.removeExpired(afterAll(given)), 4);
    assert.deepEqual(await given.log(OTHER_APP), others);
    assert.equal(await given.removeExpired(others[1]?.atMs ?? 0, OTHER_APP), 1);
  });

  add('what a clock that was ahead has marked as of the future stays', async (given) => {
    await history(given, 2, []);
    const startMs = given.clock.now();
    given.clock.jumpTo(startMs + 86_400_000);
    const [ahead] = await given.announceAll(['id1']);
    given.clock.jumpTo(startMs + 5_000);
    assert.equal(await given.removeExpired(given.clock.now()), 2);
    assert.deepEqual(await given.log(), [ahead]);
  });

  add('counting, versions and chains go on behind what was removed', async (given) => {
    await history(given, 5, []);
    await given.removeExpired(afterAll(given));
    await given.reopen();
    const event = await given.announce('id1', 'Ann');
    assert.deepEqual([event.seq, event.version, event.previousSeq, event.previousItems.length], [6, 6, 5, 1]);
    assert.deepEqual((await given.profile('id1'))?.lastSeq, 6);
    assert.deepEqual(await given.store.readHeads([event.lane]), [{ sdkAppId: APP, lane: event.lane, seq: 6 }]);
  });

  add('a new endpoint starts where the log begins now', async (given) => {
    const events = await history(given, 10, []);
    await given.removeExpired(events[6]?.atMs ?? 0);
    const iso = (at: number): string => new Date(events[at]?.atMs ?? 0).toISOString();
    const starts = { beginning: 6, now: 10, [iso(2)]: 6, [iso(6)]: 6, [iso(8)]: 8 };
    for (const [number, [startFrom, seq]] of Object.entries(starts).entries()) {
      await given.store.createEndpoint(sampleEndpoint({ endpointId: `ep_${number}`, startFrom }));
      assert.equal((await given.progress(`ep_${number}`)).seq, seq, startFrom);
    }
    for (const number of Object.keys(Object.keys(starts))) await given.store.deleteEndpoint(`ep_${number}`);
    await given.removeExpired(afterAll(given));
    for (const startFrom of ['beginning', iso(2)]) {
      await given.store.createEndpoint(sampleEndpoint({ endpointId: startFrom, startFrom }));
      assert.equal((await given.progress(startFrom)).seq, 10, `${startFrom}, when nothing is left`);
    }
  });

  add('lists end where the log begins, whatever is searched for', async (given) => {
    const events = await history(given, 450);
    await given.settle(await placeOf(given, 'ep_1', 450));
    let page = await given.store.listDeliveries({ sdkAppId: APP, limit: 100 });
    while ((page.items.at(-1)?.event.seq ?? 0) > 201) {
      page = await given.store.listDeliveries({ sdkAppId: APP, limit: 100, cursor: page.nextCursor ?? '' });
    }
    await given.removeExpired(events[200]?.atMs ?? 0);
    const kept = seqsOf(events.slice(200)).reverse();
    assert.deepEqual(eventsOf(await given.deliveries()), kept);
    assert.deepEqual(eventsOf(await given.deliveries({ limit: 7 })), kept);
    assert.deepEqual(eventsOf(await given.deliveries({ userId: 'id1' })), kept);
    assert.deepEqual(eventsOf(await given.deliveries({ fromMs: 0 })), kept);
    assert.deepEqual(eventsOf(await given.deliveries({ toMs: events[100]?.atMs ?? 0 })), []);
    assert.deepEqual(eventsOf(await given.deliveries({ toMs: events[202]?.atMs ?? 0 })), [203, 202, 201]);
    assert.deepEqual(
      eventsOf(await given.deliveries({ cursor: page.nextCursor ?? '' })),
      [],
      'a page that was removed',
    );
  });

  add('thousands of events go in steps, and changes get their turn between them', async (given) => {
    await given.importUsers(['id1']);
    await Promise.all(countTo(3_000).map((number) => given.set('id1', number)));
    given.clock.advance(1);
    const beforeMs = given.clock.now();
    const sizes: number[] = [];
    for (let isDone = false; !isDone; ) {
      const step = await given.store.removeExpired({ sdkAppId: APP, beforeMs });
      ({ isDone } = step);
      sizes.push(step.events);
      await given.set('id1', 'meanwhile');
    }
    assert.equal(
      sizes.reduce((sum, size) => sum + size, 0),
      3_000,
    );
    assert.ok(Math.max(...sizes) <= 1_000, `${Math.max(...sizes)} at once`);
    assert.equal((await given.log()).length, sizes.length);
  });

  add('an app that took the number of another loses nothing to its removal', async (given) => {
    await history(given, 5, []);
    await given.store.deleteApp(APP);
    await given.store.createApp(sampleApp());
    const events = await given.announceAll(['id1', 'id1']);
    assert.equal(await given.removeExpired(events[0]?.atMs ?? 0), 0);
    assert.deepEqual(await given.log(), events);
  });

  add('whatever is settled in whatever order, no step takes what is owed', async (given) => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('announce' as const), user: fc.nat(3) }),
      fc.record({ do: fc.constant('move' as const), endpoint: fc.nat(1), by: fc.nat(4), park: fc.boolean() }),
      fc.record({ do: fc.constant('unpark' as const), endpoint: fc.nat(1) }),
      fc.record({ do: fc.constant('remove' as const), keep: fc.nat(3) }),
    );
    let app = APP;
    const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), async (steps) => {
      app += 1;
      await runSteps(given, app, steps);
    });
    await fc.assert(property, { numRuns: 40 });
  });
}

type Step =
  | { readonly do: 'announce'; readonly user: number }
  | { readonly do: 'move'; readonly endpoint: number; readonly by: number; readonly park: boolean }
  | { readonly do: 'unpark'; readonly endpoint: number }
  | { readonly do: 'remove'; readonly keep: number };

/** Endpoints of one lane that get on, park and unpark, while old events are removed: what each is owed can be read. */
async function runSteps(given: Given, sdkAppId: number, steps: readonly Step[]): Promise<void> {
  const users = given.usersOfOneLane(4, sdkAppId);
  await given.importUsers(users, sdkAppId);
  const lane = given.laneOf('id1', sdkAppId);
  const epoch = await given.claim('node-1', sdkAppId);
  const readers = ['a', 'b'].map((name) => ({
    endpointId: `ep_${sdkAppId}_${name}`,
    seq: 0,
    waiting: new Map<number, string>(),
  }));
  for (const { endpointId } of readers) await given.store.createEndpoint(sampleEndpoint({ endpointId, sdkAppId }));
  const log: ChangeEvent[] = [];
  for (const one of steps) {
    given.clock.advance(1_000);
    if (one.do === 'announce') log.push(await given.announce(users[one.user] ?? '', 'a', sdkAppId));
    else if (one.do === 'remove') await given.removeExpired(log.at(-1 - one.keep)?.atMs ?? 0, sdkAppId);
    else {
      const reader = readers[one.endpoint] as (typeof readers)[number];
      const from = reader.seq;
      if (one.do === 'move') reader.seq = Math.min(reader.seq + one.by, log.length);
      const parking = one.do === 'move' && one.park && reader.seq > from ? log[reader.seq - 1] : undefined;
      if (parking) reader.waiting.set(parking.seq, parking.userId);
      const [unparked] = one.do === 'unpark' ? [...reader.waiting] : [];
      if (unparked) reader.waiting.delete(unparked[0]);
      const isLast = unparked && ![...reader.waiting.values()].includes(unparked[1]);
      const parked = parking && {
        userId: parking.userId,
        lane,
        attempts: 1,
        nextTryAtMs: 1,
        reason: 'status',
        waiting: [parking.seq],
      };
      await given.settle(
        { endpointId: reader.endpointId, lane, epoch, seq: reader.seq },
        {
          sdkAppId,
          parked: parked ? [parked] : [],
          unparkedSeqs: unparked ? [{ seq: unparked[0], userId: unparked[1] }] : [],
          unparkedUsers: unparked && isLast ? [unparked[1]] : [],
        },
      );
    }
    const kept = await given.readLane(lane, sdkAppId);
    assert.deepEqual(kept, log.slice(log.length - kept.length), 'what is left is the end of the log');
    const owed = Math.min(...readers.flatMap(({ seq, waiting }) => [seq + 1, ...waiting.keys()]));
    assert.ok((kept[0]?.seq ?? log.length + 1) <= owed, `event ${owed} is owed, the log begins at ${kept[0]?.seq}`);
  }
}
