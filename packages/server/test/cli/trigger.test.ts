import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { type TestContext, test } from 'node:test';
import { parseCallbackUrl } from '@portrait/wire';
import { listen } from '../support/loopback.ts';
import { SECRET } from './support/callbacks.ts';
import * as receivers from './support/mistaken-receivers.ts';
import { type Ended, findFreePort, makeFolder, runPortrait } from './support/portrait.ts';

const TOKEN_FLAGS = ['--token', receivers.TOKEN];
const BOTH_FLAGS = [...TOKEN_FLAGS, '--signing-secret', SECRET];
/** no receiver here is slow by accident */
const PATIENT = ['--timeout', '30s'];

async function serve(context: TestContext, receiver: RequestListener): Promise<string> {
  const { port } = await listen(createServer(receiver), context);
  return `http://127.0.0.1:${port}/callback`;
}

function runTrigger(context: TestContext, ...args: readonly string[]): Promise<Ended> {
  return runPortrait(['trigger', ...args], { cwd: makeFolder(context) });
}

interface Report {
  readonly ok: boolean;
  readonly findings: readonly { readonly kind: string; readonly code: string; readonly what: string }[];
  readonly callbacks: readonly {
    readonly name: string;
    readonly isAsExpected: boolean;
    readonly request: { readonly url: string; readonly headers: Record<string, string>; readonly body: string };
    readonly failure?: { readonly reason: string };
  }[];
}

async function judge(
  context: TestContext,
  receiver: RequestListener,
  flags: readonly string[] = BOTH_FLAGS,
): Promise<Report & { readonly code: number | null; readonly codes: readonly string[] }> {
  const { code, stdout } = await runTrigger(context, await serve(context, receiver), ...PATIENT, ...flags, '--json');
  const report = JSON.parse(stdout) as Report;
  assert.equal(report.ok, code === 0);
  return { ...report, code, codes: report.findings.map((finding) => `${finding.kind} ${finding.code}`) };
}

const MISTAKES = {
  withoutTimeCheck: [receivers.withoutTimeCheck, 'problem time-unchecked'],
  withoutSignatureCheck: [receivers.withoutSignatureCheck, 'problem signature-unchecked', 'problem app-unchecked'],
  withSignAlone: [receivers.withSignAlone, 'problem body-unprotected'],
  withoutSignatureRequired: [receivers.withoutSignatureRequired, 'problem unsigned-accepted'],
  withoutAppCheck: [receivers.withoutAppCheck, 'problem app-unchecked'],
  withEarlyAnswer: [receivers.withEarlyAnswer, 'problem answered-unhandled'],
  withoutJson: [receivers.withoutJson, 'problem not-json'],
  withOtherJson: [receivers.withOtherJson, 'problem wrong-json'],
  withTextCode: [receivers.withTextCode, 'problem wrong-json'],
  withEmptyBody: [receivers.answering(''), 'problem not-json'],
  refusingRepeats: [receivers.refusingRepeats(), 'problem repeat'],
  redirecting: [receivers.answering('', 302, { location: 'http://127.0.0.1:1/' }), 'problem redirect'],
  withStatus204: [receivers.answering('', 204), 'problem status'],
  withStatus401: [receivers.answering('{}', 401), 'problem status'],
  failing: [receivers.answering('{"ActionStatus":"FAIL","ErrorCode":1,"ErrorInfo":""}'), 'problem rejected'],
  crashingAtForgeries: [receivers.crashingAtForgeries, 'note refusal'],
} as const satisfies Record<string, readonly [RequestListener, ...string[]]>;

for (const [name, [receiver, ...expected]] of Object.entries(MISTAKES)) {
  test(`a receiver is judged rightly: ${name}`, async (context) => {
    const { code, codes } = await judge(context, receiver);
    assert.deepEqual(codes, expected);
    assert.equal(code, expected.every((finding) => finding.startsWith('note')) ? 0 : 1);
  });
}

test('a receiver without a mistake passes, of callbacks of Portrait and of Tencent', async (context) => {
  const { code, codes, callbacks } = await judge(context, receivers.goodOfPortrait);
  assert.deepEqual([code, codes], [0, []]);
  assert.deepEqual(
    callbacks.map(({ name }) => name),
    [
      ...['by-administrator', 'repeat', 'by-client', 'custom-field'],
      ...['other-secrets', 'unsigned', 'altered-body', 'stale', 'other-app', 'empty'],
    ],
  );
  const [first, repeat, byClient] = callbacks.map(({ request }) => request);
  assert.equal(first?.body, repeat?.body);
  assert.equal(first?.headers['webhook-id'], repeat?.headers['webhook-id']);
  const query = parseCallbackUrl(byClient?.url ?? '');
  assert.equal(query.ok && query.value.platform, 'Web');
  assert.equal(JSON.parse(byClient?.body ?? '').ProfileItem.length, 3);

  const tencent = await judge(context, receivers.goodOfTencent, TOKEN_FLAGS);
  assert.deepEqual([tencent.code, tencent.codes], [0, ['note body-untried']]);
  assert.ok(tencent.callbacks.every(({ request }) => !Object.hasOwn(request.headers, 'webhook-id')));
});

test('the receiver is tried for the app, the address and the command that are named', async (context) => {
  const urls: string[] = [];
  const receiver: RequestListener = (request, response) => {
    urls.push(request.url ?? '');
    receivers.answering('{"ErrorCode":7,"ActionStatus":"OK","ErrorInfo":""}')(request, response);
  };
  const url = `${await serve(context, receiver)}?shop=1`;
  const command = 'C2C.CallbackBeforeSendMsg';
  const { stdout } = await runTrigger(context, url, ...['--sdk-app-id', '5', '--command', command, '--json']);
  const { callbacks, findings } = JSON.parse(stdout) as Report;
  assert.deepEqual(
    callbacks.map(({ name, isAsExpected }) => [name, isAsExpected]),
    [
      ['command', true],
      ['repeat', true],
      ['other-app', false],
    ],
  );
  assert.deepEqual(
    findings.map(({ code }) => code),
    ['app-unchecked', 'unsigned'],
  );
  assert.ok(urls[0]?.startsWith(`/callback?shop=1&SdkAppid=5&CallbackCommand=${command}&`), urls[0]);
  assert.ok(urls[2]?.includes('SdkAppid=6&'), urls[2]);
});

test('an answer that does not come is told, and nothing more is sent', async (context) => {
  const slow = await runTrigger(context, await serve(context, receivers.silent), '--timeout', '300ms', '--json');
  const { findings, callbacks } = JSON.parse(slow.stdout) as Report;
  assert.deepEqual([slow.code, callbacks.length, callbacks[0]?.failure?.reason], [1, 1, 'timeout']);
  assert.match(findings[0]?.what ?? '', /no answer in 300 ms: the request was sent, and nothing came back/);

  const dead = await runTrigger(context, `http://127.0.0.1:${await findFreePort()}/`, ...BOTH_FLAGS);
  assert.deepEqual([dead.code, dead.stderr], [1, 'One problem.\n']);
  assert.match(
    dead.stdout,
    /^WRONG {2}a change by an administrator +.*ECONNREFUSED.*\n\nProblem: .*\n {2}Start the receiver/,
  );
});

test('an answer that Tencent would not wait for is noted', async (context) => {
  const { code, codes } = await judge(context, receivers.slowOnce(2050));
  assert.deepEqual([code, codes], [0, ['note slow']]);
});

test('private addresses are refused unless they are named', async (context) => {
  const { code, stdout } = await runTrigger(context, 'http://10.1.2.3/', '--json');
  assert.equal(code, 1);
  assert.equal((JSON.parse(stdout) as Report).callbacks[0]?.failure?.reason, 'address-refused');
});

test('people read a line for each callback, and what to do', async (context) => {
  const good = await runTrigger(context, await serve(context, receivers.goodOfPortrait), ...BOTH_FLAGS, ...PATIENT);
  assert.deepEqual([good.code, good.stderr], [0, '']);
  const lines = good.stdout.split('\n');
  assert.equal(
    lines.filter((line) => /^ok {5}.* status \d+ after [\d.]+ ms, should be (taken|refused)$/.test(line)).length,
    10,
  );
  assert.equal(lines.at(-2), 'All well: it takes what it should, and refuses what it should.');

  const url = await serve(context, receivers.withoutTimeCheck);
  const bad = await runTrigger(context, url, ...BOTH_FLAGS, ...PATIENT);
  assert.equal(bad.code, 1);
  assert.match(
    bad.stdout,
    /\nWRONG {2}ten minutes old +status 200 .*, should be refused\n {7}\{"ActionStatus":"OK".*\}\n[\s\S]*\nProblem: A callback that was ten minutes old .*\n {2}Refuse it if webhook-timestamp is more than 5 minutes away from now\.\n$/,
  );
});

test('a secret that can not sign is told without it', async (context) => {
  for (const secret of ['whsec_short', 'whpk_C2FVsBQIhrscChlQIMV+b5sSYspob7oD']) {
    const { code, stderr } = await runTrigger(context, 'http://127.0.0.1:1/', '--signing-secret', secret);
    assert.equal(code, 2);
    assert.equal(stderr, '--signing-secret takes a whsec_… or whsk_… secret, as portrait endpoint add prints it.\n');
  }
});
