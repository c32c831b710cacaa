import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import vectors from '../../wire/vectors/callbacks.json' with { type: 'json' };
import {
  APP,
  AT_MS,
  clockAt,
  OTHER_SECRET,
  SECRET,
  SIGNING_KEY,
  sent,
  TOKEN,
  VERIFICATION_KEY,
} from '../test/support.ts';
import { signedRequest } from './testing.ts';
import { createVerifier, RefusedError, verify, verifyOrThrow } from './verify.ts';
import type { VerifyOptions } from './verify-options.ts';

const BOTH = { sdkAppId: APP, token: TOKEN, signingSecrets: [SECRET] } as const;
const COMMAND = 'Profile.CallbackPortraitSet';

async function outcome(change: Parameters<typeof sent>[0], options: VerifyOptions): Promise<string> {
  const result = await verify(await sent(change), { clock: clockAt(), ...options });
  return result.ok ? result.delivery.provedBy : result.reason;
}

describe('what is verified is read', () => {
  for (const { name, event, body, extendedBody, extension } of vectors.portraitSet.cases) {
    test(name, async () => {
      const plain = await verify(await sent({ body }), { ...BOTH, clock: clockAt() });
      assert.ok(plain.ok && plain.event.command === COMMAND);
      const { body: raw, command: _, ...read } = plain.event;
      assert.deepEqual([read, raw, plain.text], [event, JSON.parse(body), body]);
      assert.equal(plain.delivery.sequence, 7);

      const extended = await verify(await sent({ body: extendedBody }), { ...BOTH, clock: clockAt() });
      assert.ok(extended.ok && extended.event.command === COMMAND);
      assert.deepEqual(extended.event.previousItems, extension.previousItems);
      assert.equal(extended.delivery.sequence, extension.sequence, 'the signed one counts');
    });
  }

  test('how it came', async () => {
    const result = await verify(await sent(), { ...BOTH, clock: clockAt() });
    assert.deepEqual(result.ok && result.delivery, {
      sdkAppId: APP,
      provedBy: 'body-signature',
      clientIp: '127.0.0.1',
      platform: 'RESTAPI',
      webhookId: 'evt_1',
      sequence: 7,
      attempt: 2,
      isSample: false,
    });
  });

  test("Tencent's own callback, without headers of ours", async () => {
    const plain = await sent({ signingSecrets: [] });
    const result = await verify(plain, { sdkAppId: APP, token: TOKEN, clock: clockAt() });
    assert.ok(result.ok);
    const { webhookId, sequence, attempt, provedBy } = result.delivery;
    assert.deepEqual([webhookId, sequence, attempt, provedBy], [undefined, undefined, undefined, 'token']);
  });

  test('a sample that a person sent is told', async () => {
    const result = await verify(await sent({ sequence: 0 }), { ...BOTH, clock: clockAt() });
    assert.deepEqual(result.ok && [result.delivery.isSample, result.delivery.sequence], [true, undefined]);
  });

  test('counts that are none are left out', async () => {
    for (const text of ['', '-1', '1.5', 'x', '9'.repeat(30)]) {
      const given = await sent({ headers: { 'portrait-sequence': text } });
      const result = await verify(given, { ...BOTH, clock: clockAt() });
      assert.deepEqual(result.ok && [result.delivery.sequence, result.delivery.isSample], [undefined, false]);
    }
  });

  test('commands other than the profile are handed on as they are, known or not', async () => {
    for (const name of ['C2C.CallbackAfterSendMsg', 'Profile.CallbackNew', 'constructor.name', 'C2C']) {
      const content = { CallbackCommand: name, MsgTime: 1 };
      const result = await verify(await sent({ command: name, body: JSON.stringify(content) }), {
        ...BOTH,
        clock: clockAt(),
      });
      assert.deepEqual(result.ok && result.event, { command: name, body: content });
    }
  });

  test('a Request, a Node request with headers in any case, bytes, a stream', async () => {
    const parts = await sent();
    const options = { ...BOTH, clock: clockAt() };
    const bytes = new TextEncoder().encode(parts.body);
    const upper = Object.fromEntries(
      Object.entries(parts.headers).map(([name, value]) => [name.toUpperCase(), [value]]),
    );
    async function* pieces() {
      for (const byte of bytes) yield Uint8Array.of(byte);
    }
    const requests = [
      new Request(parts.url, parts),
      { ...parts, headers: upper },
      { ...parts, url: parts.url.slice('http://receiver.test'.length), body: bytes },
      { ...parts, method: undefined, body: pieces() },
    ];
    for (const request of requests) assert.equal((await verify(request, options)).ok, true);
  });

  test('the clock is the real one by default', async () => {
    assert.equal((await verify(await sent({ nowMs: Date.now() }), BOTH)).ok, true);
    const late = await verify(await sent(), BOTH);
    assert.equal(!late.ok && late.reason, 'signature-too-old');
  });

  test('each of several apps has its own proofs', async () => {
    const apps = [{ ...BOTH }, { sdkAppId: 2, signingSecrets: [OTHER_SECRET] }];
    assert.equal(await outcome({}, { apps }), 'body-signature');
    assert.equal(await outcome({ sdkAppId: 2, signingSecrets: [OTHER_SECRET] }, { apps }), 'body-signature');
    assert.equal(await outcome({ sdkAppId: 2 }, { apps }), 'signature-mismatch');
    assert.equal(await outcome({ sdkAppId: 3 }, { apps }), 'app');
  });

  test('old and new secrets are good while they change, a public key beside a secret too', async () => {
    const known = { sdkAppId: APP, token: ['new', TOKEN], signingSecrets: [OTHER_SECRET, SECRET] };
    assert.equal(await outcome({}, known), 'body-signature');
    for (const signingSecrets of [[SECRET], [VERIFICATION_KEY], [VERIFICATION_KEY, OTHER_SECRET]]) {
      assert.equal(
        await outcome({ signingSecrets: [SECRET, SIGNING_KEY] }, { sdkAppId: APP, signingSecrets }),
        'body-signature',
      );
    }
    const onlyKey = { sdkAppId: APP, signingSecrets: [VERIFICATION_KEY] };
    assert.equal(await outcome({}, onlyKey), 'signature-mismatch');
  });
});

describe('refusals', () => {
  const late = { clock: clockAt(61) };
  const body = JSON.stringify({ CallbackCommand: COMMAND });
  const tokenOnly = { sdkAppId: APP, token: TOKEN };
  const secretOnly = { sdkAppId: APP, signingSecrets: [SECRET] };
  const cases: readonly (readonly [
    name: string,
    change: Parameters<typeof sent>[0],
    options: VerifyOptions,
    reason: string,
  ])[] = [
    ['another app', { sdkAppId: 1 }, BOTH, 'app'],
    ['no Sign', { token: undefined }, tokenOnly, 'sign-missing'],
    ['wrong Sign', { token: 'other' }, tokenOnly, 'sign-mismatch'],
    ['61 s late', {}, { ...tokenOnly, ...late }, 'sign-too-old'],
    ['60 s late', {}, { ...tokenOnly, clock: clockAt(60) }, 'token'],
    ['61 s early', {}, { ...tokenOnly, clock: clockAt(-61) }, 'sign-too-new'],
    ['61 s late, no token known', {}, { ...secretOnly, ...late }, 'body-signature'],
    ['61 s late, both known', {}, { ...BOTH, ...late }, 'sign-too-old'],
    ['300 s late', {}, { ...secretOnly, clock: clockAt(300) }, 'body-signature'],
    ['301 s late', {}, { ...secretOnly, clock: clockAt(301) }, 'signature-too-old'],
    ['301 s early', {}, { ...secretOnly, clock: clockAt(-301) }, 'signature-too-new'],
    ['another secret', { signingSecrets: [OTHER_SECRET] }, BOTH, 'signature-mismatch'],
    ['no id', { headers: { 'webhook-id': undefined } }, BOTH, 'signature-missing'],
    ['another id', { headers: { 'webhook-id': 'evt_2' } }, BOTH, 'signature-mismatch'],
    ['odd time', { headers: { 'webhook-timestamp': 'x' } }, BOTH, 'signature-malformed-time'],
    ['body is not JSON', { body: 'x' }, BOTH, 'body'],
    ['body is null', { body: 'null' }, BOTH, 'body'],
    ['body without its members', { body }, BOTH, 'body'],
    ['URL of another command', { command: 'Sns.CallbackFriendAdd' }, BOTH, 'command'],
    ['body without a command', { body: '{}' }, BOTH, 'command'],
    ['longer than allowed', {}, { ...BOTH, maxBodyBytes: 100 }, 'too-large'],
  ];
  for (const [name, change, options, reason] of cases) {
    test(name, async () => assert.equal(await outcome(change, options), reason));
  }

  test('no query, another method, not UTF-8, a body that breaks off', async () => {
    const verifier = createVerifier({ ...BOTH, clock: clockAt() });
    const parts = await sent();
    async function* broken() {
      yield new Uint8Array(3);
      throw new Error('aborted');
    }
    const requests = [
      [{ ...parts, url: '/cb' }, 'url'],
      [{ ...parts, method: 'GET' }, 'method'],
      [{ ...parts, body: Uint8Array.of(0x7b, 0xff) }, 'body'],
      [{ ...parts, body: broken() }, 'body'],
      [{ ...parts, body: null }, 'signature-mismatch'],
    ] as const;
    for (const [request, reason] of requests) {
      const result = await verifier(request);
      assert.equal(!result.ok && result.reason, reason);
    }
  });

  test('the throwing twin throws the reason', async () => {
    const options = { ...BOTH, clock: clockAt() };
    assert.equal((await verifyOrThrow(await sent(), options)).delivery.webhookId, 'evt_1');
    const refused = verifyOrThrow(await sent({ token: 'other' }), options);
    await assert.rejects(refused, (error) => error instanceof RefusedError && error.reason === 'sign-mismatch');
  });

  test('a body that was read before is a mistake of the app, and says what to do', async () => {
    const request = await signedRequest({ sdkAppId: APP, signingSecrets: [SECRET] });
    await request.text();
    await assert.rejects(verify(request, { ...BOTH, clock: clockAt() }), {
      name: 'BodyConsumedError',
      message: /before/,
    });
  });

  test('any body and any URL are answered', async () => {
    const verifier = createVerifier({ sdkAppId: APP, require: 'none' });
    const property = fc.asyncProperty(fc.string(), fc.oneof(fc.string(), fc.json()), async (url, text) => {
      const given = { url: `/cb?SdkAppid=${APP}&CallbackCommand=${COMMAND}${url}`, headers: {}, body: text };
      assert.equal((await verifier(given)).ok, false);
    });
    await fc.assert(property);
  });

  test('any bytes that were signed are the bytes that are read', async () => {
    const options = { sdkAppId: APP, signingSecrets: [SECRET], clock: clockAt() };
    const property = fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (text) => {
      const body = `\ufeff${JSON.stringify({ text })}`;
      const parts = await sent({ body, nowMs: AT_MS });
      const result = await verify({ ...parts, body: new TextEncoder().encode(body) }, options);
      assert.equal(!result.ok && result.reason, 'body'); // JSON has no byte order mark; the signature was good
    });
    await fc.assert(property);
  });
});
