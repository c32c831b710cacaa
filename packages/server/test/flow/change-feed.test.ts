/** The change feed over real sockets, held against the log in the database file. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { Agent, EventSource } from 'undici';
import { type Clock, systemClock } from '../../src/clock.ts';
import type { Owner } from '../support/live/cleanup.ts';
import { type Random, randomFrom, testSeed } from '../support/live/random.ts';
import { readChanges, SseClient, type SseEvent } from '../support/live/sse-client.ts';
import { adminCall, nick, type TestApp } from '../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../support/live/test-server.ts';
import { until } from '../support/until.ts';

const USERS = Array.from({ length: 12 }, (_, number) => `user${number}`);

/** `user/sequence` of all that is stored, in the order of the log. */
function storedLog({ dataDir }: TestServer, { sdkAppId }: TestApp): readonly string[] {
  const db = new DatabaseSync(join(dataDir, 'portrait.db'), { readOnly: true });
  try {
    const rows = db.prepare('SELECT user_id, version FROM event WHERE sdk_app_id = ? ORDER BY seq').all(sdkAppId);
    return rows.map(({ user_id, version }) => `${user_id}/${version}`);
  } finally {
    db.close();
  }
}

function namesOf(events: readonly SseEvent[]): readonly string[] {
  return events.map(({ data }) => `${data.userId}/${data.sequence}`);
}

/** Each writer changes users in turn, one change after the other. */
async function write(app: TestApp, count: { readonly writers: number; readonly each: number }): Promise<void> {
  await Promise.all(
    Array.from({ length: count.writers }, async (_, writer) => {
      for (let change = 0; change < count.each; change += 1) {
        await app.set(USERS[(writer + change) % USERS.length] ?? '', nick(`${writer} ${change}`));
      }
    }),
  );
}

/** Follows the feed over connections that it cuts at places of its own. */
class CuttingReader {
  readonly events: SseEvent[] = [];
  connections = 0;
  #isStopped = false;
  #client: SseClient | undefined;
  #lastId = '';

  /** Whole when it has as many events as the log. */
  async run(owner: Owner, server: TestServer, { sdkAppId }: TestApp, random: Random): Promise<void> {
    while (!this.#isStopped) {
      this.#client = await SseClient.open(owner, server, `/apps/${sdkAppId}/changes`, this.#lastId);
      this.connections += 1;
      const client = this.#client;
      const enough = random.between(0, 120);
      // in vain if it has all there is
      await until(() => client.events.length >= enough || this.#isStopped, { what: () => `${enough} events` }).catch(
        () => undefined,
      );
      client.cut();
      this.events.push(...client.events);
      this.#lastId = client.lastId;
    }
  }

  get count(): number {
    return this.events.length + (this.#client && !this.#isStopped ? this.#client.events.length : 0);
  }

  stop(): void {
    this.#isStopped = true;
  }
}

/** The machine's clock, but for the 30 s that a reader may take: they pass when the test calls what it finds in `patience`. */
function clockWithPatience(): { readonly clock: Clock; readonly patience: ReadonlySet<() => void> } {
  const patience = new Set<() => void>();
  const clock: Clock = {
    ...systemClock,
    after(ms, run) {
      if (ms !== 30_000) return systemClock.after(ms, run);
      patience.add(run);
      return () => patience.delete(run);
    },
  };
  return { clock, patience };
}

/** Changes until a stream waits for its reader and goes on waiting. @returns how many */
async function writeUntilBlocked(app: TestApp, patience: ReadonlySet<() => void>): Promise<number> {
  const items = ['Nick', 'SelfSignature', 'Image'].map((name) => ({
    Tag: `Tag_Profile_IM_${name}`,
    Value: 'x'.repeat(500),
  }));
  let written = 0;
  // who reads is waited for as well, for a moment
  for (let rounds = 0; rounds < 5; rounds = patience.size > 0 ? rounds + 1 : 0) {
    await Promise.all(USERS.map((userId) => app.set(userId, items)));
    written += USERS.length;
    assert.ok(written < 40_000, 'the one who does not read is never waited for');
  }
  return written;
}

describe('change feed', () => {
  test('ten streams under writers, some of them cut again and again: each change once, in the order of the log', async (t) => {
    const seed = testSeed();
    t.diagnostic(`PORTRAIT_TEST_SEED=${seed}`);
    const random = randomFrom(seed);
    const server = await startTestServer(t);
    const app = await server.createApp();
    await app.importUsers(...USERS);
    await write(app, { writers: 2, each: 100 });
    const path = `/apps/${app.sdkAppId}/changes`;
    const steady = await Promise.all([1, 2, 3].map(() => SseClient.open(t, server, path)));
    const live = await Promise.all([1, 2].map(() => SseClient.open(t, server, `${path}?after=now`)));
    const one = await SseClient.open(t, server, `${path}?userId=user3`);
    const cutting = Array.from({ length: 4 }, () => new CuttingReader());
    const running = cutting.map((reader) => reader.run(t, server, app, random));
    await write(app, { writers: 12, each: 100 });

    const log = storedLog(server, app);
    assert.equal(log.length, 1_400);
    for (const client of steady) await client.untilEvents(log.length);
    for (const client of live) await client.untilEvents(1_200);
    const ofUser3 = log.filter((name) => name.startsWith('user3/'));
    await one.untilEvents(ofUser3.length);
    // each took what was there, over connections of which none was to last
    await until(() => cutting.every(({ count }) => count >= log.length), {
      what: () => `the cut ones: ${cutting.map(({ count }) => count)}`,
    });
    for (const reader of cutting) reader.stop();
    await Promise.all(running);

    for (const { events } of [...steady, ...cutting]) assert.deepEqual(namesOf(events), log, `seed ${seed}`);
    for (const { events } of live) assert.deepEqual(namesOf(events), log.slice(200));
    assert.deepEqual(namesOf(one.events), ofUser3);
    for (const { connections } of cutting) assert.ok(connections > 10, `${connections} connections`);

    // pages say the same as the stream, and in the same words
    const pages = await readChanges(server, app.sdkAppId);
    assert.deepEqual(
      pages.map(({ cursor, ...data }) => ({ id: cursor, event: 'change', data })),
      steady[0]?.events,
    );
  });

  test('a client that knows only the standard comes back by itself when the server was restarted', async (t) => {
    const server = await startTestServer(t);
    const app = await server.createApp();
    await app.importUsers(...USERS);
    const authorization = `Bearer ${server.adminToken}`;
    const agent = new Agent();
    // the server has another port after each start
    const dispatcher = agent.compose((dispatch) => (options, handler) => {
      const headers = { ...(options.headers as Record<string, string>), authorization };
      return dispatch({ ...options, origin: server.url, headers }, handler);
    });
    const source = new EventSource(`${server.url}/admin/v1/apps/${app.sdkAppId}/changes?after=now`, { dispatcher });
    const names: string[] = [];
    let opened = 0;
    source.addEventListener('open', () => {
      opened += 1;
    });
    source.addEventListener('change', (event) => {
      const { userId, sequence } = JSON.parse((event as MessageEvent).data);
      names.push(`${userId}/${sequence}`);
    });
    t.after(async () => {
      source.close();
      await agent.close();
    });
    await until(() => opened === 1, { what: () => 'the first connection' });
    // cut off before it has seen a change: it must not begin at the `now` of its second connection
    await server.close();
    await server.start();
    await write(app, { writers: 4, each: 10 });
    await until(() => names.length === 40, { what: () => `40 changes, got ${names.length}` });
    await server.close();
    await server.start();
    await write(app, { writers: 4, each: 10 });
    await until(() => names.length === 80, { what: () => `80 changes, got ${names.length}` });
    assert.deepEqual(names, storedLog(server, app));
    assert.ok(opened >= 3);
  });

  test('a reader that takes nothing is cut off after 30 s, holds up nobody, and goes on where it was', async (t) => {
    const { clock, patience } = clockWithPatience();
    const server = await startTestServer(t, { clock });
    const app = await server.createApp();
    await app.importUsers(...USERS);
    const path = `/apps/${app.sdkAppId}/changes`;
    const slow = await SseClient.open(t, server, path);
    const quick = await SseClient.open(t, server, path);
    await until(() => slow.places > 0, { what: () => 'the stream' });
    slow.hold();
    const written = await writeUntilBlocked(app, patience);
    await quick.untilEvents(written);
    for (const run of patience) run();
    slow.goOn();
    await slow.untilClosed();
    assert.ok(slow.events.length < written, `${slow.events.length} of ${written}`);
    const again = await SseClient.open(t, server, path, slow.lastId);
    await again.untilEvents(written - slow.events.length);
    assert.deepEqual(namesOf([...slow.events, ...again.events]), storedLog(server, app));
    assert.deepEqual(namesOf(quick.events), storedLog(server, app));
  });

  test('a stop does not wait for streams, whether they are read or not', async (t) => {
    const { clock, patience } = clockWithPatience();
    const server = await startTestServer(t, { clock });
    const app = await server.createApp();
    await app.importUsers(...USERS);
    const path = `/apps/${app.sdkAppId}/changes`;
    const clients = await Promise.all(Array.from({ length: 10 }, () => SseClient.open(t, server, path)));
    clients[0]?.hold();
    await writeUntilBlocked(app, patience);
    const startedAt = performance.now();
    await server.close();
    const tookMs = performance.now() - startedAt;
    assert.ok(tookMs < 5_000, `${tookMs} ms, callers in the middle of an answer are waited for 10 s`);
    clients[0]?.goOn();
    await Promise.all(clients.map((client) => client.untilClosed()));
  });

  test('streams have the headers that proxies need, and the token is asked for', async (t) => {
    const server = await startTestServer(t);
    const app = await server.createApp();
    const path = `/apps/${app.sdkAppId}/changes`;
    const { status, headers } = await SseClient.open(t, server, path);
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'text/event-stream');
    assert.equal(headers['x-accel-buffering'], 'no');
    assert.equal(headers['cache-control'], 'no-store, no-transform');
    const stranger = { url: server.url, adminToken: 'wrong' };
    assert.equal((await SseClient.open(t, stranger, path)).status, 401);
  });

  test('when the log was cut, who is behind is told, and who is not goes on', async (t) => {
    const server = await startTestServer(t);
    const app = await server.createApp();
    await app.importUsers(...USERS);
    const path = `/apps/${app.sdkAppId}/changes`;
    const client = await SseClient.open(t, server, path);
    await write(app, { writers: 1, each: 20 });
    await client.untilEvents(20);
    const db = new DatabaseSync(join(server.dataDir, 'portrait.db'));
    db.exec(`DELETE FROM event WHERE sdk_app_id = ${app.sdkAppId} AND seq <= 10`);
    db.close();
    const behind = client.events[4]?.id ?? '';
    assert.equal((await SseClient.open(t, server, path, behind)).status, 410);
    const problem = await adminCall(server, 'GET', `${path}?after=${behind}`);
    assert.equal(problem.status, 410);
    const rest = await SseClient.open(t, server, path, problem.json.oldestCursor);
    await app.set('user1', nick('more'));
    await rest.untilEvents(11);
    await client.untilEvents(21);
    assert.deepEqual(namesOf(rest.events), storedLog(server, app));
    const justThere = await SseClient.open(t, server, path, client.events[9]?.id);
    await justThere.untilEvents(11);
  });

  test('streams end with their app', async (t) => {
    const server = await startTestServer(t);
    const [app, other] = [await server.createApp(), await server.createApp()];
    await Promise.all([app.importUsers('user1'), other.importUsers('user1')]);
    const path = `/apps/${app.sdkAppId}/changes`;
    const clients = await Promise.all([1, 2].map(() => SseClient.open(t, server, path)));
    const stays = await SseClient.open(t, server, `/apps/${other.sdkAppId}/changes`);
    await app.set('user1', nick('a'));
    assert.equal((await adminCall(server, 'DELETE', `/apps/${app.sdkAppId}`)).status, 204);
    await Promise.all(clients.map((client) => client.untilClosed()));
    assert.equal((await SseClient.open(t, server, path, clients[0]?.lastId)).status, 404);
    await other.set('user1', nick('b'));
    await stays.untilEvents(1);
  });
});
