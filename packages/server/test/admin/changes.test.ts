import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StoreError } from '../../src/errors.ts';
import { MAX_STREAMS_PER_APP } from '../../src/feed/change-feed.ts';
import { assertProblem, makeApp, START_MS, setNick, startAdmin, TOKEN } from './support.ts';

describe('admin API: changes', () => {
  it('are read oldest first, with cursors that lead on', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin);
    const events = [];
    for (const nick of ['A1', 'A2', 'A3']) {
      events.push(await setNick(admin, id, 'ann', nick));
      admin.advance(1_000);
    }
    const first = await admin.call('GET', `/apps/${id}/changes?limit=2`);
    assert.equal(first.status, 200, first.text);
    assert.deepEqual(Object.keys(first.body), ['items', 'nextCursor', 'hasMore']);
    assert.deepEqual(first.body.items[1], {
      cursor: first.body.nextCursor,
      eventId: events[1]?.eventId,
      sdkAppId: id,
      userId: 'ann',
      sequence: 2,
      command: 'Profile.CallbackPortraitSet',
      at: new Date(START_MS + 1_000).toISOString(),
      operator: 'administrator',
      clientIp: '127.0.0.1',
      platform: 'RESTAPI',
      items: [{ tag: 'Tag_Profile_IM_Nick', value: 'A2' }],
      previousItems: [{ tag: 'Tag_Profile_IM_Nick', value: 'A1' }],
      body: events[1]?.body,
    });
    assert.deepEqual(
      [first.body.items.map((item: { sequence: number }) => item.sequence), first.body.hasMore],
      [[1, 2], true],
    );
    const second = await admin.call('GET', `/apps/${id}/changes?after=${first.body.nextCursor}`);
    assert.deepEqual(
      [second.body.items.map((item: { sequence: number }) => item.sequence), second.body.hasMore],
      [[3], false],
    );
    const empty = await admin.call('GET', `/apps/${id}/changes?after=${second.body.nextCursor}`);
    assert.deepEqual(empty.body, { items: [], nextCursor: second.body.nextCursor, hasMore: false });
    const now = await admin.call('GET', `/apps/${id}/changes?after=now`);
    assert.deepEqual(now.body, empty.body);
  });

  it('can begin at a moment, and be those of one user', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin);
    for (const userId of ['ann', 'bob', 'ann', 'bob']) {
      await setNick(admin, id, userId, 'x');
      admin.advance(1_000);
    }
    const read = async (query: string) => {
      const { status, body, text } = await admin.call('GET', `/apps/${id}/changes?${query}`);
      assert.equal(status, 200, text);
      return body.items.map((item: { userId: string; sequence: number }) => `${item.userId}${item.sequence}`);
    };
    assert.deepEqual(await read(`from=${START_MS + 1_000}`), ['bob1', 'ann2', 'bob2']);
    assert.deepEqual(await read('from=2026-11-23T10:00:02Z&userId=bob'), ['bob2']);
    assert.deepEqual(await read('from=2026-11-24'), []);
    assert.deepEqual(await read('userId=ann&after=beginning'), ['ann1', 'ann2']);
    assert.deepEqual(await read('userId=nobody'), []);
  });

  it('refuse what is no part of the feed, and name it', async (t) => {
    const admin = await startAdmin(t);
    const [id, other] = [await makeApp(admin), await makeApp(admin)];
    const { body } = await admin.call('GET', `/apps/${other}/changes`);
    const refusals = [
      [`after=${body.nextCursor}`, '#/after', 'expected a cursor that this feed gave, now, or beginning'],
      ['after=', '#/after', 'expected a string of 1 to 4096 characters, got ""'],
      [`after=${'A'.repeat(4_097)}`, '#/after', 'expected a string of 1 to 4096 characters'],
      ['from=yesterday', '#/from', 'expected an ISO 8601 time or Unix milliseconds, got "yesterday"'],
      ['after=now&from=0', '#/from', 'expected either after or from'],
      ['limit=1001', '#/limit', 'expected an integer from 1 to 1000, got 1001'],
      ['cursor=x', '#/cursor', 'is not known here, expected one of after, from, userId, limit'],
    ] as const;
    for (const [query, pointer, detail] of refusals) {
      const faults = assertProblem(await admin.call('GET', `/apps/${id}/changes?${query}`), 400);
      assert.ok(faults[pointer]?.startsWith(detail), `${query}: ${JSON.stringify(faults)}`);
    }
    assertProblem(await admin.call('GET', '/apps/77/changes'), 404, 'app 77');
    const anonymous = await admin.server.inject(`/admin/v1/apps/${id}/changes`);
    assert.equal(anonymous.statusCode, 401);
  });

  it('that are gone are a problem with the oldest cursor, as page and as stream', async (t) => {
    let removed = 0;
    const admin = await startAdmin(t, {
      changeStore: (store) => {
        const read = store.readLogBounds.bind(store);
        return Object.assign(store, {
          readLogBounds: async (query: { sdkAppId: number }) =>
            (await read(query)).map((bound) => ({ ...bound, afterSeq: Math.max(bound.afterSeq, removed) })),
        });
      },
    });
    const id = await makeApp(admin);
    for (const nick of ['1', '2', '3', '4']) await setNick(admin, id, 'ann', nick);
    const { body: first } = await admin.call('GET', `/apps/${id}/changes?limit=1`);
    removed = 2;
    const stream = { accept: 'text/event-stream' };
    const path = `/apps/${id}/changes?after=${first.nextCursor}`;
    const byHeader = await admin.call('GET', `/apps/${id}/changes?after=now`, undefined, {
      ...stream,
      'last-event-id': first.nextCursor,
    });
    for (const answer of [await admin.call('GET', path), await admin.call('GET', path, undefined, stream), byHeader]) {
      assertProblem(answer, 410, 'no longer in the log', 'oldestCursor');
      const rest = await admin.call('GET', `/apps/${id}/changes?after=${answer.body.oldestCursor}`);
      assert.deepEqual(
        rest.body.items.map((item: { sequence: number }) => item.sequence),
        [3, 4],
      );
    }
  });

  it('have no more streams than they may', async (t) => {
    const admin = await startAdmin(t);
    const id = await makeApp(admin);
    const app = admin.directory.app(id);
    assert.ok(app);
    for (let i = 0; i < MAX_STREAMS_PER_APP; i += 1) await admin.feed.follow({ app });
    const accept = { accept: 'application/json;q=0.1, text/event-stream' };
    const answer = await admin.call('GET', `/apps/${id}/changes`, undefined, accept);
    assertProblem(answer, 429, `${MAX_STREAMS_PER_APP} streams`);
    assert.equal(answer.headers['retry-after'], '1');
    assert.equal((await admin.call('GET', `/apps/${id}/changes`)).status, 200, 'pages need no room');
    // the head of a stream has an end, so that none is begun
    const headers = { authorization: `Bearer ${TOKEN}`, ...accept };
    const head = await admin.server.inject({ method: 'HEAD', url: `/admin/v1/apps/${id}/changes`, headers });
    assert.equal(head.statusCode, 200);
    await admin.feed.close();
    assertProblem(await admin.call('GET', `/apps/${id}/changes`, undefined, accept), 503, 'the server stops');
  });

  it('that the store can not give are a 503', async (t) => {
    const admin = await startAdmin(t, {
      changeStore: (store) =>
        Object.assign(store, { readLogBounds: () => Promise.reject(new StoreError('unavailable')) }),
    });
    const id = await makeApp(admin);
    assertProblem(await admin.call('GET', `/apps/${id}/changes`), 503);
    assertProblem(await admin.call('GET', `/apps/${id}/changes`, undefined, { accept: 'text/event-stream' }), 503);
  });
});
