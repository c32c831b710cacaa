/**
 * Searches of the delivery log against a model: whatever was done, each filter gives what a look at every delivery would, page by
 * page, also while changes go on.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type ChangeEvent, DELIVERY_STATES, type Delivery, type DeliveryQuery } from '../../../src/storage/store.ts';
import { APP, OTHER_APP, sampleApp, sampleEndpoint } from '../../support/samples.ts';
import { EndpointModel, type Move } from './delivery-model.ts';
import { type AddCase, type Given, sampleAttempt } from './given.ts';

const MOVES: readonly Move[] = ['deliver', 'deliver', 'deliver', 'die', 'fail', 'fail', 'hold', 'pass'];
const REASONS = ['timeout', 'status'];

type Step =
  | { readonly kind: 'announce'; readonly user: number }
  | {
      readonly kind: 'move';
      readonly endpoint: number;
      readonly nth: number;
      readonly move: Move;
      readonly reason: string;
    }
  | { readonly kind: 'endpoint'; readonly startFrom: 'now' | 'beginning' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('announce' as const), user: fc.nat(3) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('move' as const),
      endpoint: fc.nat(2),
      nth: fc.nat(4),
      move: fc.constantFrom(...MOVES),
      reason: fc.constantFrom(...REASONS),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('endpoint' as const), startFrom: fc.constantFrom('now', 'beginning') }),
  },
);

interface Search {
  readonly states?: (typeof DELIVERY_STATES)[number][];
  readonly reason?: string;
  readonly user?: number;
  readonly sequence?: number;
  readonly endpoint?: number;
  /** places of events that bound the time */
  readonly from?: number;
  readonly to?: number;
  readonly limit: number;
  /** a change comes after each page */
  readonly isBusy: boolean;
}

const search: fc.Arbitrary<Search> = fc.record(
  {
    states: fc.uniqueArray(fc.constantFrom(...DELIVERY_STATES), { minLength: 1, maxLength: 3 }),
    reason: fc.constantFrom(...REASONS, 'nothing'),
    user: fc.nat(3),
    sequence: fc.integer({ min: 1, max: 9 }),
    endpoint: fc.nat(2),
    from: fc.nat(30),
    to: fc.nat(30),
    limit: fc.constantFrom(1, 2, 3, 7, 50),
    isBusy: fc.boolean(),
  },
  { requiredKeys: ['limit', 'isBusy'] },
);

/** One app with its users, events and endpoints, beside the model of it. */
class Scene {
  readonly #given: Given;
  readonly sdkAppId: number;
  readonly users: readonly string[];
  readonly events: ChangeEvent[] = [];
  readonly endpoints: EndpointModel[] = [];

  constructor(given: Given, sdkAppId: number) {
    this.#given = given;
    this.sdkAppId = sdkAppId;
    this.users = given.usersOfOneLane(4, sdkAppId);
  }

  async announce(user: number): Promise<void> {
    this.#given.clock.advance(1_000);
    const event = await this.#given.announce(this.users[user] as string, 'a', this.sdkAppId);
    this.events.push(event);
    for (const endpoint of this.endpoints) endpoint.add(event);
  }

  async take(one: Step): Promise<void> {
    if (one.kind === 'announce') return this.announce(one.user);
    if (one.kind === 'endpoint') return this.#addEndpoint(one.startFrom);
    const endpoint = this.endpoints[one.endpoint];
    const moved = endpoint?.move(one.nth, one.move, one.reason);
    if (!endpoint || !moved) return;
    const [{ epoch = 0 } = {}] = await this.#given.store.claimLanes({ owner: 'node-1', leaseMs: 3_600_000_000 });
    const { lane } = moved.cursor;
    await this.#given.store.settle({ endpointId: endpoint.endpointId, sdkAppId: this.sdkAppId, lane, epoch, ...moved });
  }

  async #addEndpoint(startFrom: 'now' | 'beginning'): Promise<void> {
    const endpointId = `ep_${this.sdkAppId}_${this.endpoints.length}`;
    await this.#given.store.createEndpoint(sampleEndpoint({ endpointId, sdkAppId: this.sdkAppId, startFrom }));
    const model = new EndpointModel(endpointId, startFrom === 'now' ? this.events : []);
    if (startFrom === 'beginning') for (const event of this.events) model.add(event);
    this.endpoints.push(model);
  }

  queryOf({ user, endpoint, from, to, limit, states, reason, sequence }: Search): DeliveryQuery {
    const [fromMs, toMs] = [from, to].map((at) => (at === undefined ? undefined : this.events[at]?.atMs));
    return {
      sdkAppId: this.sdkAppId,
      limit,
      ...(states !== undefined && { states }),
      ...(reason !== undefined && { reason }),
      ...(user !== undefined && { userId: this.users[user] as string }),
      ...(user !== undefined && sequence !== undefined && { sequence }),
      ...(endpoint !== undefined && { endpointId: `ep_${this.sdkAppId}_${endpoint}` }),
      ...(fromMs !== undefined && { fromMs }),
      ...(toMs !== undefined && { toMs }),
    };
  }

  expected(query: DeliveryQuery): readonly string[] {
    return this.events.toReversed().flatMap((event) => {
      if (query.userId !== undefined && event.userId !== query.userId) return [];
      if (query.sequence !== undefined && event.version !== query.sequence) return [];
      if (query.fromMs !== undefined && event.atMs < query.fromMs) return [];
      if (query.toMs !== undefined && event.atMs > query.toMs) return [];
      if (this.endpoints.length === 0) return nowhere(event, query);
      return this.endpoints
        .filter((endpoint) => endpoint.fits(event.seq, query))
        .map((endpoint) => `${event.eventId} ${endpoint.endpointId} ${endpoint.stateOf(event.seq)}`);
    });
  }

  /** All pages, each asked for in its turn. */
  async read(query: DeliveryQuery, isBusy: boolean): Promise<readonly string[]> {
    const found: Delivery[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#given.store.listDeliveries({ ...query, ...(cursor !== undefined && { cursor }) });
      assert.ok(page.items.length <= query.limit);
      found.push(...page.items);
      cursor = page.nextCursor;
      if (isBusy) await this.announce(found.length % 4);
    } while (cursor !== undefined);
    for (const { state, why } of found) assert.equal(why === undefined, state === 'delivered');
    return found.map(({ event, endpointId, state }) => `${event.eventId} ${endpointId} ${state}`);
  }
}

/** An app without endpoints: all of its changes are skipped. */
function nowhere(event: ChangeEvent, { states, reason, endpointId }: DeliveryQuery): readonly string[] {
  const fits = (!states || states.includes('skipped')) && reason === undefined && endpointId === undefined;
  return fits ? [`${event.eventId} null skipped`] : [];
}

/** The delivery log is searched. */
export function deliverySearchCases(add: AddCase): void {
  add('whatever was done, a search finds what a look at every delivery would, while changes go on', async (given) => {
    let runs = 0;
    const steps = fc.array(step, { minLength: 5, maxLength: 60, size: 'max' });
    const searches = fc.array(search, { minLength: 4, maxLength: 12, size: 'max' });
    const property = fc.asyncProperty(steps, searches, async (plan, asked) => {
      const scene = new Scene(given, APP + runs);
      runs += 1;
      await given.importUsers(scene.users, scene.sdkAppId);
      for (const one of plan) await scene.take(one);
      for (const one of asked) {
        const query = scene.queryOf(one);
        const expected = scene.expected(query);
        assert.deepEqual(await scene.read(query, one.isBusy), expected, JSON.stringify(query));
      }
    });
    await fc.assert(property, { numRuns: 60 });
  });

  add('a change of an app without an endpoint is in the log, until there is one', async (given) => {
    const [event] = (await given.announceAll(['id1'])) as [ChangeEvent];
    const nowhereToGo = { event, endpointId: null, state: 'skipped', attempts: [], why: { code: 'no-endpoint' } };
    assert.deepEqual(await given.deliveries(), [nowhereToGo]);
    assert.deepEqual(await given.deliveries({ states: ['skipped'], userId: 'id1' }), [nowhereToGo]);
    assert.deepEqual(await given.store.getDelivery(event.eventId, null), nowhereToGo);
    await given.store.createEndpoint(sampleEndpoint({ startFrom: 'now' }));
    assert.equal(await given.store.getDelivery(event.eventId, null), undefined);
    const [delivery] = await given.deliveries();
    assert.deepEqual([delivery?.endpointId, delivery?.why], ['ep_1', { code: 'before-start' }]);
  });

  add('each delivery says why it is not delivered', async (given) => {
    const [a, b] = given.usersOfOneLane(2) as [string, string];
    await given.store.createApp(sampleApp());
    await given.store.createEndpoint(sampleEndpoint());
    const events = await given.announceAll([a, b, a, b, b]);
    const lane = given.laneOf('id1');
    const place = { endpointId: 'ep_1', lane, epoch: await given.claim(), seq: 3 };
    await given.settle(place, {
      attempts: [sampleAttempt({ seq: 1, outcome: 'failed', reason: 'timeout' })],
      parked: [{ userId: a, lane, attempts: 1, nextTryAtMs: 5, reason: 'timeout', waiting: [1, 3] }],
    });
    const blocker = { eventId: events[0]?.eventId, sequence: 1, state: 'retrying' };
    const whys = async () => (await given.deliveries()).map(({ why }) => why).toReversed();
    assert.deepEqual(await whys(), [
      { code: 'retrying', reason: 'timeout' },
      { code: 'command-off', command: events[1]?.command },
      { code: 'waits-behind', blocker },
      { code: 'queued', ahead: 0 },
      { code: 'queued', ahead: 1 },
    ]);
    await given.store.updateEndpoint(sampleEndpoint({ state: 'paused' }));
    assert.deepEqual(
      (await whys()).map((why) => why?.code),
      ['paused', 'command-off', 'paused', 'paused', 'paused'],
    );
  });

  add('an event is found by its id, and by nothing that only looks like it', async (given) => {
    const [event] = (await given.announceAll(['id1'])) as [ChangeEvent];
    assert.deepEqual(await given.store.getEvent(event.eventId), event);
    for (const wrong of ['', 'evt_', `${event.eventId}0`, event.eventId.replace('evt_', 'dlv_')]) {
      assert.equal(await given.store.getEvent(wrong), undefined, wrong);
      assert.deepEqual(await given.deliveries({ eventId: wrong }), [], wrong);
    }
    await given.store.createApp(sampleApp({ sdkAppId: OTHER_APP }));
    assert.deepEqual(await given.deliveries({ eventId: event.eventId, sdkAppId: OTHER_APP }), []);
    assert.equal((await given.deliveries({ eventId: event.eventId })).length, 1);
  });

  add('an attempt comes back as it was settled, with all that was seen', async (given) => {
    await given.store.createApp(sampleApp());
    await given.store.createEndpoint(sampleEndpoint());
    const [event] = (await given.announceAll(['id1'])) as [ChangeEvent];
    const attempts = [
      sampleAttempt({
        seq: event.seq,
        outcome: 'failed',
        reason: 'status',
        detail: 'status 500, expected 200',
        status: 500,
        timings: {
          reusedConnection: false,
          dnsMs: 1.25,
          connectMs: 0,
          tlsMs: 30.01,
          firstByteMs: 1_999.99,
          bodyMs: 0.01,
        },
        request: { url: 'https://example.com/cb?a=1', headers: ['x-a', 'b', 'x-umlaut', 'ü'] },
        answerHeaders: ['set-cookie', '***', 'x', ''],
        answer: '',
      }),
      sampleAttempt({
        seq: event.seq,
        number: 2,
        outcome: 'failed',
        reason: 'timeout',
        stage: 'tls',
        timings: { reusedConnection: false, connectMs: 3 },
        request: { url: 'https://example.com/cb', headers: [] },
      }),
      sampleAttempt({ seq: event.seq, number: 3, timings: { reusedConnection: true, firstByteMs: 1, bodyMs: 0 } }),
    ];
    const place = { endpointId: 'ep_1', lane: event.lane, epoch: await given.claim(), seq: event.seq };
    await given.settle(place, { attempts });
    await given.reopen();
    assert.deepEqual((await given.store.getDelivery(event.eventId, 'ep_1'))?.attempts, attempts);
  });
}
