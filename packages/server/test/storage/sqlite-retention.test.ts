/** What removing and erasing mean for the files of the embedded store. */
import assert from 'node:assert/strict';
import { copyFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, type TestContext, test } from 'node:test';
import type { Store } from '../../src/storage/store.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { APP, NICK, ORIGIN, sampleApp, sampleEndpoint } from '../support/samples.ts';
import { makeFolder, openStore } from './sqlite-fixture.ts';

const BASE = { sdkAppId: APP, origin: ORIGIN } as const;

async function begin(t: TestContext): Promise<{ folder: string; clock: FakeClock; store: Store }> {
  const [folder, clock] = [await makeFolder(t), new FakeClock()];
  const store = openStore(t, folder, clock);
  await store.createApp(sampleApp());
  return { folder, clock, store };
}

async function importUsers(store: Store, userIds: readonly string[]): Promise<void> {
  await Promise.all(
    userIds.map((userId) => store.commitChange({ ...BASE, kind: 'import', userId, items: [], announce: false })),
  );
}

async function setNicks(store: Store, userIds: readonly string[], value: string): Promise<void> {
  await Promise.all(
    userIds.map((userId) => store.commitChange({ ...BASE, kind: 'set', userId, items: [{ tag: NICK, value }] })),
  );
}

async function removeAll(store: Store, beforeMs: number): Promise<number> {
  let count = 0;
  for (let isDone = false; !isDone; ) {
    const step = await store.removeExpired({ sdkAppId: APP, beforeMs });
    ({ isDone } = step);
    count += step.events;
  }
  return count;
}

/** The store as a process that dies now leaves it. */
async function afterCrash(t: TestContext, folder: string, clock: FakeClock): Promise<Store> {
  const copy = await makeFolder(t);
  for (const name of await readdir(folder)) {
    if (/^portrait\.db(-wal)?$/.test(name)) await copyFile(join(folder, name), join(copy, name));
  }
  return openStore(t, copy, clock);
}

const USERS = Array.from({ length: 500 }, (_, index) => `id${index}`);

describe('sqlite: retention', { concurrency: 4 }, () => {
  test('a crash after events were removed loses no profile', async (t) => {
    const { folder, clock, store } = await begin(t);
    await importUsers(store, USERS);
    for (const round of [1, 2, 3]) await setNicks(store, USERS, `round ${round}`);
    clock.advance(1_000);
    for (const beforeMs of [clock.now(), clock.now() + 10_000]) {
      const removed = await removeAll(store, beforeMs);
      assert.equal(removed, beforeMs === clock.now() ? 1_500 : 3, 'rows that are behind are written first');
      const again = await afterCrash(t, folder, clock);
      assert.deepEqual(await again.getProfiles(APP, USERS), await store.getProfiles(APP, USERS));
      await again.close();
      await setNicks(store, USERS.slice(0, 3), 'later');
    }
  });

  test('a crash in the middle of erasing, and in that of removing, is made up for', async (t) => {
    const { folder, clock, store } = await begin(t);
    await importUsers(store, ['id1', 'id2']);
    for (let round = 0; round < 300; round += 1) await setNicks(store, ['id1', 'id2'], `secret ${round}`);
    await store.commitChange({ sdkAppId: APP, userId: 'id1', kind: 'delete' });
    await store.eraseDeleted(APP);
    const again = await afterCrash(t, folder, clock);
    while (!(await again.eraseDeleted(APP)).isDone);
    const events = await again.readEvents({ sdkAppId: APP, lane: 0, afterSeq: 0, limit: 1_000 });
    assert.equal(events.filter(({ isErased }) => isErased).length, 300);
    assert.ok(events.every(({ userId, body }) => body.includes('secret') === (userId === 'id2')));
    await again.removeExpired({ sdkAppId: APP, beforeMs: clock.now() + 1 });
    const third = await afterCrash(t, folder, clock);
    while (!(await third.removeExpired({ sdkAppId: APP, beforeMs: clock.now() + 1 })).isDone);
    assert.deepEqual(await third.readTails(APP), []);
  });

  test('what a removal that was cut off left behind goes at the next start, and nothing else', async (t) => {
    const { folder, clock, store } = await begin(t);
    for (const endpointId of ['ep_gone', 'ep_kept']) await store.createEndpoint(sampleEndpoint({ endpointId }));
    const [lease] = await store.claimLanes({ owner: 'node-1', leaseMs: 60_000 });
    await importUsers(store, ['id1']);
    await setNicks(store, ['id1'], 'a');
    for (const endpointId of ['ep_gone', 'ep_kept']) {
      await store.settle({
        ...{ endpointId, sdkAppId: APP, lane: 0, epoch: lease?.epoch ?? 0 },
        ...{ cursor: { lane: 0, seq: 1, doneAhead: [] }, parked: [], unparkedSeqs: [], unparkedUsers: [] },
        attempts: [{ seq: 1, number: 1, atMs: 1, outcome: 'delivered', durationMs: 1 }],
      });
    }
    await store.close();
    const file = join(folder, 'portrait.db');
    const cutOff = new DatabaseSync(file);
    cutOff.exec("DELETE FROM endpoint WHERE endpoint_id = 'ep_gone'; INSERT INTO head VALUES (0, 77, 3, 3)");
    cutOff.exec(
      'INSERT INTO event (lane, sdk_app_id, seq, previous_seq, at_ms, user_id, version, command, client_ip, platform, body, previous) SELECT 0, 77, seq, 0, at_ms, user_id, 1, command, client_ip, platform, body, previous FROM event',
    );
    cutOff.close();
    const again = openStore(t, folder, clock);
    const after = new DatabaseSync(file, { readOnly: true });
    const counts = ['attempt', 'event', 'head'].map(
      (table) => after.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n,
    );
    after.close();
    assert.deepEqual(counts, [1, 1, 1]);
    assert.equal((await again.listDeliveries({ sdkAppId: APP, limit: 5 })).items[0]?.attempts.length, 1);
  });

  test('of what an endpoint was not to get nothing is left either', async (t) => {
    const { folder, clock, store } = await begin(t);
    await store.createEndpoint(sampleEndpoint());
    const [lease] = await store.claimLanes({ owner: 'node-1', leaseMs: 60_000 });
    const passed = (): unknown => {
      const db = new DatabaseSync(join(folder, 'portrait.db'), { readOnly: true });
      const rows = db.prepare('SELECT from_seq, to_seq FROM passed').all();
      db.close();
      return rows.map(({ from_seq: from, to_seq: to }) => [from, to]);
    };
    await importUsers(store, ['id1']);
    for (const upTo of [5, 10]) {
      for (let event = 0; event < 5; event += 1) await setNicks(store, ['id1'], 'a');
      const cursor = { lane: 0, seq: upTo, doneAhead: [] };
      const attempts = [{ seq: upTo - 4, number: 1, atMs: 1, outcome: 'delivered', durationMs: 1 }] as const;
      const rest = { attempts, parked: [], unparkedSeqs: [], unparkedUsers: [] };
      await store.settle({ endpointId: 'ep_1', sdkAppId: APP, lane: 0, epoch: lease?.epoch ?? 0, cursor, ...rest });
      clock.advance(1_000);
    }
    const between = clock.now() - 1_000;
    assert.deepEqual(passed(), [
      [2, 5],
      [7, 10],
    ]);
    assert.equal(await removeAll(store, between), 5);
    assert.deepEqual(passed(), [[7, 10]]);
    assert.equal(await removeAll(store, clock.now()), 5);
    assert.deepEqual(passed(), []);
  });

  test('what is erased does not stand in the file any more', async (t) => {
    const { folder, store } = await begin(t);
    await store.createEndpoint(sampleEndpoint());
    const [lease] = await store.claimLanes({ owner: 'node-1', leaseMs: 60_000 });
    await importUsers(store, ['id1', 'id2']);
    const long = 'SECRET-OF-ID1 '.repeat(35); // an event of this size lies on pages of its own
    for (let round = 0; round < 40; round += 1) {
      await setNicks(store, ['id1'], round % 2 === 0 ? 'SECRET-OF-ID1' : long);
      await setNicks(store, ['id2'], 'KNOWN-OF-ID2');
    }
    await store.settle({
      ...{ endpointId: 'ep_1', sdkAppId: APP, lane: 0, epoch: lease?.epoch ?? 0 },
      ...{ cursor: { lane: 0, seq: 80, doneAhead: [] }, parked: [], unparkedSeqs: [], unparkedUsers: [] },
      attempts: [{ seq: 1, number: 1, atMs: 1, outcome: 'dead', durationMs: 1, answer: 'SECRET-OF-ID1' }],
    });
    await store.commitChange({ sdkAppId: APP, userId: 'id1', kind: 'delete' });
    while (!(await store.eraseDeleted(APP)).isDone);
    await store.close();
    const bytes = await readFile(join(folder, 'portrait.db'));
    assert.ok(bytes.includes('KNOWN-OF-ID2'));
    assert.ok(!bytes.includes('SECRET-OF-ID1'), 'a value is still there');
  });

  test('the space of what was removed is used again', async (t) => {
    const { folder, clock, store } = await begin(t);
    await importUsers(store, USERS);
    const sizes: number[] = [];
    for (let round = 0; round < 12; round += 1) {
      for (let turn = 0; turn < 4; turn += 1) await setNicks(store, USERS, `round ${round} turn ${turn}`);
      clock.advance(1_000);
      assert.equal(await removeAll(store, clock.now()), 2_000);
      const db = new DatabaseSync(join(folder, 'portrait.db'), { readOnly: true });
      sizes.push(db.prepare('PRAGMA page_count').get()?.page_count as number);
      db.close();
    }
    assert.ok((sizes.at(-1) ?? 0) <= (sizes[2] ?? 0) * 1.1, `pages of the file, round by round: ${sizes}`);
  });
});
