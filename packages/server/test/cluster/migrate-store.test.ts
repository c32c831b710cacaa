/** An embedded store is moved to PostgreSQL, and goes on there where it was. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreError } from '../../src/errors.ts';
import { moveStore } from '../../src/migrate-store.ts';
import { tempFolder } from '../support/live/cleanup.ts';
import { ok, startReceiver, status } from '../support/live/receiver.ts';
import { nick, type ShownDelivery, TestApp } from '../support/live/test-app.ts';
import { startTestServer } from '../support/live/test-server.ts';
import { testDatabase } from '../support/postgres.ts';

const NICK = 'Tag_Profile_IM_Nick';

/** What must be the same on both sides; ids of events name their places, which are others. */
function pictureOf(deliveries: readonly ShownDelivery[]): readonly string[] {
  return deliveries
    .map(({ userId, sequence, state, attempts }) => `${userId}/${sequence} ${state} ${attempts.length}`)
    .sort();
}

test('a store with deliveries in every state arrives whole, and each of them goes on', async (t) => {
  const dataDir = await tempFolder(t);
  const databaseUrl = await testDatabase(t);
  let isBroken = true;
  const receiver = await startReceiver(t, ({ userId }) => (isBroken && userId === 'user3' ? status(500) : ok()));
  const file = await startTestServer(t, { dataDir });
  const app = await file.createApp();
  const endpoint = await app.addEndpoint(receiver.url);
  const users = Array.from({ length: 30 }, (_, number) => `user${number}`);
  await app.importUsers(...users, 'gone');
  for (const userId of users) for (const value of ['a', 'b']) await app.set(userId, nick(value));
  await app.set('gone', nick('secret'));
  await app.untilSettled('', ['delivered', 'retrying', 'waiting']);
  await app.turnEndpoint(endpoint, 'pause');
  for (const userId of users.slice(0, 10)) await app.set(userId, nick('c'));
  await app.call('im_open_login_svc/account_delete', { DeleteItem: [{ UserID: 'gone' }] });
  const before = pictureOf(await app.deliveries());
  await file.close();

  const told: string[] = [];
  const counts = await moveStore({
    folder: dataDir,
    url: databaseUrl,
    onProgress: (what, done, total) => told.push(`${what} ${done}/${total}`),
  });
  assert.deepEqual([counts.apps, counts.endpoints, counts.profiles, counts.events], [2, 1, 31, 71]);
  assert.ok(told.includes('profiles 31/31') && told.includes('events 71/71'), told.join());
  await assert.rejects(moveStore({ folder: dataDir, url: databaseUrl, onProgress: () => undefined }), (error) => {
    assert.ok(error instanceof StoreError && error.kind === 'refused');
    return true;
  });

  const node = await startTestServer(t, { flags: { databaseUrl } });
  const moved = await TestApp.find(node, app.sdkAppId);
  assert.deepEqual(pictureOf(await moved.deliveries()), before);
  assert.deepEqual(await moved.get('user1'), { [NICK]: 'c' });
  isBroken = false;
  const sentBefore = receiver.callbacks.length;
  await moved.turnEndpoint(endpoint, 'resume');
  for (const userId of users) await moved.set(userId, nick('d'));
  await moved.untilSettled();
  const sent = receiver.callbacks.slice(sentBefore).map(({ userId, sequence }) => `${userId}/${sequence}`);
  const expected = users.flatMap((userId, index) => {
    if (index === 3) return ['user3/1', 'user3/2', 'user3/3', 'user3/4'];
    return index < 10 ? [`${userId}/3`, `${userId}/4`] : [`${userId}/3`];
  });
  assert.deepEqual(sent.toSorted(), expected.toSorted());
});

test('a move that broke off goes on where it was; no server opens the store before', async (t) => {
  const dataDir = await tempFolder(t);
  const databaseUrl = await testDatabase(t);
  const file = await startTestServer(t, { dataDir });
  const app = await file.createApp();
  await app.importUsers('alice', 'bob');
  for (let number = 1; number <= 1_300; number += 1)
    await app.set(number % 3 === 0 ? 'bob' : 'alice', nick(`${number}`));
  await file.close();
  const breakOff = (what: string, done: number): void => {
    if (what === 'events' && done > 0) throw new Error('pulled the plug');
  };
  await assert.rejects(moveStore({ folder: dataDir, url: databaseUrl, onProgress: breakOff }), /pulled the plug/);
  await assert.rejects(startTestServer(t, { flags: { databaseUrl } }), { kind: 'refused', message: /migrate-store/ });
  const counts = await moveStore({ folder: dataDir, url: databaseUrl, onProgress: () => undefined });
  assert.equal(counts.events, 1_300);
  const node = await startTestServer(t, { flags: { databaseUrl } });
  const moved = await TestApp.find(node, app.sdkAppId);
  const bobs = await moved.deliveries('userId=bob');
  assert.deepEqual(
    bobs.map(({ sequence }) => sequence),
    Array.from({ length: 433 }, (_, index) => index + 1),
  );
  assert.deepEqual(await moved.get('alice'), { [NICK]: '1300' });
});

test('a folder with a server on it, and a database that is in use, are refused', async (t) => {
  const dataDir = await tempFolder(t);
  const file = await startTestServer(t, { dataDir });
  const move = (url: string) => moveStore({ folder: dataDir, url, onProgress: () => undefined });
  const refused = { name: 'StoreError', kind: 'refused' };
  const inUse = await testDatabase(t);
  await startTestServer(t, { flags: { databaseUrl: inUse } });
  await assert.rejects(move(await testDatabase(t)), refused);
  await file.close();
  await assert.rejects(move(inUse), refused);
});
