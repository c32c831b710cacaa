import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { extendCallback, formatCallbackUrl, signCallback, signStandardWebhook } from '@portrait/wire';
import fc from 'fast-check';
import vectors from '../../wire/vectors/callbacks.json' with { type: 'json' };
import signatures from '../../wire/vectors/signatures.json' with { type: 'json' };
import type { CallbackRequest } from './request.ts';
import { type VerifyOptions, verifyCallback } from './verify.ts';

const SDK_APP_ID = 1400000001;
const TOKEN = 'mytoken';
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const AT_SECONDS = 1700000000;
const COMMAND = 'Profile.CallbackPortraitSet';
const sample = vectors.portraitSet.cases[0];
assert.ok(sample);
const BODY = sample.body;
const [keys] = signatures.standardWebhooksAsymmetric.cases;
const { signingKey: SIGNING_KEY = '', verificationKey: VERIFICATION_KEY = '' } = keys ?? {};

const options: VerifyOptions = {
  sdkAppId: SDK_APP_ID,
  token: TOKEN,
  signingSecrets: [SECRET],
  nowMs: AT_SECONDS * 1000,
};

const target = {
  sdkAppId: SDK_APP_ID,
  command: COMMAND,
  clientIp: '203.0.113.7',
  platform: 'iOS',
  sign: { sign: await signCallback(TOKEN, AT_SECONDS), requestTimeSeconds: AT_SECONDS },
};

async function request(change: { url?: string; body?: string; signed?: string; headers?: object } = {}) {
  const body = change.body ?? BODY;
  const message = { id: 'evt_1', timestampSeconds: AT_SECONDS, body: change.signed ?? body, secrets: [SECRET] };
  return {
    url: change.url ?? formatCallbackUrl('https://app.example.com/cb', target),
    headers: {
      'webhook-id': 'evt_1',
      'webhook-timestamp': String(AT_SECONDS),
      'webhook-signature': await signStandardWebhook(message),
      'portrait-sequence': '7',
      'portrait-attempt': '1',
      ...change.headers,
    },
    body,
  };
}

async function reasonOf(given: CallbackRequest, change: Partial<VerifyOptions> = {}): Promise<string> {
  const result = await verifyCallback(given, { ...options, ...change });
  if (result.ok) return 'ok';
  assert.ok(!result.detail.includes(TOKEN) && !result.detail.includes(SECRET.slice(6)));
  return result.reason;
}

const urlWith = (change: object) => formatCallbackUrl('/cb', { ...target, ...change });

describe('verifyCallback', () => {
  test('a genuine callback is understood', async () => {
    assert.deepEqual(await verifyCallback(await request(), options), {
      ok: true,
      command: COMMAND,
      event: { kind: 'profile-updated', ...sample.event },
      clientIp: '203.0.113.7',
      platform: 'iOS',
      delivery: { webhookId: 'evt_1', sequence: 7, attempt: 1 },
    });
  });

  test('the extended body brings its members', async () => {
    const body = extendCallback(BODY, sample.extension);
    const result = await verifyCallback(await request({ body }), options);
    assert.deepEqual(result.ok && result.event, { kind: 'profile-updated', ...sample.event, ...sample.extension });
  });

  test("Tencent's own callback, without headers of ours", async () => {
    const plain = { url: urlWith({}), headers: {}, body: BODY };
    const result = await verifyCallback(plain, { ...options, signingSecrets: undefined });
    assert.deepEqual(result.ok && result.delivery, { webhookId: undefined, sequence: undefined, attempt: undefined });
  });

  test('a command without a type is handed on', async () => {
    const content = { CallbackCommand: 'C2C.CallbackAfterSendMsg', MsgTime: 1 };
    const given = await request({
      url: urlWith({ command: content.CallbackCommand }),
      body: JSON.stringify(content),
    });
    const result = await verifyCallback(given, options);
    assert.deepEqual(result.ok && result.event, { kind: 'other', body: content });
  });

  test('counts that are none are left out', async () => {
    for (const text of ['', '0', '-1', '1.5', 'x', '9'.repeat(30)]) {
      const given = await request({ headers: { 'portrait-sequence': text } });
      const result = await verifyCallback(given, options);
      assert.equal(result.ok && result.delivery.sequence, undefined);
    }
  });

  test('the clock is the real one by default', async () => {
    const given = await request();
    assert.equal(await reasonOf(given, { nowMs: undefined }), 'sign-too-old');
  });

  test('both tokens and both secrets are good while they change', async () => {
    const given = await request();
    const change = { token: ['new', TOKEN], signingSecrets: [`whsec_${'A'.repeat(32)}`, SECRET] };
    assert.equal(await reasonOf(given, change), 'ok');
  });

  test('a public key verifies what the private one signed, beside a secret or alone', async () => {
    const message = { id: 'evt_1', timestampSeconds: AT_SECONDS, body: BODY };
    const signature = await signStandardWebhook({ ...message, secrets: [SECRET, SIGNING_KEY] });
    const given = await request({ headers: { 'webhook-signature': signature } });
    for (const signingSecrets of [[SECRET], [VERIFICATION_KEY], [VERIFICATION_KEY, SECRET]]) {
      assert.equal(await reasonOf(given, { signingSecrets }), 'ok');
    }
    const onlyHmac = await request();
    assert.equal(await reasonOf(onlyHmac, { signingSecrets: [VERIFICATION_KEY] }), 'signature-mismatch');
    assert.equal(
      await reasonOf({ ...given, body: `${BODY} ` }, { signingSecrets: [VERIFICATION_KEY] }),
      'signature-mismatch',
    );
  });
});

describe('refusals', () => {
  const sign = { sign: '0'.repeat(64), requestTimeSeconds: AT_SECONDS };
  const late = { nowMs: (AT_SECONDS + 61) * 1000 };
  const cases: readonly (readonly [
    name: string,
    change: Parameters<typeof request>[0],
    optionsChange: Partial<VerifyOptions>,
    reason: string,
  ])[] = [
    ['no query', { url: '/cb' }, {}, 'url'],
    ['another app', { url: urlWith({ sdkAppId: 1 }) }, {}, 'app'],
    ['no Sign', { url: urlWith({ sign: undefined }) }, {}, 'sign-missing'],
    ['wrong Sign', { url: urlWith({ sign }) }, {}, 'sign-mismatch'],
    ['61 s late', {}, late, 'sign-too-old'],
    ['61 s early', {}, { nowMs: (AT_SECONDS - 61) * 1000 }, 'sign-too-new'],
    ['empty token', {}, { token: '' }, 'sign-no-secret'],
    ['61 s late, no token asked for', {}, { ...late, token: undefined }, 'ok'],
    ['301 s late', {}, { token: undefined, nowMs: (AT_SECONDS + 301) * 1000 }, 'signature-too-old'],
    ['301 s early', {}, { token: undefined, nowMs: (AT_SECONDS - 301) * 1000 }, 'signature-too-new'],
    ['body exchanged', { signed: '{}' }, {}, 'signature-mismatch'],
    ['no id', { headers: { 'webhook-id': undefined } }, {}, 'signature-missing'],
    ['odd time', { headers: { 'webhook-timestamp': 'x' } }, {}, 'signature-malformed-time'],
    ['no secrets given', {}, { signingSecrets: [] }, 'signature-no-secret'],
    ['body is not JSON', { body: 'x' }, {}, 'body'],
    ['body is null', { body: 'null' }, {}, 'body'],
    ['body without its members', { body: JSON.stringify({ CallbackCommand: COMMAND }) }, {}, 'body'],
    ['URL of another command', { url: urlWith({ command: 'Sns.CallbackFriendAdd' }) }, {}, 'command'],
    ['body without a command', { body: '{}' }, {}, 'command'],
  ];
  for (const [name, change, optionsChange, reason] of cases) {
    test(name, async () => assert.equal(await reasonOf(await request(change), optionsChange), reason));
  }

  test('any body and any URL are answered', async () => {
    const property = fc.asyncProperty(fc.string(), fc.oneof(fc.string(), fc.json()), async (url, body) => {
      const given = { url: `/cb?SdkAppid=${SDK_APP_ID}&CallbackCommand=${COMMAND}${url}`, headers: {}, body };
      assert.notEqual(await reasonOf(given, { token: undefined, signingSecrets: undefined }), 'ok');
    });
    await fc.assert(property);
  });
});
