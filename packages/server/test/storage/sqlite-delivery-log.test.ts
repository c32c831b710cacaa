/** A database from before the delivery log told why: what it holds is searched like what comes later. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { sql as start } from '../../src/storage/sqlite/migrations/0001-start.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { APP, NICK, ORIGIN, sampleApp, sampleEndpoint } from '../support/samples.ts';
import { makeFolder, openStore } from './sqlite-fixture.ts';

/** Schema 1 with five changes: the first is older than the endpoint, one was delivered, three of one user wait or died. */
function writeFirstSchema(file: string): void {
  const db = new DatabaseSync(file);
  db.exec(`${start} PRAGMA application_id = ${0x506f7274}; PRAGMA user_version = 1;`);
  db.prepare('INSERT INTO app VALUES (?, ?)').run(APP, JSON.stringify(sampleApp()));
  db.prepare('INSERT INTO endpoint VALUES (1, ?, ?, ?)').run('ep_1', APP, JSON.stringify(sampleEndpoint()));
  db.prepare('INSERT INTO head VALUES (0, ?, 5, 5)').run(APP);
  const event = db.prepare(
    `INSERT INTO event VALUES (0, ?, ?, ?, ?, ?, ?, 'Profile.CallbackPortraitSet', '', '', '{}', '[]')`,
  );
  for (const [seq, userId, previous] of [
    [1, 'a', 0],
    [2, 'b', 0],
    [3, 'c', 0],
    [4, 'd', 0],
    [5, 'd', 4],
  ] as const) {
    event.run(APP, seq, previous, seq * 1_000, userId, previous === 0 ? 1 : 2);
  }
  db.exec(`INSERT INTO cursor VALUES (1, 0, 5, x'');
    INSERT INTO parked VALUES (1, 0, 'd', 1, 5, 'timeout');
    INSERT INTO parked_event VALUES (1, 0, 'd', 4), (1, 0, 'd', 5);
    INSERT INTO attempt VALUES (1, 0, 2, 1, 1, 'delivered', NULL, NULL, 200, 3, 'ok'),
      (1, 0, 3, 1, 1, 'dead', 'status', 'x', 500, 3, 'no'), (1, 0, 4, 1, 1, 'failed', 'timeout', 'x', NULL, 3, NULL)`);
  db.close();
}

test('deliveries of an older database are found by state and reason, and say why', async (t) => {
  const folder = await makeFolder(t);
  writeFirstSchema(join(folder, 'portrait.db'));
  const store = openStore(t, folder);
  for (const [query, expected] of [
    [{}, ['5 waiting', '4 retrying', '3 dead', '2 delivered', '1 skipped']],
    [{ states: ['waiting'] }, ['5 waiting']],
    [{ states: ['retrying', 'dead'] }, ['4 retrying', '3 dead']],
    [{ states: ['delivered'] }, ['2 delivered']],
    [{ states: ['skipped'] }, ['1 skipped']],
    [{ reason: 'timeout' }, ['4 retrying']],
  ] as const) {
    const { items } = await store.listDeliveries({ sdkAppId: APP, limit: 10, ...query });
    assert.deepEqual(
      items.map(({ event, state }) => `${event.seq} ${state}`),
      expected,
      JSON.stringify(query),
    );
  }
  const { items } = await store.listDeliveries({ sdkAppId: APP, limit: 10 });
  assert.deepEqual(
    items.map(({ why }) => why?.code),
    ['waits-behind', 'retrying', 'dead', undefined, 'before-start'],
  );
  assert.ok(items.every(({ attempts }) => attempts.every((attempt) => !('timings' in attempt))));
});

test('what is remembered of events that were passed goes with them', async (t) => {
  const folder = await makeFolder(t);
  const clock = new FakeClock();
  const store = openStore(t, folder, clock);
  await store.createApp(sampleApp());
  await store.createEndpoint(sampleEndpoint());
  const user = { sdkAppId: APP, userId: 'id1', origin: ORIGIN };
  await store.commitChange({ ...user, kind: 'import', items: [], announce: false });
  for (const value of ['a', 'b', 'c']) {
    await store.commitChange({ ...user, kind: 'set', items: [{ tag: NICK, value }] });
  }
  const [{ epoch = 0 } = {}] = await store.claimLanes({ owner: 'node-1', leaseMs: 60_000 });
  const nothing = { attempts: [], parked: [], unparkedSeqs: [], unparkedUsers: [] };
  const cursor = { lane: 0, seq: 3, doneAhead: [] };
  await store.settle({ endpointId: 'ep_1', sdkAppId: APP, lane: 0, epoch, cursor, ...nothing });
  const passed = (): unknown => {
    const db = new DatabaseSync(join(folder, 'portrait.db'), { readOnly: true });
    const rows = db.prepare('SELECT from_seq, to_seq FROM passed').all();
    db.close();
    return rows.map(({ from_seq, to_seq }) => [from_seq, to_seq]);
  };
  assert.deepEqual(passed(), [[1, 3]]);
  clock.advance(60_000);
  while (!(await store.removeExpired({ sdkAppId: APP, beforeMs: clock.now() })).isDone);
  assert.deepEqual(passed(), []);
  assert.deepEqual((await store.listDeliveries({ sdkAppId: APP, limit: 10, states: ['skipped'] })).items, []);
});
