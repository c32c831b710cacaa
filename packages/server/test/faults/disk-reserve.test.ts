/** A disk with little space left: changes are refused while there is still room to deliver what is owed, and come again by themselves. */
import assert from 'node:assert/strict';
import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { HistoryChecker } from '../support/live/history-checker.ts';
import { exchange } from '../support/live/http-exchange.ts';
import { mountSmallDisk, NEEDS_ROOT } from '../support/live/medium.ts';
import { startReceiver } from '../support/live/receiver.ts';
import { recordedSet } from '../support/live/recorded-set.ts';
import { adminCall, nick } from '../support/live/test-app.ts';
import { startTestServer } from '../support/live/test-server.ts';
import { until } from '../support/until.ts';

const MEGABYTE = 1_048_576;
const TOKEN = 'disk-token';

/** Take all of the disk but so much. @returns gives it back */
async function leave(folder: string, megabytes: number): Promise<() => Promise<void>> {
  const { bavail, bsize } = await statfs(folder);
  const file = join(folder, 'filler');
  await writeFile(file, Buffer.alloc(bavail * bsize - megabytes * MEGABYTE));
  return () => rm(file);
}

test('below the reserve changes are refused, deliveries go on, and it recovers by itself', {
  skip: NEEDS_ROOT,
}, async (t) => {
  const folder = await mountSmallDisk(t, 48);
  const receiver = await startReceiver(t);
  const errors: string[] = [];
  const flags = { diskReserve: '16MB', diskWarn: '24MB' };
  const onError = ({ msg }: { msg: string }): unknown => errors.push(msg);
  const server = await startTestServer(t, { flags, dataDir: join(folder, 'data'), onError });
  const app = await server.createApp();
  const endpoint = await app.addEndpoint(receiver.url, { token: TOKEN, state: 'paused' });
  const [signingSecret = ''] = endpoint.signingSecrets;
  const checker = new HistoryChecker({ sdkAppId: app.sdkAppId, token: TOKEN, signingSecret });
  receiver.onCallback = checker.received;
  await app.importUsers('id1', 'id2', 'leaver');
  const set = (userId: string, value: string): Promise<string> => recordedSet(app, checker, { userId, value });
  for (const userId of ['id1', 'id2']) assert.equal(await set(userId, `${userId} before`), 'acknowledged');

  const free = await leave(folder, 12);
  await until(async () => (await set('id1', `low ${checker.changeCount}`)) !== 'acknowledged', {
    what: () => 'changes to be refused',
  });
  const { status, reply } = await app.call('profile/portrait_set', {
    From_Account: 'id2',
    ProfileItem: nick('refused'),
  });
  assert.deepEqual([status, reply.ErrorCode], [200, 40006]);
  assert.match(reply.ErrorInfo, /nearly full, changes are refused until there is space again, nothing was written/);
  assert.equal((await app.call('im_open_login_svc/account_import', { UserID: 'new' })).reply.ErrorCode, 40006);
  const made = await adminCall(server, 'POST', '/apps', { name: 'one more' });
  assert.deepEqual([made.status, made.json.title], [507, 'Insufficient Storage']);
  const ready = await exchange(`${server.url}/readyz`, { method: 'GET' });
  assert.deepEqual([ready.status, JSON.parse(ready.text).changes], [200, 'refused']);
  assert.deepEqual(
    errors.filter((name) => name !== 'admin.fault'),
    ['disk.reserve'],
    'one line, however much is refused',
  );

  await app.turnEndpoint(endpoint, 'resume');
  await app.untilSettled();
  const gone = await app.call('im_open_login_svc/account_delete', { DeleteItem: [{ UserID: 'leaver' }] });
  assert.match(gone.text, /"ResultCode":0/);
  assert.deepEqual(await app.get('id2'), { Tag_Profile_IM_Nick: 'id2 before' });

  await free();
  await until(async () => (await set('id2', `after ${checker.changeCount}`)) === 'acknowledged', {
    what: () => 'changes to be taken again',
  });
  await app.untilSettled();
  assert.equal(checker.check().repeats, 0);
  assert.equal((await exchange(`${server.url}/readyz`, { method: 'GET' })).text, '{"status":"ready"}');
});
