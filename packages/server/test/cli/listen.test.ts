import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { formatCallbackAnswer } from '@portrait/wire';
import vectors from '../../../wire/vectors/signatures.json' with { type: 'json' };
import { callbackBody, EVENT_AT_MS, OTHER_SECRET, SECRET, sendCallback, startReceiver } from './support/callbacks.ts';
import { findFreePort, makeFolder, type Running, runPortrait, startPortrait } from './support/portrait.ts';
import { startServer } from './support/server.ts';

interface Listening {
  readonly running: Running;
  /** address for callbacks */
  readonly url: string;
  /** @returns the `count`th callback that is printed, 1 for the first */
  callback(count: number): Promise<Record<string, unknown>>;
}

async function startListen(context: TestContext, ...flags: readonly string[]): Promise<Listening> {
  const cwd = makeFolder(context);
  const running = startPortrait(context, ['listen', '0', '--json', ...flags], { cwd });
  const [, url = ''] = await running.printed(/^\{"kind":"listening","url":"([^"]+)"\}\n/);
  return { running, url: `${url}/callback`, callback: (count) => readCallback(running, count) };
}

async function readCallback(running: Running, count: number): Promise<Record<string, unknown>> {
  const [text] = await running.printed(new RegExp(`(?:\\{"at":.*\\n[\\s\\S]*?){${count}}`));
  const lines = text.split('\n').filter((line) => line.startsWith('{"at":'));
  return JSON.parse(lines[count - 1] ?? '') as Record<string, unknown>;
}

const OK = { status: 200, text: '{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}', contentType: 'application/json' };
const GOOD = { kind: 'good' };

test('good, wrong and missing signatures are told apart', async (context) => {
  const { url, callback } = await startListen(context, '--signing-secret', SECRET, '--token', 'xxxxyyyy');
  const signed = { secret: SECRET, token: 'xxxxyyyy' };

  assert.deepEqual(await sendCallback(url, signed), OK);
  const { at, ...good } = await callback(1);
  assert.equal(new Date(String(at)).toISOString(), at);
  assert.deepEqual(good, {
    kind: 'profile-updated',
    command: 'Profile.CallbackPortraitSet',
    clientIp: '10.1.2.3',
    platform: 'RESTAPI',
    webhookId: 'evt_1',
    sequence: 7,
    attempt: 2,
    operatorId: 'administrator',
    userId: 'alice',
    atMs: EVENT_AT_MS,
    items: [
      { tag: 'Tag_Profile_IM_Nick', value: 'Alice' },
      { tag: 'Tag_Profile_Custom_Data', value: '\u001b[2J' },
    ],
    eventId: 'evt_1',
    previousItems: [{ tag: 'Tag_Profile_IM_Nick', value: 'Al' }],
    sdkAppId: 1_400_000_001,
    signature: GOOD,
    sign: GOOD,
    answer: { status: 200 },
  });

  assert.deepEqual(await sendCallback(url, { secret: OTHER_SECRET, token: 'other' }), OK);
  const wrong = await callback(2);
  assert.deepEqual(
    [wrong.userId, wrong.signature, wrong.sign],
    [
      'alice',
      { kind: 'bad', detail: 'no signature matches id, timestamp, body and secret' },
      { kind: 'bad', detail: 'Sign does not match the token' },
    ],
  );

  assert.deepEqual(await sendCallback(url), OK);
  const missing = await callback(3);
  assert.deepEqual(
    [missing.signature, missing.sign],
    [
      { kind: 'bad', detail: 'no header webhook-id' },
      { kind: 'bad', detail: 'the URL has no Sign and RequestTime' },
    ],
  );
});

test('a public key verifies what its private one signed', async (context) => {
  const [keys] = vectors.standardWebhooksAsymmetric.cases;
  const { signingKey = '', verificationKey = '' } = keys ?? {};
  const { url, callback } = await startListen(context, '--signing-secret', verificationKey);
  await sendCallback(url, { secret: signingKey });
  assert.deepEqual((await callback(1)).signature, GOOD);
  await sendCallback(url, { secret: SECRET });
  assert.equal(((await callback(2)).signature as { kind: string }).kind, 'bad');
});

test('without secrets and server, callbacks are printed as not verified', async (context) => {
  const server = `http://127.0.0.1:${await findFreePort()}`;
  const { url, callback, running } = await startListen(context, '--server', server);
  await running.printed(/"kind":"verifying","with":null,"why":"No Portrait answers at http:\/\/127\.0\.0\.1:\d+\. /);
  await sendCallback(url, { secret: SECRET, token: 't' });
  const { signature, sign } = (await callback(1)) as Record<string, { kind: string; detail: string }>;
  assert.equal(signature?.kind, 'not verified');
  assert.match(signature?.detail ?? '', /^No Portrait answers at/);
  assert.deepEqual(sign, signature);
});

test('--no-verify looks at no signature', async (context) => {
  const { url, callback, running } = await startListen(context, '--no-verify');
  await running.printed(/"kind":"verifying","with":null,"why":"as --no-verify says"/);
  await sendCallback(url, { secret: OTHER_SECRET });
  assert.deepEqual((await callback(1)).signature, { kind: 'not verified', detail: '--no-verify' });
});

test('--fail answers with a status and an error', async (context) => {
  const { url, callback } = await startListen(context, '--signing-secret', SECRET, '--fail', '503');
  const text = formatCallbackAnswer(false, 'portrait listen --fail 503');
  assert.deepEqual(await sendCallback(url, { secret: SECRET }), { ...OK, status: 503, text });
  const { answer, signature } = await callback(1);
  assert.deepEqual({ answer, signature }, { answer: { status: 503 }, signature: GOOD });
});

test('--delay waits, and tells when the sender does not', async (context) => {
  const short = await startListen(context, '--no-verify', '--delay', '300ms');
  const startedAt = performance.now();
  assert.deepEqual(await sendCallback(short.url), OK);
  assert.ok(performance.now() - startedAt >= 299);
  assert.deepEqual((await short.callback(1)).answer, { status: 200, note: 'after 300 ms' });

  const long = await startListen(context, '--no-verify', '--delay', '1h');
  const hangUp = new AbortController();
  const sent = sendCallback(long.url, { signal: hangUp.signal });
  await long.callback(1);
  hangUp.abort();
  await assert.rejects(sent, { name: 'AbortError' });
  await long.running.printed(/\{"kind":"hung-up","detail":"The sender hung up before it was answered\."\}\n/);
});

test('--forward posts the same bytes and headers on, and answers as the other does', async (context) => {
  const other = await startReceiver(context, { status: 418, body: 'short and stout' });
  const { url, callback } = await startListen(context, '--signing-secret', SECRET, '--forward', `${other.url}?a=1`);
  const answer = await sendCallback(url, { secret: SECRET, token: 't' });
  assert.deepEqual(answer, { status: 418, text: 'short and stout', contentType: 'text/x-test' });
  const [received] = other.received;
  assert.equal(received?.body, callbackBody());
  assert.match(
    received?.url ?? '',
    /^\/callback\?a=1&SdkAppid=1400000001&CallbackCommand=.*&Sign=[0-9a-f]{64}&RequestTime=/,
  );
  assert.match(String(received?.headers['webhook-signature']), /^v1,/);
  assert.equal(received?.headers['portrait-attempt'], '2');
  const { note, durationMs, ...shown } = (await callback(1)).answer as Record<string, unknown>;
  assert.deepEqual(shown, { status: 418, contentType: 'text/x-test', body: 'short and stout' });
  assert.equal(note, `as ${other.url}?a=1 did after ${durationMs} ms`);
});

test('--forward keeps what --fail fails to itself, and shows people what the other answered', async (context) => {
  const other = await startReceiver(context, { body: 'line\u001b[2J' });
  const cwd = makeFolder(context);
  const flags = ['--no-verify', '--forward', other.url, '--fail', '500', '--fail-count', '1'];
  const running = startPortrait(context, ['listen', '0', ...flags], { cwd });
  const [, url = ''] = await running.printed(/^Listening for callbacks on (\S+) /);
  assert.equal((await sendCallback(url)).status, 500);
  assert.equal((await sendCallback(url)).status, 200);
  assert.equal(other.received.length, 1);
  await running.printed(/\n {2}answered 200, as http:\S+ did after [\d.]+ ms\n {2}line\\u001b\[2J\n/);
});

test('--fail with a count fails the first ones, with a share every so many', async (context) => {
  const statusesOf = async (...flags: readonly string[]): Promise<readonly number[]> => {
    const { url } = await startListen(context, '--no-verify', '--fail', '500', ...flags);
    const statuses: number[] = [];
    for (let sent = 0; sent < 8; sent += 1) statuses.push((await sendCallback(url)).status);
    return statuses;
  };
  assert.deepEqual(await statusesOf('--fail-count', '3'), [500, 500, 500, 200, 200, 200, 200, 200]);
  assert.deepEqual(await statusesOf('--fail-share', '25%'), [200, 200, 200, 500, 200, 200, 200, 500]);
});

test('repeats, gaps and late changes are marked', async (context) => {
  const { url, callback } = await startListen(context, '--signing-secret', SECRET);
  const marksOf = async (
    count: number,
    change: { readonly id: string; readonly sequence: number },
    secret = SECRET,
  ) => {
    await sendCallback(url, {
      secret,
      ...change,
      body: callbackBody({ eventId: change.id, sequence: change.sequence }),
    });
    const { repeatOf, missing, behind } = await callback(count);
    return { repeatOf, missing, behind };
  };
  const none = { repeatOf: undefined, missing: undefined, behind: undefined };
  assert.deepEqual(await marksOf(1, { id: 'evt_a', sequence: 4 }), none);
  assert.deepEqual(await marksOf(2, { id: 'evt_a', sequence: 4 }), { ...none, repeatOf: 1 });
  assert.deepEqual(await marksOf(3, { id: 'evt_x', sequence: 99 }, OTHER_SECRET), none);
  assert.deepEqual(await marksOf(4, { id: 'evt_b', sequence: 5 }), none);
  assert.deepEqual(await marksOf(5, { id: 'evt_c', sequence: 9 }), { ...none, missing: [6, 8] });
  assert.deepEqual(await marksOf(6, { id: 'evt_d', sequence: 7 }), { ...none, behind: 9 });
  assert.deepEqual(await marksOf(7, { id: 'evt_a', sequence: 4 }), { ...none, repeatOf: 2 });
});

test('people read repeats and gaps in words', async (context) => {
  const running = startPortrait(context, ['listen', '0', '--no-verify'], { cwd: makeFolder(context) });
  const [, url = ''] = await running.printed(/^Listening for callbacks on (\S+) /);
  const send = async (id: string, sequence: number) => {
    await sendCallback(url, { secret: SECRET, id, sequence, body: callbackBody({ eventId: id, sequence }) });
  };
  for (const [id, sequence] of [
    ['a', 1],
    ['a', 1],
    ['b', 3],
    ['c', 6],
    ['d', 2],
  ] as const)
    await send(id, sequence);
  await running.printed(/ {2}repeat: it came once before\n/);
  await running.printed(/ {2}gap: change #2 has not come\n/);
  await running.printed(/ {2}gap: changes #4 to #5 have not come\n/);
  await running.printed(/ {2}late: change #6 came before it\n/);
});

test('--forward names what went wrong', async (context) => {
  const other = `http://127.0.0.1:${await findFreePort()}/x`;
  const { url, callback } = await startListen(context, '--no-verify', '--forward', other);
  const { status, text } = await sendCallback(url);
  const note = `portrait listen could not forward to ${other}: ECONNREFUSED`;
  assert.deepEqual({ status, text }, { status: 502, text: formatCallbackAnswer(false, note) });
  assert.deepEqual((await callback(1)).answer, { status: 502, note });
});

test('what is no callback is told', async (context) => {
  const { url, callback, running } = await startListen(context, '--no-verify');
  assert.equal((await fetch(url)).status, 405);
  await running.printed(/"kind":"refused","detail":"GET \/callback: answered 405, callbacks come as POST"/);
  assert.equal((await fetch(url, { method: 'POST', body: 'x'.repeat(1024 * 1024 + 1) })).status, 413);
  await running.printed(/answered 413, the body is longer than 1048576 bytes/);
  await sendCallback(url, { body: '[]' });
  const { kind, reason, body } = await callback(1);
  assert.deepEqual({ kind, reason, body }, { kind: 'refused', reason: 'body', body: '[]' });
});

test('a client that hangs up in the middle of its body harms nobody', async (context) => {
  const { url, callback } = await startListen(context, '--no-verify');
  const { port } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.end('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc');
  await once(socket.resume(), 'close');
  assert.equal((await sendCallback(url)).status, 200);
  await callback(1);
});

test('people read each change on its own line, with nothing that steers their terminal', async (context) => {
  const cwd = makeFolder(context);
  const running = startPortrait(context, ['listen', '0', '--signing-secret', SECRET], { cwd });
  const [, url = ''] = await running.printed(/^Listening for callbacks on (\S+) \(any path\)\. Ctrl-C ends it\.\n/);
  await running.printed(/\nThey are verified with the secrets of the command line\.\n/);
  await sendCallback(url, { secret: SECRET, token: 't' });
  const [text] = await running.printed(/\d\d:\d\d:\d\d\.\d{3} [\s\S]*answered.*\n/);
  assert.equal(
    text.slice('12:34:56.789 '.length),
    `alice, change #7, attempt 2
  nick = "Al" → "Alice"
  Tag_Profile_Custom_Data = "\\u001b[2J"
  by administrator (RESTAPI, 10.1.2.3) at 2026-11-23T10:00:00.000Z, app 1400000001
  webhook-signature: good
  Sign: not verified: no token is known
  answered 200
`,
  );
});

test('secrets are asked from the server, also those of an endpoint that is added later', async (context) => {
  const server = await startServer(context);
  const env = { PORTRAIT_SERVER: server.url };
  const running = startPortrait(context, ['listen', '0'], { cwd: server.folder, env });
  const [, port = ''] = await running.printed(/^Listening for callbacks on http:\/\/127\.0\.0\.1:(\d+) /);
  const url = `http://127.0.0.1:${port}/callback`;
  await running.printed(
    new RegExp(
      `\nThey are not verified yet: \\S+ has no endpoint with port ${port}\\. Add one with: npx portrait endpoint add ${url}\n`,
    ),
  );

  const { endpointId } = (await server.runJson('endpoint', 'add', url)) as { endpointId: string };
  await server.runWell('profile', 'set', 'alice', 'nick=Alice', '--import');
  const [first] = await running.printed(/alice, change #1[\s\S]*?answered.*\n/);
  assert.match(first, /\n {2}nick = "Alice"\n[\s\S]*\n {2}webhook-signature: good\n {2}answered 200\n$/);

  await server.runWell('endpoint', 'update', endpointId, '--token', 'new-token');
  await server.runWell('profile', 'set', 'alice', 'nick=Bob');
  const [second] = await running.printed(/alice, change #2[\s\S]*?answered.*\n/);
  assert.match(second, /\n {2}webhook-signature: good\n {2}Sign: good\n {2}answered 200\n$/);

  const next = startPortrait(context, ['listen', '0'], { cwd: server.folder, env });
  await next.printed(/They are not verified yet/);
});

test('it ends with exit code 0 at SIGINT and SIGTERM, also while callbacks wait', async (context) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const { url, callback, running } = await startListen(context, '--no-verify', '--delay', '1h');
    const sent = sendCallback(url);
    await callback(1);
    const [{ code, stderr }] = await Promise.all([running.stop(signal), assert.rejects(sent)]);
    assert.deepEqual([code, stderr], [0, '']);
  }
});

test('a port that another program has is told in one sentence', async (context) => {
  const { url } = await startListen(context, '--no-verify');
  const { port } = new URL(url);
  assert.deepEqual(await runPortrait(['listen', port, '--no-verify'], { cwd: makeFolder(context) }), {
    code: 1,
    stdout: '',
    stderr: `Can not listen on port ${port} of 127.0.0.1: another program has it, so stop that one or choose another port.\n`,
  });
});
