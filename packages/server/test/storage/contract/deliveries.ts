import assert from 'node:assert/strict';
import { formatEventId } from '../../../src/storage/event-id.ts';
import { type ChangeEvent, DELIVERY_STATES, type Delivery, type DeliveryQuery } from '../../../src/storage/store.ts';
import { APP, OTHER_APP, sampleApp, sampleEndpoint } from '../../support/samples.ts';
import { type AddCase, countTo, type Given, sampleAttempt } from './given.ts';

const NEXT_TRY_AT_MS = 1_795_500_000_000;

/** Ten events of one lane, in every state that a delivery to `ep_1` can have. */
async function everyState(given: Given): Promise<readonly ChangeEvent[]> {
  const [a, b, c, d, e, f, g] = given.usersOfOneLane(7) as [string, string, string, string, string, string, string];
  await given.store.createApp(sampleApp());
  await given.store.createEndpoint(sampleEndpoint());
  const events = await given.announceAll([a, b, c, d, e, f, g, c, d, a]);
  const lane = given.laneOf('id1');
  const parked = (userId: string, waiting: readonly number[], nextTryAtMs: number | undefined) => {
    return { userId, lane, attempts: 1, nextTryAtMs, reason: 'status', waiting };
  };
  const place = { endpointId: 'ep_1', lane, epoch: await given.claim(), seq: 5 };
  await given.settle(place, {
    cursor: { lane, seq: 5, doneAhead: [7, 8, 9] },
    attempts: [
      sampleAttempt({ seq: 1 }),
      sampleAttempt({ seq: 2, outcome: 'failed', reason: 'status', status: 500 }),
      sampleAttempt({ seq: 2, number: 2, outcome: 'dead', reason: 'status', status: 500, answer: 'oops' }),
      sampleAttempt({ seq: 3, outcome: 'failed', reason: 'timeout' }),
      sampleAttempt({ seq: 4, outcome: 'dead', reason: 'rejected', status: 200 }),
      sampleAttempt({ seq: 7 }),
    ],
    parked: [parked(c, [3, 8], NEXT_TRY_AT_MS), parked(d, [4, 9], undefined)],
  });
  return events;
}

/** The delivery log. */
export function deliveryCases(add: AddCase): void {
  add('a delivery shows how it stands', async (given) => {
    const events = await everyState(given);
    const expected = [
      'delivered',
      'dead',
      'retrying',
      'held',
      'skipped',
      'pending',
      'delivered',
      'waiting',
      'waiting',
      'pending',
    ];
    for (const [index, event] of events.entries()) {
      const delivery = await given.store.getDelivery(event.eventId, 'ep_1');
      assert.equal(delivery?.state, expected[index], `event ${event.seq}`);
      assert.deepEqual([delivery?.event, delivery?.endpointId], [event, 'ep_1']);
      const nextTryAtMs = delivery?.state === 'retrying' ? NEXT_TRY_AT_MS : undefined;
      assert.equal(delivery?.nextTryAtMs, nextTryAtMs);
      assert.equal('nextTryAtMs' in (delivery ?? {}), nextTryAtMs !== undefined);
    }
    const states = (await given.deliveries()).map(({ state }) => state);
    assert.deepEqual(states, expected.toReversed());
  });

  add(
    'a delivery in a list is the same as one that is asked for alone, but for what was sent and answered',
    async (given) => {
      await everyState(given);
      for (const delivery of await given.deliveries()) {
        const whole = await given.store.getDelivery(delivery.event.eventId, 'ep_1');
        const attempts = whole?.attempts.map(({ answer: _, request: __, answerHeaders: ___, ...attempt }) => attempt);
        assert.deepEqual({ ...whole, attempts }, delivery);
      }
    },
  );

  add('there is no delivery of what there is not', async (given) => {
    const [event] = await everyState(given);
    await given.store.createApp(sampleApp({ sdkAppId: OTHER_APP }));
    await given.store.createEndpoint(sampleEndpoint({ endpointId: 'ep_other', sdkAppId: OTHER_APP }));
    const { eventId, atMs, sdkAppId, lane, seq } = event as ChangeEvent;
    for (const [wrongEvent, wrongEndpoint] of [
      [eventId, 'ep_none'],
      [eventId, 'ep_other'],
      [formatEventId({ atMs, sdkAppId, lane, seq: 99 }), 'ep_1'],
      [formatEventId({ atMs: atMs + 1, sdkAppId, lane, seq }), 'ep_1'],
      [formatEventId({ atMs, sdkAppId: OTHER_APP, lane, seq }), 'ep_other'],
      [formatEventId({ atMs, sdkAppId, lane: given.store.laneCount, seq }), 'ep_1'],
      ['evt_', 'ep_1'],
      ['', ''],
    ] as const) {
      assert.equal(
        await given.store.getDelivery(wrongEvent, wrongEndpoint),
        undefined,
        `${wrongEvent} ${wrongEndpoint}`,
      );
    }
  });

  add('a list is newest first, over all lanes', async (given) => {
    await given.store.createApp(sampleApp());
    await given.store.createEndpoint(sampleEndpoint());
    const users = countTo(30).map((number) => `id${number % 12}`);
    const events = await given.announceAll(users);
    assert.deepEqual(
      (await given.deliveries()).map(({ event }) => event),
      events.toReversed(),
    );
  });

  add('pages have each delivery once, whatever their size', async (given) => {
    await everyState(given);
    await given.store.createEndpoint(sampleEndpoint({ endpointId: 'ep_2', startFrom: 'now', createdAtMs: 2 }));
    await given.announceAll(['x1', 'x2', 'id1', 'x3']);
    await given.store.createEndpoint(sampleEndpoint({ endpointId: 'ep_3', startFrom: 'now', createdAtMs: 3 }));
    const all = await given.deliveries();
    assert.equal(all.length, 14 * 3);
    assert.equal(new Set(all.map(keyOf)).size, all.length);
    for (const limit of [1, 2, 5, 14, 41, 42])
      assert.deepEqual(await given.deliveries({ limit }), all, `limit ${limit}`);
  });

  add('what comes while one reads page by page does not shift the pages', async (given) => {
    const events = await everyState(given);
    const first = await given.store.listDeliveries({ sdkAppId: APP, limit: 4 });
    await given.announceAll(['x1', 'id1', 'x2']);
    const rest = await given.deliveries({ limit: 4, cursor: first.nextCursor ?? '' });
    assert.deepEqual(
      [...first.items, ...rest].map(({ event }) => event.eventId),
      events.map(({ eventId }) => eventId).toReversed(),
    );
  });

  add('filters narrow a list, each alone and together', async (given) => {
    const events = await everyState(given);
    await given.store.createEndpoint(
      sampleEndpoint({ endpointId: 'ep_2', startFrom: events[6]?.eventId ? iso(events[6].atMs) : '' }),
    );
    await given.announceAll(['x1', 'x2', 'x1', 'id1']);
    const all = await given.deliveries();
    const [, second] = events as [ChangeEvent, ChangeEvent];
    const middle = events[6] as ChangeEvent;
    const queries: Partial<DeliveryQuery>[] = [
      ...DELIVERY_STATES.map((state) => ({ states: [state] })),
      ...['id1', second.userId, 'x1', 'nobody'].map((userId) => ({ userId })),
      { endpointId: 'ep_1' },
      { endpointId: 'ep_2' },
      { endpointId: 'ep_none' },
      { fromMs: middle.atMs },
      { fromMs: middle.atMs + 1 },
      { toMs: middle.atMs },
      { toMs: middle.atMs - 1 },
      { fromMs: second.atMs, toMs: middle.atMs },
      { fromMs: middle.atMs, toMs: middle.atMs },
      { fromMs: 0, toMs: 1 },
      { fromMs: given.clock.now() + 1 },
      { userId: 'id1', states: ['pending'] },
      { userId: 'id1', fromMs: middle.atMs },
      { userId: 'id1', toMs: middle.atMs },
      { userId: 'id1', endpointId: 'ep_2', states: ['skipped'] },
      { endpointId: 'ep_1', states: ['delivered'], fromMs: second.atMs, toMs: middle.atMs },
      { userId: second.userId, endpointId: 'ep_1', states: ['dead'], fromMs: second.atMs, toMs: second.atMs },
    ];
    for (const query of queries) {
      const expected = all.filter((delivery) => fits(delivery, query));
      for (const limit of [1, 3, 100]) {
        assert.deepEqual(await given.deliveries({ ...query, limit }), expected, JSON.stringify({ ...query, limit }));
      }
    }
  });

  add('several endpoints each have their own deliveries of an event', async (given) => {
    await given.store.createApp(sampleApp());
    const endpoints = ['ep_c', 'ep_a', 'ep_b'];
    for (const endpointId of endpoints) await given.store.createEndpoint(sampleEndpoint({ endpointId }));
    const [event] = (await given.announceAll(['id1'])) as [ChangeEvent];
    const place = { endpointId: 'ep_a', lane: event.lane, epoch: await given.claim(), seq: 1 };
    await given.settle(place, { attempts: [sampleAttempt({ seq: 1 })] });
    const states = (await given.deliveries()).map(({ endpointId, state }) => [endpointId ?? '', state] as const);
    assert.deepEqual(states.toSorted(), [
      ['ep_a', 'delivered'],
      ['ep_b', 'pending'],
      ['ep_c', 'pending'],
    ]);
  });

  add('an app sees its own deliveries only', async (given) => {
    await everyState(given);
    await given.store.createApp(sampleApp({ sdkAppId: OTHER_APP }));
    await given.store.createEndpoint(sampleEndpoint({ endpointId: 'ep_other', sdkAppId: OTHER_APP }));
    assert.deepEqual(await given.deliveries({ sdkAppId: OTHER_APP }), []);
    assert.deepEqual(await given.deliveries({ sdkAppId: OTHER_APP, endpointId: 'ep_1' }), []);
    await given.announceAll(['id1'], OTHER_APP);
    assert.deepEqual(
      (await given.deliveries({ sdkAppId: OTHER_APP })).map(({ endpointId, event }) => [endpointId, event.sdkAppId]),
      [['ep_other', OTHER_APP]],
    );
    assert.equal((await given.deliveries({ sdkAppId: APP })).length, 10);
  });

  add('a deleted account leaves its deliveries in the log', async (given) => {
    const events = await everyState(given);
    await given.store.commitChange({ kind: 'delete', sdkAppId: APP, userId: 'id1' });
    const own = await given.deliveries({ userId: 'id1' });
    assert.deepEqual(
      own.map(({ event }) => event.seq),
      [10, 1],
    );
    assert.deepEqual(own.at(-1)?.event, events[0]);
  });

  add('a search for the one among thousands ends, and finds it', async (given) => {
    await given.store.createApp(sampleApp());
    await given.store.createEndpoint(sampleEndpoint());
    await given.importUser('id1');
    const rare = await given.announce('id1', 'rare');
    await Promise.all(countTo(5_400).map((number) => given.set('id1', number)));
    const place = { endpointId: 'ep_1', lane: rare.lane, epoch: await given.claim(), seq: 1 };
    const parked = { userId: 'id1', lane: rare.lane, attempts: 7, nextTryAtMs: undefined, reason: 'status' };
    await given.settle(place, { parked: [{ ...parked, waiting: [1] }] });
    assert.deepEqual(
      (await given.deliveries({ states: ['held'], limit: 10 })).map(({ event }) => event),
      [rare],
    );
    assert.deepEqual(
      (await given.deliveries({ states: ['held'], userId: 'id1', limit: 10 })).map(({ event }) => event),
      [rare],
    );
    const others: Partial<DeliveryQuery>[] = [
      { states: ['dead', 'retrying'] },
      { states: ['dead'], userId: 'id1' },
      { states: ['delivered'] },
      { states: ['skipped'] },
      { reason: 'timeout' },
      { reason: 'timeout', userId: 'id1' },
    ];
    for (const query of others) assert.deepEqual(await given.deliveries(query), [], JSON.stringify(query));
    for (const sequence of [1, 700, 5_401, 5_402]) {
      const found = (await given.deliveries({ userId: 'id1', sequence })).map(({ event }) => event.version);
      assert.deepEqual(found, sequence > 5_401 ? [] : [sequence]);
    }
    assert.equal((await given.deliveries({ limit: 1_000 })).length, 5_401);
    assert.equal((await given.deliveries({ limit: 1_000, userId: 'id1' })).length, 5_401);
  });
}

const keyOf = ({ event, endpointId }: Delivery): string => `${event.eventId}.${endpointId}`;
const iso = (atMs: number): string => new Date(atMs).toISOString();

function fits({ event, endpointId, state }: Delivery, query: Partial<DeliveryQuery>): boolean {
  return (
    (query.states === undefined || query.states.includes(state)) &&
    (query.userId === undefined || event.userId === query.userId) &&
    (query.endpointId === undefined || endpointId === query.endpointId) &&
    (query.fromMs === undefined || event.atMs >= query.fromMs) &&
    (query.toMs === undefined || event.atMs <= query.toMs)
  );
}
