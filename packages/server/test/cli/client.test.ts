import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startReceiver } from './support/callbacks.ts';
import { findFreePort, makeFolder, runPortrait, startPortrait } from './support/portrait.ts';
import { startServer } from './support/server.ts';

test('where no server is, it says how to start one', async (context) => {
  const server = `http://127.0.0.1:${await findFreePort()}`;
  const ended = await runPortrait(['app', 'list', '--server', server], { cwd: makeFolder(context) });
  assert.deepEqual(ended, {
    code: 1,
    stdout: '',
    stderr: `No Portrait answers at ${server}. Start one with: npx portrait serve\n`,
  });
});

test('what answers may be no Portrait', async (context) => {
  const receiver = await startReceiver(context, { body: '<html>' });
  const server = new URL(receiver.url).origin;
  const ended = await runPortrait(['app', 'list', '--server', server], { cwd: makeFolder(context) });
  assert.deepEqual(ended, {
    code: 1,
    stdout: '',
    stderr: `What answers at ${server} (status 200) is not Portrait's admin API.\n`,
  });
});

test('the admin token comes from the flag, the environment, the configuration file or the data folder', async (context) => {
  const { folder, url, running } = await startServer(context);
  const [, token = ''] = /Admin token +(\S+)\n/.exec(running.stdout) ?? [];
  const cwd = makeFolder(context);
  const list = async (args: readonly string[], env: Record<string, string> = {}) =>
    (await runPortrait(['app', 'list', ...args], { cwd, env: { PORTRAIT_SERVER: url, ...env } })).code;

  assert.equal(await list([]), 1);
  assert.equal(await list(['--admin-token', token]), 0);
  assert.equal(await list([], { PORTRAIT_ADMIN_TOKEN: token }), 0);
  assert.equal(await list(['--admin-token', 'x'], { PORTRAIT_ADMIN_TOKEN: token }), 1);
  assert.equal(await list(['--data', join(folder, 'portrait-data')]), 0);
  assert.equal(await list([], { PORTRAIT_DATA: join(folder, 'portrait-data') }), 0);
  writeFileSync(join(cwd, 'portrait.config.json'), JSON.stringify({ data: join(folder, 'portrait-data') }));
  assert.equal(await list([]), 0);
  writeFileSync(join(cwd, 'portrait.config.json'), JSON.stringify({ adminToken: token }));
  assert.equal(await list([]), 0);
});

test('a missing and a wrong admin token are told, not shown', async (context) => {
  const { url } = await startServer(context);
  const cwd = makeFolder(context);
  const env = { PORTRAIT_SERVER: url };
  assert.deepEqual(await runPortrait(['app', 'list'], { cwd, env }), {
    code: 1,
    stdout: '',
    stderr:
      `${url} asks for its admin token and there is no file portrait-data/admin-token: ` +
      'name its data folder with --data, or set PORTRAIT_ADMIN_TOKEN.\n',
  });
  assert.deepEqual(await runPortrait(['app', 'list', '--admin-token', 'guess'], { cwd, env }), {
    code: 1,
    stdout: '',
    stderr: `The admin token given is not the one of ${url}.\n`,
  });
  mkdirSync(join(cwd, 'portrait-data'));
  writeFileSync(join(cwd, 'portrait-data', 'admin-token'), 'old\n');
  assert.deepEqual(await runPortrait(['app', 'list'], { cwd, env }), {
    code: 1,
    stdout: '',
    stderr: `The admin token in portrait-data/admin-token is not the one of ${url}.\n`,
  });
});

test('switches and values of a command can come from the environment, but not what an update changes', async (context) => {
  const { folder, url } = await startServer(context);
  const run = (args: readonly string[], env: Record<string, string>) =>
    runPortrait(args, { cwd: folder, env: { PORTRAIT_SERVER: url, ...env } });
  const { stdout } = await run(['app', 'show'], { PORTRAIT_JSON: '1', PORTRAIT_REVEAL: 'true' });
  assert.match((JSON.parse(stdout) as { secretKey: string }).secretKey, /^[0-9a-f]{64}$/);
  assert.match((await run(['app', 'show'], { PORTRAIT_JSON: '0', PORTRAIT_REVEAL: '' })).stdout, /Secret key +hidden/);
  const made = await run(['app', 'create', '--json'], { PORTRAIT_NAME: 'by-env', PORTRAIT_RATE_LIMIT: '9' });
  const { name, rateLimitPerSecond } = JSON.parse(made.stdout);
  assert.deepEqual([name, rateLimitPerSecond], ['by-env', 9]);
  const changed = await run(['app', 'update', '1400000001', '--rate-limit', '3', '--json'], {
    PORTRAIT_NAME: 'by-env',
  });
  assert.equal(JSON.parse(changed.stdout).name, 'demo');
});

test('a reader that goes away ends a command quietly', async (context) => {
  const { folder, url } = await startServer(context);
  const running = startPortrait(context, ['app', 'list', '--json'], { cwd: folder, env: { PORTRAIT_SERVER: url } });
  running.child.stdout.destroy();
  const { code, stderr } = await running.ended();
  assert.deepEqual([code, stderr], [0, '']);
});
