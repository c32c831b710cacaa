import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { verifyUserSig } from '@portrait/wire';
import { startReceiver } from './support/callbacks.ts';
import {
  atEnd,
  type Ended,
  findFreePort,
  makeFolder,
  PROGRAM,
  runPortrait,
  startCommand,
  startPortrait,
} from './support/portrait.ts';
import { startServer } from './support/server.ts';

const BANNER_END = /--import.*\n\n/;

test('the first start prints all that one needs, later ones one line', async (context) => {
  const cwd = makeFolder(context);
  const first = startPortrait(context, ['serve', '--port', '0', '--log-level', 'silent'], { cwd });
  await first.printed(BANNER_END);
  const facts = Object.fromEntries(
    [...first.stdout.matchAll(/^ {2}(\S.*?) {2,}(\S+)$/gm)].map(([, name, value]) => [name, value]),
  );
  const {
    'Secret key': secretKey = '',
    'Its UserSig': userSig = '',
    'Admin token': adminToken = '',
    Console: page = '',
    ...rest
  } = facts;
  const url = page.replace(/\/console$/, '');
  assert.deepEqual(rest, {
    SDKAppID: '1400000001',
    Administrator: 'administrator',
    REST: `${url}/v4/…`,
  });
  const expected = { sdkAppId: 1_400_000_001, userId: 'administrator', secretKey, nowSeconds: Date.now() / 1000 };
  assert.ok((await verifyUserSig(userSig, expected)).ok);
  const tokenFile = join(cwd, 'portrait-data', 'admin-token');
  assert.equal(readFileSync(tokenFile, 'utf8').trim(), adminToken);
  assert.equal(statSync(tokenFile).mode & 0o777, 0o600);
  assert.deepEqual(await first.stop(), { code: 0, stdout: first.stdout, stderr: '' });

  const second = startPortrait(context, ['serve', '--port', '0', '--log-level', 'silent'], { cwd });
  await second.printed(/\n/);
  const ended = await second.stop('SIGINT');
  assert.equal(ended.code, 0);
  assert.match(ended.stdout, /^Portrait \S+ runs at (http:\/\/127\.0\.0\.1:\d+), its console at \1\/console\.\n$/);
});

test('the commands of the first start work as printed', async (context) => {
  const cwd = makeFolder(context);
  const serving = startPortrait(context, ['serve', '--port', '0', '--data', "it's data"], { cwd });
  await serving.printed(BANNER_END);
  const [, commands = ''] = serving.stdout.split('in the same folder:\n\n');
  // npx finds the program and its Node in node_modules/.bin; port 9000 is changed, since a test may not take it
  const bin = join(cwd, 'node_modules', '.bin');
  mkdirSync(bin, { recursive: true });
  symlinkSync(PROGRAM, join(bin, 'portrait'));
  symlinkSync(process.execPath, join(bin, 'node'));
  const port = await findFreePort();
  const [listen = '', add = '', set = ''] = commands
    .trim()
    .split('\n')
    .map((line) => line.trim().replace('9000', String(port)));
  assert.match(listen, /^npx portrait listen \d+ --server http:\/\/127\.0\.0\.1:\d+ --data 'it'\\''s data' &$/);
  const env = { PATH: `${bin}:${process.env.PATH}` };
  const start = (line: string) =>
    startCommand(context, ['sh', '-c', line.replace('npx portrait', 'exec portrait')], { cwd, env });

  const listening = start(listen.replace(/ &$/, ''));
  await listening.printed(/\nThey are not verified yet: .*\n/);
  assert.equal((await start(add).ended()).code, 0);
  assert.equal((await start(set).ended()).stdout, 'alice: nick = "Alice"\n');
  await listening.printed(
    /alice, change #1, attempt 1\n {2}nick = "Alice"\n.*\n {2}webhook-signature: good\n {2}answered 200\n/,
  );
  assert.equal((await listening.stop()).code, 0);
});

test('what the commands find by themselves is not printed, what they do not is', async (context) => {
  const cwd = makeFolder(context);
  const port = await findFreePort();
  writeFileSync(join(cwd, 'portrait.config.json'), JSON.stringify({ port, data: 'd' }));
  const configured = startPortrait(context, ['serve'], { cwd });
  await configured.printed(/\n {2}npx portrait profile set alice nick=Alice --import\n/);
  await configured.stop();

  const env = { PORTRAIT_ADMIN_TOKEN: 'given', PORTRAIT_DATA: 'e', PORTRAIT_HOST: '0.0.0.0' };
  const given = startPortrait(context, ['serve'], { cwd, env });
  await given.printed(/\n {2}npx portrait profile set alice nick=Alice --import --admin-token given\n/);
  await given.printed(
    /\n\(The second one needs a server started with --webhook-allow 127\.0\.0\.0\/8, since --host is not loopback\.\)\n/,
  );
  await given.stop();
});

test('a start that can not be is told in one sentence', async (context) => {
  const server = await startServer(context);
  const cwd = makeFolder(context);
  const { port } = new URL(server.url);
  const taken = `Can not listen on port ${port} of 127.0.0.1: another program has it, so stop that one or choose another port.\n`;
  assert.deepEqual(await runPortrait(['serve', '--port', port], { cwd }), { code: 1, stdout: '', stderr: taken });

  const elsewhere = await runPortrait(['serve', '--port', '0', '--host', '203.0.113.1'], { cwd });
  assert.deepEqual([elsewhere.code, elsewhere.stdout], [1, '']);
  assert.equal(elsewhere.stderr, 'Can not listen on port 0 of 203.0.113.1: this machine does not have this address.\n');

  const twice = await runPortrait(['serve', '--port', '0'], { cwd: server.folder });
  assert.deepEqual([twice.code, twice.stdout], [1, '']);
  assert.match(twice.stderr, /^The store in .*portrait-data can not be used: .*\n$/);

  writeFileSync(join(cwd, 'file'), '');
  const noFolder = await runPortrait(['serve', '--port', '0', '--data', 'file'], { cwd });
  assert.deepEqual([noFolder.code, noFolder.stdout], [1, '']);
  assert.match(noFolder.stderr, /^The (store in|data folder) .*file can not be used: .*\n$/);
});

test('a second signal ends it at once', async (context) => {
  let arrived: () => void = () => undefined;
  const hasArrived = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const silent = createServer(() => arrived());
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  atEnd(context, () => {
    silent.closeAllConnections();
    return new Promise((resolve) => silent.close(resolve));
  });
  const server = await startServer(context);
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
  await server.runWell('endpoint', 'add', url, '--timeout', '30s');
  await server.runWell('profile', 'set', 'alice', 'nick=Alice', '--import');
  await hasArrived;
  server.running.child.kill('SIGTERM');
  await server.running.printed(/serve\.stopping/);
  const { code } = await server.running.stop('SIGTERM');
  assert.equal(code, 1);
});

test('it goes on when nobody reads what it prints', async (context) => {
  const server = await startServer(context, '--log-level', 'debug');
  const receiver = await startReceiver(context);
  server.running.child.stdout.destroy();
  server.running.child.stderr.destroy();
  await server.runWell('endpoint', 'add', receiver.url);
  for (const nick of ['A', 'B', 'C']) await server.runWell('profile', 'set', 'alice', `nick=${nick}`, '--import');
  await server.runWell('app', 'list');
  const { code } = await server.running.stop();
  assert.equal(code, 0);
});

test('it goes on when what it prints finds no space', {
  skip: !existsSync('/dev/full') && 'there is no /dev/full',
}, async (context) => {
  const cwd = makeFolder(context);
  const port = await findFreePort();
  const command = `exec "${process.execPath}" "${PROGRAM}" serve --port ${port} --log-level debug > /dev/full`;
  const serving = startCommand(context, ['sh', '-c', command], { cwd });
  const env = { PORTRAIT_SERVER: `http://127.0.0.1:${port}` };
  let listed: Ended;
  do {
    listed = await runPortrait(['app', 'list', '--json'], { cwd, env });
  } while (listed.code !== 0 && serving.child.exitCode === null);
  assert.equal(listed.code, 0);
  const set = await runPortrait(['profile', 'set', 'alice', 'nick=Alice', '--import'], { cwd, env });
  assert.equal(set.code, 0);
  assert.deepEqual(await serving.stop(), { code: 0, stdout: '', stderr: '' });
});
