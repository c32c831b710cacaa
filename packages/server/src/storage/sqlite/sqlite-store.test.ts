/** A store over a connection that the test can make fail: what happens to a commit, and to what lives in memory. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { APP, NICK, ORIGIN, OTHER_APP, sampleApp } from '../../../test/support/samples.ts';
import { openDatabase } from './connection.ts';
import { migrate } from './migrate.ts';
import { SqliteStore } from './sqlite-store.ts';

const USERS = ['a', 'b', 'bad', 'c', 'd'];

/** A store with five accounts, and its connection. */
async function begin(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'portrait-test-'));
  const db = openDatabase(join(folder, 'portrait.db'));
  migrate(db);
  const store = new SqliteStore({ db, clock: new FakeClock(), release: () => db.close() });
  t.after(async () => {
    db.exec('PRAGMA query_only = OFF; PRAGMA max_page_count = 1000000; DROP TRIGGER IF EXISTS temp.fail');
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  const user = (userId: string) => ({ sdkAppId: APP, userId, origin: ORIGIN });
  const set = (userId: string, value: string) =>
    store.commitChange({ ...user(userId), kind: 'set', items: [{ tag: NICK, value }] });
  await store.createApp(sampleApp());
  await Promise.all(
    USERS.map((userId) => store.commitChange({ ...user(userId), kind: 'import', items: [], announce: false })),
  );
  const read = async () => ({
    profiles: await store.getProfiles(APP, USERS),
    log: await store.readEvents({ sdkAppId: APP, lane: 0, afterSeq: 0, limit: 1_000 }),
    heads: await store.readHeads([0]),
  });
  return { db, read, set, store };
}

/** Each came to `stored`, or to the kind or code of its error. */
async function outcomes(work: readonly Promise<unknown>[]): Promise<readonly unknown[]> {
  const results = await Promise.allSettled(work);
  return results.map((result) =>
    result.status === 'fulfilled' ? 'stored' : (result.reason.kind ?? result.reason.code),
  );
}

describe('SqliteStore', () => {
  for (const [how, action] of [
    ['a statement that fails', 'ABORT'],
    ['a statement that takes its transaction with it', 'ROLLBACK'],
    ['a statement that leaves half of its work', 'FAIL'],
  ] as const) {
    test(`${how} fails one change alone, not those who share its commit`, async (t) => {
      const { db, read, set } = await begin(t);
      db.exec(`CREATE TEMP TRIGGER fail AFTER INSERT ON event WHEN NEW.user_id = 'bad'
        BEGIN SELECT RAISE(${action}, 'no'); END`);
      const before = (await read()).profiles[2];
      const seen = await outcomes([...USERS.map((userId) => set(userId, 'x')), set('nobody', 'x'), set('a', 'y')]);
      assert.deepEqual(seen, ['stored', 'stored', 'unavailable', 'stored', 'stored', 40003, 'stored']);

      const { profiles, log, heads } = await read();
      assert.deepEqual(
        log.map(({ seq, userId, version }) => [seq, userId, version]),
        [
          [1, 'a', 1],
          [2, 'b', 1],
          [3, 'c', 1],
          [4, 'd', 1],
          [5, 'a', 2],
        ],
      );
      assert.deepEqual(heads, [{ sdkAppId: APP, lane: 0, seq: 5 }]);
      assert.deepEqual(profiles[2], before);
      assert.deepEqual(
        profiles.map((profile) => profile?.version),
        [2, 1, 0, 1, 1],
      );

      db.exec('DROP TRIGGER temp.fail');
      const { event } = await set('bad', 'z');
      assert.deepEqual([event?.seq, event?.version, event?.previousSeq], [6, 1, 0]);
    });
  }

  test('a commit that fails at its very end is undone whole, in memory too', async (t) => {
    const { db, read, set } = await begin(t);
    db.exec(`PRAGMA foreign_keys = ON;
      CREATE TEMP TABLE parent (id INTEGER PRIMARY KEY);
      CREATE TEMP TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);
      CREATE TEMP TRIGGER fail AFTER INSERT ON event BEGIN INSERT INTO child VALUES (7); END`);
    const before = await read();
    assert.deepEqual(await outcomes(USERS.map((userId) => set(userId, 'x'))), Array(5).fill('unavailable'));
    assert.deepEqual(await read(), before);
    db.exec('DROP TRIGGER temp.fail');
    const { event } = await set('bad', 'x');
    assert.deepEqual([event?.seq, event?.version], [1, 1]);
  });

  for (const [medium, kind, fail, repair] of [
    ['read-only', 'read-only', 'PRAGMA query_only = ON', 'PRAGMA query_only = OFF'],
    ['full', 'full', 'PRAGMA max_page_count = 1', 'PRAGMA max_page_count = 1000000'],
  ] as const) {
    test(`a ${medium} medium refuses all of a batch, reads go on, and afterwards nothing is missing`, async (t) => {
      const { db, read, set, store } = await begin(t);
      await set('a', 'before');
      const before = await read();
      db.exec(fail);
      const long = 'x'.repeat(20_000);
      const work = () => [
        ...USERS.map((userId) => set(userId, long)),
        store.createApp(sampleApp({ sdkAppId: OTHER_APP, name: long })),
      ];
      for (let i = 0; i < 2; i += 1) assert.deepEqual(await outcomes(work()), Array(6).fill(kind));
      assert.deepEqual(await read(), before);
      assert.deepEqual(await store.listApps(), [sampleApp()]);
      db.exec(repair);
      assert.deepEqual(await outcomes(work()), Array(6).fill('stored'));
      const { log } = await read();
      assert.deepEqual(
        log.map(({ seq, version }) => [seq, version]),
        [
          [1, 1],
          [2, 2],
          [3, 1],
          [4, 1],
          [5, 1],
          [6, 1],
        ],
      );
    });
  }
});
