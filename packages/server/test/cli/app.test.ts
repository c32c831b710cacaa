import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer } from './support/server.ts';

test('apps are made, listed, shown, changed and deleted', async (context) => {
  const server = await startServer(context);

  const made = await server.runWell(
    ...['app', 'create', '--name', 'shop', '--sdk-app-id', '1500000000', '--secret-key', 'its-secret-key'],
    ...['--custom-field', 'Tag_Profile_Custom_Level:bytes:read=user:write=admin', '--custom-field', 'Vip'],
    ...['--rate-limit', '0', '--announce-imports', '--administrator', 'root', 'second'],
  );
  const [, created = ''] = /\nCreated +(.*)\n/.exec(made) ?? [];
  assert.equal(
    made,
    `SDKAppID        1500000000
Name            shop
Secret key      its-secret-key
Administrators  root, second
Custom field    Tag_Profile_Custom_Level, bytes, read by user, written by admin
Custom field    Tag_Profile_Custom_Vip, string, read by user and admin, written by user and admin
Rate limit      none
Imports         make callbacks
Created         ${created}

Keep the secret key in your backend: who has it can act as any user of this app.
`,
  );

  const { items } = (await server.runJson('app', 'list')) as { items: Record<string, unknown>[] };
  assert.deepEqual(
    items.map(({ sdkAppId }) => sdkAppId),
    [1_400_000_001, 1_500_000_000],
  );
  const rows = (await server.runWell('app', 'list')).split('\n');
  assert.match(rows[0] ?? '', /^SDKAPPID +NAME +ADMINISTRATORS +CUSTOM FIELDS +CREATED$/);
  assert.match(rows[2] ?? '', /^1500000000 +shop +root, second +2 +\S+Z$/);

  const shown = await server.runWell('app', 'show', '1500000000');
  assert.match(shown, /\nSecret key +hidden; --reveal shows it\n/);
  assert.ok(!shown.includes('its-secret-key'));
  assert.match(await server.runWell('app', 'show', '1500000000', '--reveal'), /\nSecret key +its-secret-key\n/);
  assert.deepEqual(await server.runJson('app', 'show', '1500000000'), items[1]);

  const changed = (await server.runJson(
    ...['app', 'update', '1500000000', '--name', 'Shop, Europe', '--rate-limit', '7', '--no-announce-imports'],
    ...['--custom-field', 'Level:bytes:read=user,admin:write=admin', '--custom-field', 'New'],
  )) as Record<string, unknown>;
  assert.deepEqual(changed, {
    ...items[1],
    name: 'Shop, Europe',
    rateLimitPerSecond: 7,
    announceImports: false,
    customFields: [
      { tag: 'Tag_Profile_Custom_Level', type: 'bytes', read: ['user', 'admin'], write: ['admin'] },
      { tag: 'Tag_Profile_Custom_Vip', type: 'string', read: ['user', 'admin'], write: ['user', 'admin'] },
      { tag: 'Tag_Profile_Custom_New', type: 'string', read: ['user', 'admin'], write: ['user', 'admin'] },
    ],
  });

  assert.equal(await server.runWell('app', 'delete', '1500000000'), 'App 1500000000 is deleted.\n');
  const again = await server.run('app', 'delete', '1500000000');
  assert.deepEqual(again, { code: 1, stdout: '', stderr: 'There is no app 1500000000.\n' });
  assert.deepEqual(await server.runJson('app', 'delete', '1400000001'), { sdkAppId: 1_400_000_001, deleted: true });
  assert.equal(await server.runWell('app', 'list'), 'No apps. Make one with: npx portrait app create --name shop\n');
  assert.deepEqual(await server.run('endpoint', 'list'), {
    code: 1,
    stdout: '',
    stderr: `${server.url} has no app; make one with: npx portrait app create\n`,
  });
});

test('each fault that the server finds is one line', async (context) => {
  const server = await startServer(context);
  const refused = await server.run(
    'app',
    'create',
    '--name',
    '',
    '--secret-key',
    'short',
    '--custom-field',
    'Too_long_keyword',
  );
  assert.deepEqual([refused.code, refused.stdout], [1, '']);
  assert.match(refused.stderr, /^name: expected .*got ""\.\nsecretKey: expected .* got a string of 5 characters\.\n$/);
  const { code, stderr } = await server.run('app', 'create', '--name', 'a', '--custom-field', 'Too_long');
  assert.equal(code, 1);
  assert.match(stderr, /^customFields\.0\.tag: expected Tag_Profile_Custom_ and a keyword of .*\.\n$/);
});

test('with several apps, one must be chosen', async (context) => {
  const server = await startServer(context);
  await server.runWell('app', 'create', '--name', 'shop');
  const ended = await server.run('endpoint', 'list');
  assert.deepEqual(ended, {
    code: 2,
    stdout: '',
    stderr: 'There are several apps, choose one with --app: 1400000001 (demo), 1400000002 (shop).\n',
  });
  assert.deepEqual(await server.runJson('endpoint', 'list', '--app', '1400000002'), { items: [] });
});
