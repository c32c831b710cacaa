import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer } from './support/server.ts';

test('apps are made, listed, shown, changed and deleted', async (context) => {
  const server = await startServer(context);

  const made = await server.runWell(
    ...['app', 'create', '--name', 'shop', '--sdk-app-id', '1500000000', '--secret-key', 'its-secret-key'],
    ...['--custom-field', 'Tag_Profile_Custom_Level:bytes:read=user:write=admin', '--custom-field', 'Vip'],
    ...['--rate-limit', '0', '--announce-imports', '--administrator', 'root', 'second'],
    ...['--user-writable-field', 'Nick', 'Tag_Profile_IM_Image', '--user-writable-field', 'Level'],
    ...['--max-sessions-per-platform', '3'],
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
Users write     Nick, Image, Level
Rate limit      none
Imports         make callbacks
Sessions        at most 3 of a user per platform
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
    ...['--user-writable-field', 'none', '--max-sessions-per-platform', '0'],
    ...['--custom-field', 'Level:bytes:read=user,admin:write=admin', '--custom-field', 'New'],
  )) as Record<string, unknown>;
  assert.deepEqual(changed, {
    ...items[1],
    name: 'Shop, Europe',
    rateLimitPerSecond: 7,
    announceImports: false,
    userWritableFields: [],
    maxSessionsPerPlatform: 0,
    customFields: [
      { tag: 'Tag_Profile_Custom_Level', type: 'bytes', read: ['user', 'admin'], write: ['admin'] },
      { tag: 'Tag_Profile_Custom_Vip', type: 'string', read: ['user', 'admin'], write: ['user', 'admin'] },
      { tag: 'Tag_Profile_Custom_New', type: 'string', read: ['user', 'admin'], write: ['user', 'admin'] },
    ],
  });

  const reshown = await server.runWell('app', 'show', '1500000000');
  assert.match(reshown, /\nUsers write +no standard field\n(.*\n)*Sessions +as many as come\n/);
  assert.match(await server.runWell('app', 'show', '1400000001'), /\nUsers write +all standard fields\n/);

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

test('fields that users may write are standard ones, or none', async (context) => {
  const server = await startServer(context);
  for (const [args, stderr] of [
    [
      ['--user-writable-field', 'Nope'],
      '--user-writable-field takes none, or some of Nick, Gender, BirthDay, Location, SelfSignature, AllowType, ' +
        'Language, Image, MsgSettings, AdminForbidType, Level, Role, not "Nope".\n',
    ],
    [['--user-writable-field', 'none', 'Nick'], '--user-writable-field takes either none or fields, not both.\n'],
    [
      ['--max-sessions-per-platform', '101'],
      '--max-sessions-per-platform takes a whole number from 0 to 100, not "101".\n',
    ],
  ] as const) {
    assert.deepEqual(await server.run('app', 'update', '1400000001', ...args), { code: 2, stdout: '', stderr });
  }
  const twice = await server.run('app', 'update', '1400000001', '--user-writable-field', 'Nick', 'Nick');
  assert.equal(twice.code, 1);
  assert.match(twice.stderr, /^userWritableFields: expected a list of at most 12 items, no two alike, got .*\.\n$/);
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
