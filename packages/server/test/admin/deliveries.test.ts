import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { ChangeEvent, Settlement } from '../../src/storage/store.ts';
import { type Admin, assertProblem, makeApp, makeEndpoint, START_MS, setNick, startAdmin } from './support.ts';

interface Scene extends Admin {
  readonly id: number;
  readonly endpointId: string;
  readonly events: readonly ChangeEvent[];
}

/** Four changes, a second apart: the first was delivered at the second try, ann's second waits for its next one. */
async function startScene(t: TestContext): Promise<Scene> {
  const admin = await startAdmin(t);
  const id = await makeApp(admin);
  const endpointId = await makeEndpoint(admin, id);
  const events: ChangeEvent[] = [];
  for (const [userId, nick] of [
    ['ann', 'A1'],
    ['bob', 'B1'],
    ['ann', 'A2'],
    ['bob', 'B2'],
  ] as const) {
    events.push(await setNick(admin, id, userId, nick));
    admin.advance(1000);
  }
  const [lease] = await admin.store.claimLanes({ owner: 'test', leaseMs: 60_000 });
  const failed = {
    number: 1,
    outcome: 'failed',
    reason: 'status',
    detail: 'status 500, expected 200',
    status: 500,
  } as const;
  const parked = {
    userId: 'ann',
    lane: 0,
    attempts: 1,
    nextTryAtMs: START_MS + 60_000,
    reason: 'status',
    waiting: [3],
  };
  const settlement: Settlement = {
    endpointId,
    sdkAppId: id,
    lane: 0,
    epoch: lease?.epoch ?? 0,
    cursor: { lane: 0, seq: 3, doneAhead: [] },
    attempts: [
      {
        ...failed,
        seq: 1,
        atMs: START_MS + 5,
        durationMs: 3.1,
        timings: { reusedConnection: false, connectMs: 0.25, firstByteMs: 2.5, bodyMs: 0.1 },
        request: { url: 'http://127.0.0.1:9000/old', headers: ['x-a', '1', 'x-a', '2'] },
        answerHeaders: ['content-type', 'text/plain'],
        answer: 'oops',
      },
      {
        seq: 1,
        number: 2,
        atMs: START_MS + 9,
        outcome: 'delivered',
        status: 200,
        durationMs: 2,
        answer: '{"ErrorCode":0}',
      },
      { ...failed, seq: 2, atMs: START_MS + 1005, outcome: 'dead', durationMs: 3 },
      { ...failed, seq: 3, atMs: START_MS + 2005, durationMs: 3 },
    ],
    parked: [parked],
    unparkedSeqs: [],
    unparkedUsers: [],
  };
  await admin.store.settle(settlement);
  return { ...admin, id, endpointId, events };
}

describe('admin API: deliveries', () => {
  it('shows a delivery with its event, attempts and answers', async (t) => {
    const { call, id, endpointId, events } = await startScene(t);
    const listed = (await call('GET', `/apps/${id}/deliveries`)).body.items[3];
    const answer = await call('GET', `/apps/${id}/deliveries/${listed.deliveryId}`);
    const [event] = events;
    const { request, ...second } = answer.body.attempts[1];
    assert.deepEqual(
      { ...answer.body, attempts: [answer.body.attempts[0], second] },
      {
        deliveryId: listed.deliveryId,
        eventId: event?.eventId,
        endpointId,
        userId: 'ann',
        sequence: 1,
        state: 'delivered',
        attempts: [
          {
            number: 1,
            at: '2026-11-23T10:00:00.005Z',
            outcome: 'failed',
            reason: 'status',
            status: 500,
            durationMs: 3.1,
            timings: { reusedConnection: false, connectMs: 0.25, firstByteMs: 2.5, bodyMs: 0.1 },
            detail: 'status 500, expected 200',
            request: {
              method: 'POST',
              url: 'http://127.0.0.1:9000/old',
              headers: { 'x-a': '1, 2' },
              body: event?.body,
              rebuilt: false,
            },
            answerHeaders: { 'content-type': 'text/plain' },
            answer: 'oops',
          },
          {
            number: 2,
            at: '2026-11-23T10:00:00.009Z',
            outcome: 'delivered',
            status: 200,
            durationMs: 2,
            answer: '{"ErrorCode":0}',
          },
        ],
        event: {
          eventId: event?.eventId,
          sdkAppId: id,
          userId: 'ann',
          sequence: 1,
          command: 'Profile.CallbackPortraitSet',
          at: '2026-11-23T10:00:00.000Z',
          operator: 'administrator',
          clientIp: '127.0.0.1',
          platform: 'RESTAPI',
          items: [{ tag: 'Tag_Profile_IM_Nick', value: 'A1' }],
          previousItems: [],
          body: event?.body,
        },
      },
    );
    assert.match(listed.deliveryId, /^dlv_/);
    const { url, headers, rebuilt } = request;
    assert.deepEqual(
      [url.split('?')[0], headers['webhook-id'], headers['portrait-attempt'], rebuilt],
      ['http://127.0.0.1:9000/cb', event?.eventId, '2', true],
    );
    assert.equal(headers['webhook-timestamp'], String((START_MS + 9 - ((START_MS + 9) % 1_000)) / 1_000));
  });

  it('says why a delivery is not delivered', async (t) => {
    const scene = await startScene(t);
    const { items } = (await scene.call('GET', `/apps/${scene.id}/deliveries`)).body;
    const whys = items.map(({ why }: { why: object }) => why);
    assert.deepEqual(whys, [
      { code: 'queued', text: 'about to go', ahead: 0 },
      {
        code: 'retrying',
        text: 'attempt 1 failed: status; next try at 2026-11-23T10:01:00.000Z',
        reason: 'status',
      },
      { code: 'dead', text: 'all attempts failed, the last one: status', reason: 'status' },
      undefined,
    ]);
    const paused = await scene.call('POST', `/apps/${scene.id}/endpoints/${scene.endpointId}/pause`);
    assert.equal(paused.status, 200);
    const [pending] = (await scene.call('GET', `/apps/${scene.id}/deliveries?state=pending`)).body.items;
    assert.deepEqual(pending.why, { code: 'paused', text: 'the endpoint is paused' });
  });

  it('shows a change and what became of it at each endpoint', async (t) => {
    const scene = await startScene(t);
    const late = await makeEndpoint(scene, scene.id);
    const [event] = scene.events;
    const { status, body } = await scene.call('GET', `/apps/${scene.id}/events/${event?.eventId}`);
    assert.equal(status, 200);
    assert.deepEqual([body.event.eventId, body.event.userId, body.nextCursor], [event?.eventId, 'ann', null]);
    type Listed = { endpointId: string; state: string; why?: { code: string } };
    assert.deepEqual(
      body.deliveries.map(({ endpointId, state, why }: Listed) => [endpointId, state, why?.code]),
      [
        [scene.endpointId, 'delivered', undefined],
        [late, 'skipped', 'before-start'],
      ],
    );
    const first = await scene.call('GET', `/apps/${scene.id}/events/${event?.eventId}?limit=1`);
    assert.equal(first.body.deliveries.length, 1);
    const next = `/apps/${scene.id}/events/${event?.eventId}?cursor=${first.body.nextCursor}`;
    assert.deepEqual((await scene.call('GET', next)).body.deliveries, body.deliveries.slice(1));
    const other = await makeApp(scene);
    for (const path of [
      `${other}/events/${event?.eventId}`,
      `${scene.id}/events/evt_0_0_0_0`,
      `${scene.id}/events/x`,
    ]) {
      assertProblem(await scene.call('GET', `/apps/${path}`), 404, 'there is no event');
    }
  });

  it('lists a change that has no endpoint to go to', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin);
    const event = await setNick(admin, id, 'ann', 'A1');
    const [listed] = (await admin.call('GET', `/apps/${id}/deliveries`)).body.items;
    assert.deepEqual(
      [listed.eventId, listed.endpointId, listed.state, listed.why],
      [event.eventId, null, 'skipped', { code: 'no-endpoint', text: 'the app has no endpoint' }],
    );
    assert.deepEqual((await admin.call('GET', `/apps/${id}/deliveries/${listed.deliveryId}`)).body, listed);
    assert.deepEqual((await admin.call('GET', `/apps/${id}/events/${event.eventId}`)).body.deliveries, [listed]);
    await makeEndpoint(admin, id);
    assertProblem(await admin.call('GET', `/apps/${id}/deliveries/${listed.deliveryId}`), 404, 'there is no delivery');
  });

  it('lists deliveries newest first, without the answers', async (t) => {
    const { call, id } = await startScene(t);
    const { items, nextCursor } = (await call('GET', `/apps/${id}/deliveries`)).body;
    type Listed = { userId: string; sequence: number; state: string; nextTryAt?: string; attempts: object[] };
    assert.deepEqual(
      items.map(({ userId, sequence, state, nextTryAt }: Listed) => [userId, sequence, state, nextTryAt]),
      [
        ['bob', 2, 'pending', undefined],
        ['ann', 2, 'retrying', '2026-11-23T10:01:00.000Z'],
        ['bob', 1, 'dead', undefined],
        ['ann', 1, 'delivered', undefined],
      ],
    );
    assert.equal(nextCursor, null);
    const attempts: object[] = items.flatMap((item: Listed) => item.attempts);
    assert.ok(
      attempts.every((attempt) => !('answer' in attempt || 'request' in attempt || 'answerHeaders' in attempt)),
    );
    assert.deepEqual(items[1].event.previousItems, [{ tag: 'Tag_Profile_IM_Nick', value: 'A1' }]);
  });

  it('filters by state, reason, user, change, endpoint and time', async (t) => {
    const scene = await startScene(t);
    const second = await makeEndpoint(scene, scene.id, { startFrom: 'beginning' });
    const cases: Record<string, readonly string[]> = {
      'state=dead': ['B1'],
      'state=retrying,dead': ['A2', 'B1'],
      'reason=status': ['A2', 'B1', 'A1'],
      'reason=status&state=delivered': ['A1'],
      'reason=timeout': [],
      [`userId=ann&sequence=2&endpointId=${scene.endpointId}`]: ['A2'],
      [`eventId=${scene.events[1]?.eventId}&endpointId=${scene.endpointId}`]: ['B1'],
      [`userId=ann&endpointId=${scene.endpointId}`]: ['A2', 'A1'],
      [`endpointId=${second}`]: ['B2', 'A2', 'B1', 'A1'],
      [`endpointId=${second}&state=pending&userId=bob`]: ['B2', 'B1'],
      'endpointId=ep_nobody': [],
      'userId=nobody': [],
      [`endpointId=${second}&from=2026-11-23T10:00:01Z&to=2026-11-23T10:00:02.000Z`]: ['A2', 'B1'],
      [`endpointId=${second}&from=2026-11-23T10:00:01`]: ['B2', 'A2', 'B1'],
      [`endpointId=${second}&to=${START_MS + 999}`]: ['A1'],
      [`endpointId=${second}&from=0`]: ['B2', 'A2', 'B1', 'A1'],
      'from=2026-11-24': [],
      'from=2026-11-23T11:00:00%2B01:00&to=2026-11-23T11:00:00%2B01:00&state=delivered': ['A1'],
    };
    for (const [query, expected] of Object.entries(cases)) {
      const { status, body } = await scene.call('GET', `/apps/${scene.id}/deliveries?${query}`);
      assert.equal(status, 200);
      const nicks = body.items.map((item: { event: { items: { value: string }[] } }) => item.event.items[0]?.value);
      assert.deepEqual(nicks, expected, query);
    }
  });

  it('leads from page to page', async (t) => {
    const scene = await startScene(t);
    await makeEndpoint(scene, scene.id, { startFrom: 'beginning' });
    const all = (await scene.call('GET', `/apps/${scene.id}/deliveries`)).body.items;
    assert.equal(all.length, 8);
    const seen: unknown[] = [];
    let cursor: string | null = null;
    do {
      const page: string = cursor === null ? '' : `&cursor=${cursor}`;
      const { items, nextCursor } = (await scene.call('GET', `/apps/${scene.id}/deliveries?limit=3${page}`)).body;
      seen.push(...items);
      cursor = nextCursor;
    } while (cursor !== null);
    assert.deepEqual(seen, all);
  });

  it('refuses wrong parameters', async (t) => {
    const { call, id } = await startScene(t);
    const cases = {
      state: ['done', '', 'dead,', 'dead,done', 'dead;held'],
      reason: ['', 'x'.repeat(41)],
      sequence: ['0', 'one', '2'],
      eventId: ['', 'x', 'evt_1', 'dlv_0_0_0_0'],
      userId: ['', 'x'.repeat(33)],
      endpointId: [''],
      from: ['yesterday', '2026', '20261123', '1795428000', '2026-11-23T10', '2026-02-30T99:00Z', '-1', ''],
      to: ['tomorrow'],
      limit: ['0', '201', 'all'],
      cursor: ['7.0', 'zzz'],
      command: ['x'],
    };
    for (const [name, values] of Object.entries(cases)) {
      for (const value of values) {
        const answer = await call('GET', `/apps/${id}/deliveries?${name}=${value}`);
        assert.deepEqual(Object.keys(assertProblem(answer, 400, `query parameter ${name}`)), [`#/${name}`], value);
      }
    }
    const inverted = await call('GET', `/apps/${id}/deliveries?from=2026-11-24&to=2026-11-23`);
    assertProblem(inverted, 400, 'query parameter from: expected a moment before the one of to');
  });

  it('knows no delivery of another app, and none that is not there', async (t) => {
    const scene = await startScene(t);
    const other = await makeApp(scene);
    const { deliveryId } = (await scene.call('GET', `/apps/${scene.id}/deliveries`)).body.items[0];
    const paths = [
      `${other}/deliveries/${deliveryId}`,
      `${scene.id}/deliveries/dlv_0_0_0_0.ep_nobody`,
      `${scene.id}/deliveries/${deliveryId}x`,
      `${scene.id}/deliveries/nothing`,
    ];
    for (const path of paths) assertProblem(await scene.call('GET', `/apps/${path}`), 404, 'there is no delivery');
    assertProblem(await scene.call('GET', `/apps/${scene.id}/deliveries/${deliveryId}?reveal=true`), 400, 'reveal');
    assertProblem(await scene.call('GET', `/apps/99/deliveries/${deliveryId}`), 404, 'there is no app 99');
    assertProblem(await scene.call('GET', '/apps/99/deliveries'), 404, 'there is no app 99');
    assert.deepEqual((await scene.call('GET', `/apps/${other}/deliveries`)).body, { items: [], nextCursor: null });
  });
});
