import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startChildServer } from '../support/live/child-server.ts';
import { tempFolder } from '../support/live/cleanup.ts';
import { HistoryChecker } from '../support/live/history-checker.ts';
import { startReceiver } from '../support/live/receiver.ts';
import { nick, TestApp } from '../support/live/test-app.ts';
import { Writers } from '../support/live/writers.ts';
import { until } from '../support/until.ts';
import { runPortrait } from './support/portrait.ts';

const TOKEN = 'backup-token';
const USERS = ['id1', 'id2', 'id3'];

test('a copy taken under load opens, and has every change that was answered before', async (t) => {
  const cwd = await tempFolder(t);
  const receiver = await startReceiver(t);
  const server = await startChildServer(t);
  const app = await TestApp.create(server);
  await app.importUsers(...USERS);
  const endpoint = await app.addEndpoint(receiver.url, { token: TOKEN, state: 'paused' });
  const [signingSecret = ''] = endpoint.signingSecrets;
  const checker = new HistoryChecker({ sdkAppId: app.sdkAppId, token: TOKEN, signingSecret });
  const writers = new Writers(t, { app, checker, userIds: USERS, count: 6 });
  writers.go();
  await until(() => writers.acknowledged >= 300, { what: () => `300 changes, ${writers.acknowledged} came` });
  const before = writers.acknowledged;
  const ended = await runPortrait(['backup', 'copy.db', '--data', server.dataDir, '--json'], { cwd });
  const during = writers.acknowledged - before;
  await writers.stop();
  await server.end('SIGKILL');
  assert.deepEqual([ended.code, ended.stderr], [0, '']);
  const copy = join(cwd, 'copy.db');
  assert.deepEqual(JSON.parse(ended.stdout), { file: copy, bytes: statSync(copy).size });
  assert.equal(statSync(copy).mode & 0o777, 0o600);
  assert.ok(during > 0, 'changes went on meanwhile');

  const dataDir = join(cwd, 'restored');
  await mkdir(dataDir);
  await rename(copy, join(dataDir, 'portrait.db'));
  const restored = await startChildServer(t, { dataDir });
  const again = await TestApp.find(restored, app.sdkAppId);
  const deliveries = await again.deliveries();
  assert.ok(deliveries.length >= before, `${deliveries.length} changes in the copy, ${before} were answered before`);
  for (const userId of USERS) {
    const own = deliveries.filter((delivery) => delivery.userId === userId);
    assert.deepEqual(
      own.map(({ sequence }) => sequence),
      own.map((_, index) => index + 1),
    );
    const [item] = own.at(-1)?.event.items ?? [];
    assert.deepEqual(await again.get(userId), { Tag_Profile_IM_Nick: item?.value }, 'profile and log agree');
  }
  await again.turnEndpoint(endpoint, 'resume');
  await again.untilSettled();
  assert.equal(receiver.callbacks.length, deliveries.length);
  await again.set('id1', nick('goes on'));
});

test('a store that is closed is copied too; nothing is overwritten, and what can not be is told', async (t) => {
  const cwd = await tempFolder(t);
  const server = await startChildServer(t);
  const app = await TestApp.create(server);
  await app.importUsers('id1');
  await server.end('SIGTERM');
  const run = (file: string, data: string) => runPortrait(['backup', file, '--data', data], { cwd });
  const first = await run('copy.db', server.dataDir);
  assert.deepEqual([first.code, first.stderr], [0, '']);
  assert.match(first.stdout, /^copy\.db holds all of .*: 1 MB\.\n$/);
  writeFileSync(join(cwd, 'other.db'), 'something else');
  for (const [file, data, sentence] of [
    ['copy.db', server.dataDir, /copy\.db is there already/],
    ['other.db', server.dataDir, /other\.db is there already/],
    ['new.db', cwd, /There is no store in/],
    ['none/new.db', server.dataDir, /can not be copied: ENOENT/],
  ] as const) {
    const { code, stdout, stderr } = await run(file, data);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, sentence);
  }
  assert.deepEqual(readdirSync(cwd).sort(), ['copy.db', 'other.db']);
  assert.equal(existsSync(join(server.dataDir, 'lock.db')), true);
});
