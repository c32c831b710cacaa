/** A store that refuses writes. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { atEnd, tempFolder } from '../support/live/cleanup.ts';
import { HistoryChecker } from '../support/live/history-checker.ts';
import { exchange } from '../support/live/http-exchange.ts';
import { mountSmallDisk, NEEDS_ROOT, remount, setImmutable } from '../support/live/medium.ts';
import { startReceiver } from '../support/live/receiver.ts';
import { recordedSet } from '../support/live/recorded-set.ts';
import { nick } from '../support/live/test-app.ts';
import { startTestServer } from '../support/live/test-server.ts';
import { until } from '../support/until.ts';

const TOKEN = 'read-only-token';

/** Whether the file system of the test's folder knows the attribute. */
async function canBeImmutable(files: readonly string[]): Promise<boolean> {
  try {
    await setImmutable(files, true);
    await setImmutable(files, false);
    return true;
  } catch {
    return false;
  }
}

test('files that can not be written to refuse writes and nothing else, and recover', {
  skip: NEEDS_ROOT,
}, async (t) => {
  const dataDir = await tempFolder(t);
  const receiver = await startReceiver(t);
  const server = await startTestServer(t, { dataDir });
  const app = await server.createApp();
  const endpoint = await app.addEndpoint(receiver.url, { token: TOKEN });
  const [signingSecret = ''] = endpoint.signingSecrets;
  const checker = new HistoryChecker({ sdkAppId: app.sdkAppId, token: TOKEN, signingSecret });
  receiver.onCallback = checker.received;
  await app.importUsers('id1', 'id2');
  for (const userId of ['id1', 'id2']) await recordedSet(app, checker, { userId, value: `${userId} before` });
  await app.untilSettled();
  const files = (await readdir(dataDir)).filter((name) => /^portrait\.db(-wal)?$/.test(name));
  const paths = files.map((name) => join(dataDir, name));
  if (!(await canBeImmutable(paths))) {
    t.skip('this file system has no immutable files');
    return;
  }

  await setImmutable(paths, true);
  atEnd(t, () => setImmutable(paths, false));
  for (let change = 0; change < 5; change += 1) {
    const { status, reply } = await app.call('profile/portrait_set', {
      From_Account: 'id1',
      ProfileItem: nick(`refused ${change}`),
    });
    assert.deepEqual([status, reply.ErrorCode], [200, 40006], reply.ErrorInfo);
    assert.ok(reply.ErrorInfo.length > 0);
  }
  assert.deepEqual(await app.get('id1'), { Tag_Profile_IM_Nick: 'id1 before' });
  const ready = await exchange(`${server.url}/readyz`, { method: 'GET' });
  assert.equal(ready.status, 200);

  await setImmutable(paths, false);
  await until(
    async () =>
      (await recordedSet(app, checker, { userId: 'id2', value: `again ${checker.changeCount}` })) === 'acknowledged',
    {
      what: () => 'writes to be taken again',
    },
  );
  assert.equal(await recordedSet(app, checker, { userId: 'id1', value: 'id1 after' }), 'acknowledged');
  await app.untilSettled();
  checker.check();
  assert.deepEqual(await app.get('id1'), { Tag_Profile_IM_Nick: 'id1 after' });
});

test('a start on a read-only folder fails with a sentence that says so', { skip: NEEDS_ROOT }, async (t) => {
  const folder = await mountSmallDisk(t, 8);
  const receiver = await startReceiver(t);
  const server = await startTestServer(t, { flags: { diskReserve: '0' }, dataDir: folder });
  const app = await server.createApp();
  const endpoint = await app.addEndpoint(receiver.url, { state: 'paused' });
  await app.importUsers('id1');
  await app.set('id1', nick('a'));
  await server.close();
  await remount(folder, 'ro');
  await assert.rejects(server.start(), (error: Error) => {
    assert.doesNotMatch(error.message, /in use by another/, 'nobody else is there');
    assert.match(error.message, /read-only|can not be written|EROFS|not writable/i);
    return true;
  });
  await remount(folder, 'rw');
  await server.start();
  assert.deepEqual(await app.get('id1'), { Tag_Profile_IM_Nick: 'a' });
  await app.turnEndpoint(endpoint, 'resume');
  await app.untilSettled();
  assert.equal(receiver.callbacks.length, 1);
});
