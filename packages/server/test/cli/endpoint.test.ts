import assert from 'node:assert/strict';
import { test } from 'node:test';
import { httpLoopback } from '../support/loopback.ts';
import { OTHER_SECRET, SECRET, startReceiver } from './support/callbacks.ts';
import { makeFolder, runPortrait } from './support/portrait.ts';
import { startServer } from './support/server.ts';

test('an endpoint is added with its secret shown once, listed, shown, changed and deleted', async (context) => {
  const server = await startServer(context);

  const added = await server.runWell('endpoint', 'add', 'http://127.0.0.1:9000/callback');
  const [, id = '', secret = ''] = /^Endpoint +(ep_\w+)\nURL +\S+\nSigning secret +(whsec_\S+)\n/.exec(added) ?? [];
  assert.ok(
    added.endsWith(
      '\n\nGive the signing secret to what runs at this URL: it proves that a callback comes from here, unchanged.\n',
    ),
  );

  const defaults = (await server.runJson('endpoint', 'show', id)) as Record<string, unknown>;
  const { items } = (await server.runJson('endpoint', 'list')) as { items: unknown[] };
  assert.deepEqual(items, [defaults]);
  assert.equal(
    await server.runWell('endpoint', 'list'),
    'ENDPOINT             STATE   URL                             COMMANDS\n' +
      `${id}  active  http://127.0.0.1:9000/callback  Profile.CallbackPortraitSet\n`,
  );
  const changed = await server.runWell(
    ...['endpoint', 'update', id, '--url', 'http://127.0.0.1:9001/x', '--token', 's3cr3t', '--timeout', '5s'],
    ...['--success', 'any-2xx', '--max-attempts', '3', '--concurrency', '8', '--rate', '10', '--on-dead', 'hold'],
    ...['--payload', 'extended', '--header', 'X-Key: h1dden', '--header', 'X-Empty:'],
  );
  assert.equal(
    changed,
    `Endpoint        ${id}
URL             http://127.0.0.1:9001/x
State           active
Commands        Profile.CallbackPortraitSet
Token           hidden; portrait endpoint show --reveal shows it
Signing secret  whsec_…${secret.slice(-4)}
Timeout         5000 ms
Success         any-2xx
Attempts        at most 3, then hold
Concurrency     8
Rate            10 attempts per second
Header          X-Key: (hidden)
Header          X-Empty: (hidden)
Payload         extended
Starts from     now
`,
  );
  const revealed = await server.runWell('endpoint', 'show', id, '--reveal');
  assert.match(revealed, /\nToken +s3cr3t\nSigning secret +whsec_/);
  assert.ok(revealed.includes(`\nSigning secret  ${secret}\n`));
  assert.ok(revealed.includes('\nHeader          X-Key: h1dden\n'));

  const cleared = await server.runJson('endpoint', 'update', id, '--header', '', '--token', '');
  assert.deepEqual((cleared as { headers: unknown }).headers, {});
  assert.equal((cleared as { token: unknown }).token, '');

  assert.equal(await server.runWell('endpoint', 'delete', id), `Endpoint ${id} is deleted.\n`);
  assert.deepEqual(await server.run('endpoint', 'show', id), {
    code: 1,
    stdout: '',
    stderr: `There is no endpoint ${id} of app 1400000001.\n`,
  });
  assert.match(
    await server.runWell('endpoint', 'list'),
    /^No endpoints\. Add one with: npx portrait endpoint add http/,
  );
});

test('all members of an endpoint can be chosen when it is added', async (context) => {
  const server = await startServer(context);
  const { endpointId, createdAt, ...endpoint } = (await server.runJson(
    ...['endpoint', 'add', 'http://127.0.0.1:9000/callback', '--command', 'Profile.CallbackPortraitSet'],
    ...['--token', 't', '--signing-secret', SECRET, '--signing-secret', OTHER_SECRET, '--timeout', '500ms'],
    ...['--success', 'tencent', '--max-attempts', '2', '--concurrency', '1', '--rate', '0'],
    ...['--header', 'Authorization: Bearer a:b', '--payload', 'tencent', '--on-dead', 'skip'],
    ...['--start-from', '2026-01-02T03:04:05Z'],
  )) as Record<string, unknown>;
  assert.match(String(endpointId), /^ep_/);
  assert.ok(Date.parse(String(createdAt)) > 0);
  assert.deepEqual(endpoint, {
    url: 'http://127.0.0.1:9000/callback',
    commands: ['Profile.CallbackPortraitSet'],
    token: 't',
    previousToken: null,
    previousTokenUntil: null,
    signingSecrets: [SECRET, OTHER_SECRET],
    retiringSecrets: [],
    verificationKeys: [],
    timeoutMs: 500,
    success: 'tencent',
    maxAttempts: 2,
    concurrency: 1,
    ratePerSecond: 0,
    headers: { Authorization: 'Bearer a:b' },
    tls: null,
    payload: 'tencent',
    onDead: 'skip',
    startFrom: '2026-01-02T03:04:05.000Z',
    state: 'active',
    stateReason: null,
    circuit: { state: 'closed' },
  });
});

test('a test shows the whole exchange, and its exit code tells the verdict', async (context) => {
  const server = await startServer(context);
  const good = await startReceiver(context);
  const bad = await startReceiver(context, { status: 500, body: 'line 1\nline \u001b[2J' });
  const add = async (url: string) =>
    ((await server.runJson('endpoint', 'add', url)) as { endpointId: string }).endpointId;

  const delivered = await server.run('endpoint', 'test', await add(good.url));
  assert.deepEqual([delivered.code, delivered.stderr], [0, '']);
  assert.match(delivered.stdout, /^> POST http:\/\/127\.0\.0\.1:\d+\/callback\?SdkAppid=1400000001&/);
  assert.match(delivered.stdout, /\n> webhook-signature: v1,/);
  assert.match(delivered.stdout, /\n>\n> \{"CallbackCommand":.*\}\n\n< status 200\n/);
  assert.match(
    delivered.stdout,
    /\n<\n< \{"ActionStatus":"OK".*\}\n\nconnect .*\nfirst byte .*\nbody .*\nDelivered in [\d.]+ ms\.\n$/,
  );
  assert.equal(good.received.length, 1);

  const id = await add(bad.url);
  const failed = await server.run('endpoint', 'test', id);
  assert.equal(failed.code, 1);
  assert.match(
    failed.stdout,
    /\n< status 500\n[\s\S]*\n< line 1\n< line \\u001b\[2J\n\nconnect .*\nfirst byte .*\nbody .*\n$/,
  );
  assert.match(failed.stderr, /^Failed after [\d.]+ ms: status, .*\.\n$/);
  const asJson = await server.run('endpoint', 'test', id, '--json');
  assert.equal(asJson.code, 1);
  const { outcome, reason } = JSON.parse(asJson.stdout);
  assert.deepEqual([outcome, reason], ['failed', 'status']);
});

test('an endpoint is paused and resumed', async (context) => {
  const server = await startServer(context);
  const receiver = await startReceiver(context);
  const { endpointId: id } = (await server.runJson('endpoint', 'add', receiver.url)) as { endpointId: string };
  assert.equal(
    await server.runWell('endpoint', 'pause', id),
    `${id} is paused: its callbacks wait. Go on with: portrait endpoint resume ${id}\n`,
  );
  assert.match(
    await server.runWell('endpoint', 'show', id),
    /\nState +paused; goes on with: portrait endpoint resume ep_\w+\n/,
  );
  assert.equal(
    await server.runWell('endpoint', 'resume', id),
    `${id} is active: what has waited is sent now, in order.\n`,
  );
  const { state } = (await server.runJson('endpoint', 'pause', id)) as { state: string };
  assert.equal(state, 'paused');
});

test('what happened to an endpoint is listed, newest first', async (context) => {
  const server = await startServer(context);
  const { endpointId: id } = (await server.runJson('endpoint', 'add', 'http://127.0.0.1:9000/cb')) as {
    endpointId: string;
  };
  await server.runWell('endpoint', 'update', id, '--timeout', '5s', '--token', 's3cr3t');
  await server.runWell('endpoint', 'pause', id);
  const listed = await server.runWell('endpoint', 'events', id);
  const rows = listed.split('\n').map((line) => line.replace(/^\S+Z +/, '').trimEnd());
  assert.deepEqual(rows, [
    'AT                        WHAT     REASON  DETAIL',
    'paused   person',
    'updated  person  token, timeoutMs',
    'created  person',
    '',
  ]);
  const { items, nextCursor } = (await server.runJson('endpoint', 'events', id, '--limit', '2')) as {
    items: { no: number }[];
    nextCursor: string;
  };
  assert.deepEqual(
    items.map(({ no }) => no),
    [3, 2],
  );
  assert.ok(nextCursor.length > 0);
  assert.match(await server.runWell('endpoint', 'events', id, '--limit', '1'), /--limit lists more than 1\.\n$/);
});

test('what state an endpoint is in is said in words, with what to do', async (context) => {
  const real = await startServer(context);
  const settings = (await real.runJson('endpoint', 'add', 'http://127.0.0.1:9000/cb')) as { endpointId: string };
  const { endpointId: id } = settings;
  const since = '2026-11-23T10:00:00.000Z';
  let state: object = {};
  const admin = await httpLoopback(context, (_request, response) =>
    response.end(JSON.stringify({ ...settings, ...state })),
  );
  const server = ['--server', admin.origin, '--admin-token', 'x', '--app', '1400000001'];
  for (const [members, words] of [
    [{ state: 'active', stateReason: null, circuit: { state: 'closed' } }, 'active'],
    [
      { state: 'paused', stateReason: 'gone', circuit: { state: 'closed' } },
      `paused because it answered 410 (gone); goes on with: portrait endpoint resume ${id}`,
    ],
    [
      { state: 'open', stateReason: 'connect', circuit: { state: 'open', since, nextProbeAt: since } },
      `open since ${since} (connect): it is down, and is probed until it answers again\nNext probe ${since}`,
    ],
    [
      { state: 'open', stateReason: 'connect', circuit: { state: 'half-open', since } },
      `open since ${since}: it answers again, and gets more and more at a time`,
    ],
  ] as const) {
    state = members;
    const { stdout, stderr } = await runPortrait(['endpoint', 'show', id, ...server], { cwd: makeFolder(context) });
    assert.ok(stdout.replace(/ +/g, ' ').includes(`\nState ${words}\n`), stdout + stderr);
  }
});
