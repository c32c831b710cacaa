/** Rows of sessions: who counts, who has to give way, and who may remove what. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { openPostgresStore } from '../../src/storage/postgres/open.ts';
import type { PostgresStore } from '../../src/storage/postgres/postgres-store.ts';
import type { Entered, SessionEntry, SessionKey } from '../../src/storage/session-store.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { atEnd } from '../support/live/cleanup.ts';
import { testDatabase } from '../support/postgres.ts';
import { APP, ORIGIN, sampleApp } from '../support/samples.ts';

const LANES = 16;
const USER = 'ann';

/** A store whose time the test sets, on which nodes `a` and `b` live. */
class World {
  readonly store: PostgresStore;
  readonly clock: FakeClock;
  readonly lanes: readonly number[] = Array.from({ length: LANES }, (_, lane) => lane);
  #lastNo = 0;

  constructor(store: PostgresStore, clock: FakeClock) {
    this.store = store;
    this.clock = clock;
  }

  /** The node was heard of. */
  async hear(...nodes: readonly string[]): Promise<void> {
    for (const name of nodes) await this.store.readNews({ name, answers: true });
  }

  entry(members: Partial<SessionEntry> & Pick<SessionEntry, 'instId'>): SessionEntry {
    this.#lastNo += 1;
    const where = { sdkAppId: APP, userId: USER, node: 'a', no: this.#lastNo };
    const client = { platform: 'Web', platformNumber: 7, clientIp: '203.0.113.9' } as const;
    return { ...where, ...client, maxPerPlatform: 0, ...members };
  }

  /** A millisecond later than the one before. */
  async enter(members: Parameters<World['entry']>[0]): Promise<SessionEntry & { readonly result: Entered }> {
    this.clock.advance(1);
    const entry = this.entry(members);
    return { ...entry, result: await this.store.enterSession(entry) };
  }

  async idsOf(userId = USER, asker = 'z'): Promise<readonly number[]> {
    const [sessions = []] = await this.store.readSessions({ sdkAppId: APP, userIds: [userId], asker });
    return sessions.map(({ instId }) => instId);
  }
}

async function start(t: TestContext): Promise<World> {
  const clock = new FakeClock();
  const store = await open(t, await testDatabase(t), 'a', clock);
  await store.createApp(sampleApp());
  const world = new World(store, clock);
  await world.hear('a', 'b');
  return world;
}

async function open(t: TestContext, url: string, node: string, clock: FakeClock): Promise<PostgresStore> {
  const time = () => clock.now();
  const store = await openPostgresStore({ url, poolSize: 4, laneCount: LANES, clock: systemClock, time, node });
  atEnd(t, () => store.close());
  return store;
}

const endedOf = (result: Entered): readonly (readonly [number, number])[] =>
  result.kind === 'moved' ? [] : result.ended.map(({ instId, by }) => [instId, by.instId] as const);

describe('who has to give way', () => {
  test('the oldest login beyond the limit, on whichever node it is; other platforms are not counted', async (t) => {
    const world = await start(t);
    const limit = { maxPerPlatform: 2 };
    await world.enter({ instId: 1, ...limit });
    await world.enter({ instId: 2, node: 'b', platformNumber: 2, platform: 'Android', ...limit });
    await world.enter({ instId: 3, node: 'b', platformNumber: 8, ...limit });
    const { result } = await world.enter({ instId: 4, node: 'b', ...limit });
    assert.deepEqual(endedOf(result), [[1, 4]]);
    assert.deepEqual(await world.idsOf(), [2, 3, 4]);
    const [ended, ...more] = await world.store.readEndedSessions('a');
    assert.deepEqual(more, []);
    assert.deepEqual([ended?.instId, ended?.by], [1, { instId: 4, platform: 'Web', platformNumber: 7 }]);
    assert.deepEqual(await world.store.readEndedSessions('b'), []);
    const news = await world.store.readNews({ name: 'a', answers: true });
    assert.equal(news.hasEndedSessions, true);
  });

  test('a limit that was lowered ends all that are too many', async (t) => {
    const world = await start(t);
    for (const instId of [1, 2, 3]) await world.enter({ instId });
    const { result } = await world.enter({ instId: 4, maxPerPlatform: 2 });
    assert.deepEqual(endedOf(result).toSorted(), [
      [1, 4],
      [2, 4],
    ]);
  });

  test('a client that is back late is the oldest itself, and told of the newest', async (t) => {
    const world = await start(t);
    const { result: first } = await world.enter({ instId: 1, maxPerPlatform: 1 });
    assert.equal(first.kind, 'entered');
    await world.enter({ instId: 2, node: 'b', maxPerPlatform: 1 });
    const { result } = await world.enter({ instId: 1, loginAtMs: 1, maxPerPlatform: 1 });
    assert.deepEqual(endedOf(result), [[1, 2]]);
    assert.deepEqual(await world.idsOf(), [2]);
  });

  test('of logins in one batch the last', async (t) => {
    const world = await start(t);
    const entries = [1, 2, 3].map((instId) => world.entry({ instId, maxPerPlatform: 1 }));
    const results = await Promise.all(entries.map((entry) => world.store.enterSession(entry)));
    assert.deepEqual(await world.idsOf(), [3]);
    const all = new Set(results.flatMap(endedOf).map((pair) => pair.join(' by ')));
    assert.deepEqual([...all].toSorted(), ['1 by 3', '2 by 3']);
  });

  test('not who is on a node that is dead, nor who was logged out by force', async (t) => {
    const world = await start(t);
    await world.enter({ instId: 1, node: 'b' });
    world.clock.advance(6_001);
    await world.hear('a');
    assert.deepEqual(endedOf((await world.enter({ instId: 2, maxPerPlatform: 1 })).result), []);
    await world.store.commitChange({
      kind: 'import',
      sdkAppId: APP,
      userId: USER,
      items: [],
      origin: ORIGIN,
      announce: false,
    });
    await world.store.commitChange({ kind: 'revoke', sdkAppId: APP, userId: USER });
    assert.deepEqual(await world.idsOf(), []);
    assert.deepEqual(endedOf((await world.enter({ instId: 3, maxPerPlatform: 1 })).result), []);
    assert.deepEqual(await world.idsOf(), [3]);
  });
});

test('of logins at two nodes at the same moment one stays, for each of many users', async (t) => {
  const clock = new FakeClock();
  const url = await testDatabase(t);
  const [a, b] = [await open(t, url, 'a', clock), await open(t, url, 'b', clock)];
  await a.createApp(sampleApp());
  const world = new World(a, clock);
  await world.hear('a', 'b');
  const userIds = Array.from({ length: 100 }, (_, number) => `user${number}`);
  for (let round = 0; round < 5; round += 1) {
    const logins = userIds.flatMap((userId, at) =>
      [a, b].map((store, which) => {
        const instId = 1 + which + 2 * (at + 100 * round);
        const node = which === 0 ? 'a' : 'b';
        return store.enterSession(world.entry({ userId, instId, node, maxPerPlatform: 1 }));
      }),
    );
    await Promise.all(logins);
    const sessions = await a.readSessions({ sdkAppId: APP, userIds, asker: 'z' });
    assert.deepEqual([...new Set(sessions.map(({ length }) => length))], [1]);
  }
});

describe('a client that connects anew', () => {
  test('takes its row along; the older connection can neither remove it nor take it back', async (t) => {
    const world = await start(t);
    const before = await world.enter({ instId: 1 });
    assert.ok(before.result.kind === 'entered');
    const { loginAtMs, connectedAtMs } = before.result;
    const after = await world.enter({ instId: 1, node: 'b', loginAtMs });
    assert.ok(after.result.kind === 'entered');
    assert.deepEqual([after.result.loginAtMs, after.result.connectedAtMs], [loginAtMs, connectedAtMs + 1]);
    await world.store.leaveSession(before, 'a');
    assert.deepEqual(await world.store.enterSession({ ...before, loginAtMs, connectedAtMs }), { kind: 'moved' });
    assert.deepEqual(await world.idsOf(), [1]);
    await world.store.leaveSession(after, 'b');
    assert.deepEqual(await world.idsOf(), []);
    const again = await world.store.enterSession({ ...before, loginAtMs, connectedAtMs });
    assert.equal(again.kind, 'entered', 'nobody has it');
  });

  test('twice at the same moment stays on the later connection', async (t) => {
    const world = await start(t);
    const entries = [world.entry({ instId: 1 }), world.entry({ instId: 1 })];
    const results = await Promise.all(entries.map((entry) => world.store.enterSession(entry)));
    assert.deepEqual(
      results.map(({ kind }) => kind),
      ['moved', 'entered'],
    );
  });
});

describe('rows of a node', () => {
  test('are its own to remove, and others’ when it is dead', async (t) => {
    const world = await start(t);
    const session = await world.enter({ instId: 1, node: 'b' });
    const seenTo = (node: string): Promise<readonly SessionKey[]> =>
      world.store.readNodeSessions({ node, lanes: world.lanes });
    await world.store.leaveSession(session, 'a');
    assert.deepEqual([await world.idsOf(), (await seenTo('a')).length, (await seenTo('b')).length], [[1], 0, 1]);
    world.clock.advance(6_001);
    await world.hear('a');
    assert.deepEqual([await world.idsOf(), await world.idsOf(USER, 'b'), (await seenTo('a')).length], [[], [1], 0]);
    world.clock.advance(5_000);
    assert.equal((await world.store.readNews({ name: 'a', answers: true })).hasDeadNodes, true);
    assert.equal((await seenTo('a')).length, 1);
    await world.store.leaveSession(session, 'a');
    assert.deepEqual(await seenTo('b'), []);
    await world.store.forgetDeadNodes();
    assert.equal((await world.store.readNews({ name: 'a', answers: true })).hasDeadNodes, false);
  });

  test('go with it when it stops', async (t) => {
    const world = await start(t);
    for (const [instId, node] of [
      [1, 'a'],
      [2, 'b'],
      [3, 'a'],
    ] as const)
      await world.enter({ instId, node });
    await world.store.forgetSessionsOf('a');
    assert.deepEqual(await world.idsOf(), [2]);
  });
});

test('500 users are looked up by one statement, each with his sessions', async (t) => {
  const world = await start(t);
  const userIds = Array.from({ length: 500 }, (_, number) => `user${number}`);
  const online = userIds.filter((_, number) => number % 5 === 0);
  await Promise.all(online.map((userId, at) => world.store.enterSession(world.entry({ userId, instId: at + 1 }))));
  const { database } = world.store.parts;
  const query = database.query.bind(database);
  let statements = 0;
  database.query = (...args) => {
    statements += 1;
    return query(...args);
  };
  const sessions = await world.store.readSessions({ sdkAppId: APP, userIds, asker: 'z' });
  assert.equal(statements, 1);
  assert.deepEqual(
    userIds.filter((_, at) => sessions[at]?.length === 1),
    online,
  );
});

test('what a client calls its platform is kept if it is a number or short, and harms nobody if not', async (t) => {
  const world = await start(t);
  const numbers = [7, '7', 'a\u0000', 'x'.repeat(100_000), { deep: [] }, null, undefined, 1e300];
  for (const [at, platformNumber] of numbers.entries()) await world.enter({ instId: at + 1, platformNumber });
  const [sessions = []] = await world.store.readSessions({ sdkAppId: APP, userIds: [USER], asker: 'z' });
  assert.deepEqual(
    sessions.map(({ platformNumber }) => platformNumber),
    [7, '7', 'a\u0000', undefined, undefined, undefined, undefined, 1e300],
  );
});
