/** A disk without space: writes are refused, reads go on, and when there is space everything does. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { HistoryChecker } from '../support/live/history-checker.ts';
import { exchange } from '../support/live/http-exchange.ts';
import { mountSmallDisk, NEEDS_ROOT } from '../support/live/medium.ts';
import { ok, startReceiver } from '../support/live/receiver.ts';
import { recordedSet } from '../support/live/recorded-set.ts';
import { nick, type TestApp, type TestEndpoint } from '../support/live/test-app.ts';
import { startTestServer } from '../support/live/test-server.ts';
import { until } from '../support/until.ts';

const DISK_MEGABYTES = 8;
/** The disk is to be full, not nearly so. */
const NO_RESERVE = { diskReserve: '0' };
const TOKEN = 'disk-token';
/** Each commit takes a page of the log at least: a few megabytes are full long before. */
const MANY_CHANGES = 20_000;
const USERS = ['id1', 'id2', 'id3'];

function checkerFor(app: TestApp, { signingSecrets: [signingSecret = ''] }: TestEndpoint): HistoryChecker {
  return new HistoryChecker({ sdkAppId: app.sdkAppId, token: TOKEN, signingSecret });
}

/** Take what is left of the disk. @returns gives it back */
async function fill(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, 'filler');
  const chunk = Buffer.alloc(64 * 1_024);
  for (;;) {
    try {
      await writeFile(file, chunk, { flag: 'a' });
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
      return () => rm(file);
    }
  }
}

test('a full disk refuses writes and nothing else, and recovers without a restart', { skip: NEEDS_ROOT }, async (t) => {
  const folder = await mountSmallDisk(t, DISK_MEGABYTES);
  const receiver = await startReceiver(t, () => ok());
  const errors: string[] = [];
  const server = await startTestServer(t, {
    flags: NO_RESERVE,
    dataDir: join(folder, 'data'),
    onError: ({ msg }) => errors.push(msg),
  });
  const app = await server.createApp();
  const endpoint = await app.addEndpoint(receiver.url, { token: TOKEN });
  const checker = checkerFor(app, endpoint);
  receiver.onCallback = checker.received;
  await app.importUsers(...USERS);
  const last = new Map<string, string>();
  const set = async (userId: string, value: string): Promise<string> => {
    const outcome = await recordedSet(app, checker, { userId, value });
    if (outcome === 'acknowledged') last.set(userId, value);
    return outcome;
  };
  for (const userId of USERS) assert.equal(await set(userId, `${userId} before`), 'acknowledged');
  await app.untilSettled();

  const free = await fill(folder);
  let changes = 0;
  while ((await set('id1', `full ${changes}`)) === 'acknowledged') {
    changes += 1;
    assert.ok(changes < MANY_CHANGES, 'the disk is full at last');
  }
  const refused = await app.call('profile/portrait_set', { From_Account: 'id2', ProfileItem: nick('refused') });
  assert.deepEqual([refused.status, refused.reply.ErrorCode], [200, 40006]);
  assert.match(refused.reply.ErrorInfo, /no space left, nothing was written/);
  const { reply } = await app.call('im_open_login_svc/account_import', { UserID: 'new' });
  assert.deepEqual([reply.ActionStatus, reply.ErrorCode], ['FAIL', 40006]);
  assert.ok(errors.includes('request.fault'), 'the log tells of it');

  for (const userId of USERS) assert.deepEqual(await app.get(userId), { Tag_Profile_IM_Nick: last.get(userId) });
  const ready = await exchange(`${server.url}/readyz`, { method: 'GET' });
  assert.deepEqual([ready.status, ready.text], [200, '{"status":"ready"}']);
  const settings = await app.admin('PATCH', '', { name: 'renamed' });
  assert.equal(settings.status, 503);
  assert.equal((await app.admin('GET', '')).json.name, 'test', 'what was not stored is not shown');

  await free();
  await until(async () => (await set('id3', `freed ${checker.changeCount}`)) === 'acknowledged', {
    what: () => 'writes to be taken again',
  });
  for (const userId of USERS) assert.equal(await set(userId, `${userId} after`), 'acknowledged');
  await app.untilSettled();
  const { repeats } = checker.check();
  assert.equal(repeats, 0, 'what was sent while nothing could be stored is stored later, not sent again');
  for (const userId of USERS) assert.deepEqual(await app.get(userId), { Tag_Profile_IM_Nick: `${userId} after` });
  const check = await app.call('im_open_login_svc/account_check', { CheckItem: [{ UserID: 'new' }] });
  assert.match(check.text, /"AccountStatus":"NotImported"/);
});

test('a start on a full disk fails with a sentence, and loses nothing', { skip: NEEDS_ROOT }, async (t) => {
  const folder = await mountSmallDisk(t, DISK_MEGABYTES);
  const receiver = await startReceiver(t);
  const server = await startTestServer(t, { flags: NO_RESERVE, dataDir: join(folder, 'data') });
  const app = await server.createApp();
  const endpoint = await app.addEndpoint(receiver.url, { state: 'paused' });
  await app.importUsers('id1');
  await app.set('id1', nick('a'));
  await server.close();
  const free = await fill(folder);
  const fault = await server.start().then(
    () => undefined,
    (error: Error) => error,
  );
  if (fault) assert.match(fault.message, /no space left|disk/);
  else await server.close(); // what it had to write found a place
  await free();
  await server.start();
  assert.deepEqual(await app.get('id1'), { Tag_Profile_IM_Nick: 'a' });
  await app.turnEndpoint(endpoint, 'resume');
  await app.untilSettled();
  assert.equal(receiver.callbacks.length, 1);
});
