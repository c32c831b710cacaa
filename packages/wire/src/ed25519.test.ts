import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import vectors from '../vectors/signatures.json' with { type: 'json' };
import { encodeBase64 } from './base64.ts';
import { importEd25519Key, publicKeyOfSeed, signEd25519 } from './ed25519.ts';
import {
  decodeSigningKey,
  decodeVerificationKey,
  formatSigningKey,
  formatVerificationKey,
  pkcs8OfSeed,
} from './ed25519-keys.ts';
import { type StandardWebhookInput, signStandardWebhook, verifyStandardWebhook } from './standard-webhooks.ts';

const base64 = (bytes: number) => Buffer.alloc(bytes, 7).toString('base64');
const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('keys', () => {
  for (const [text, lengths] of [
    [`whsk_${base64(64)}`, [32, 32]],
    [`whsk_${base64(32)}`, [32, undefined]],
    [`whsk_${base64(32).replace('=', '')}`, [32, undefined]],
    [`whsk_${base64(33)}`, undefined],
    [`whsk_${base64(65)}`, undefined],
    [`whsk_${base64(32)} `, undefined],
    ['whsk_', undefined],
    ['', undefined],
    [`whsec_${base64(32)}`, undefined],
    [`whpk_${base64(32)}`, undefined],
  ] as const) {
    test(`${JSON.stringify(text)} as a signing key`, () => {
      const key = decodeSigningKey(text);
      assert.deepEqual(key && [key.seed.length, key.publicKey?.length], lengths);
    });
  }

  for (const [text, bytes] of [
    [`whpk_${base64(32)}`, 32],
    [`whpk_${base64(31)}`, undefined],
    [`whpk_${base64(64)}`, undefined],
    [`whsk_${base64(32)}`, undefined],
    ['whpk_', undefined],
  ] as const) {
    test(`${JSON.stringify(text)} as a verification key`, () =>
      assert.equal(decodeVerificationKey(text)?.length, bytes));
  }

  test('what is written is read', () => {
    const property = fc.property(seeds, seeds, (seed, publicKey) => {
      const key = decodeSigningKey(formatSigningKey(seed, publicKey));
      assert.deepEqual(key, { seed: Uint8Array.from(seed), publicKey: Uint8Array.from(publicKey) });
      assert.deepEqual(decodeVerificationKey(formatVerificationKey(publicKey)), Uint8Array.from(publicKey));
    });
    fc.assert(property);
  });
});

describe('Ed25519', () => {
  test('agrees with OpenSSL for any key and text', async () => {
    const property = fc.asyncProperty(seeds, fc.string({ unit: 'grapheme' }), async (seed, text) => {
      const key = createPrivateKey({ key: Buffer.from(pkcs8OfSeed(seed)), format: 'der', type: 'pkcs8' });
      const signature = await signEd25519(seed, text);
      assert.deepEqual(Buffer.from(signature), sign(null, Buffer.from(text), key));
      assert.ok(verify(null, Buffer.from(text), createPublicKey(key), signature));
      const publicKey = await publicKeyOfSeed(seed);
      const { x } = createPublicKey(key).export({ format: 'jwk' });
      assert.equal(Buffer.from(publicKey).toString('base64url'), x);
      const verifying = await importEd25519Key(publicKey);
      const isGood = (bytes: Uint8Array<ArrayBuffer>, content: string) =>
        crypto.subtle.verify('Ed25519', verifying, bytes, new TextEncoder().encode(content));
      assert.equal(await isGood(signature, text), true);
      assert.equal(await isGood(new Uint8Array(64), text), false);
      assert.equal(await isGood(signature, `${text}.`), false);
    });
    await fc.assert(property);
  });
});

describe('v1a', () => {
  const [vector] = vectors.standardWebhooksAsymmetric.cases;
  assert.ok(vector);
  const { id, timestampSeconds, body, signingKey, seedKey, verificationKey, signature } = vector;
  const good: StandardWebhookInput = {
    id,
    timestamp: String(timestampSeconds),
    body,
    signature,
    secrets: [verificationKey],
    nowSeconds: timestampSeconds,
  };
  const otherKey = formatVerificationKey(new Uint8Array(32).fill(9));
  const hmacSecret = `whsec_${base64(24)}`;

  for (const secret of [signingKey, seedKey]) {
    test(`the sample of the specification is made with ${secret.length - 5} characters of key`, async () => {
      assert.equal(await signStandardWebhook({ id, timestampSeconds, body, secrets: [secret] }), signature);
    });
  }

  test('both forms side by side, in the order of the secrets; each receiver verifies with what it has', async () => {
    const both = await signStandardWebhook({ id, timestampSeconds, body, secrets: [hmacSecret, signingKey] });
    const [first = '', second] = both.split(' ');
    assert.match(first, /^v1,/);
    assert.equal(second, signature);
    for (const secret of [hmacSecret, signingKey, seedKey, verificationKey]) {
      const check = await verifyStandardWebhook({ ...good, signature: both, secrets: [secret] });
      assert.deepEqual(check, { ok: true }, secret.slice(0, 6));
    }
  });

  const cut = signature.slice(0, -4);
  const cases: readonly (readonly [name: string, change: Partial<StandardWebhookInput>, reason: string])[] = [
    ['with the public key', {}, 'ok'],
    ['with old and new key', { secrets: [otherKey, verificationKey] }, 'ok'],
    ['with a malformed key beside', { secrets: ['whpk_x', 'whsk_', verificationKey] }, 'ok'],
    ['among others', { signature: `v1,AAAA v1a,xyz ${signature} v2` }, 'ok'],
    ['as the sixteenth', { signature: `${`${cut}AAA= `.repeat(15)}${signature}` }, 'ok'],
    ['as the seventeenth', { signature: `${`${cut}AAA= `.repeat(16)}${signature}` }, 'mismatch'],
    ['another key', { secrets: [otherKey] }, 'mismatch'],
    [
      'a key that is no point of the curve',
      { secrets: [formatVerificationKey(new Uint8Array(32).fill(255))] },
      'mismatch',
    ],
    ['body changed', { body: `${body} ` }, 'mismatch'],
    ['id changed', { id: 'evt_2' }, 'mismatch'],
    ['time changed', { timestamp: String(timestampSeconds + 1) }, 'mismatch'],
    ['called v1', { signature: signature.replace('v1a', 'v1') }, 'mismatch'],
    ['signature cut', { signature: cut }, 'mismatch'],
    ['signature of nothing', { signature: 'v1a,' }, 'mismatch'],
    ['blanks', { signature: '  ' }, 'mismatch'],
    ['301 s late', { nowSeconds: timestampSeconds + 301 }, 'too-old'],
    ['only malformed keys', { secrets: ['whpk_', 'whsk_AAAA'] }, 'no-secret'],
  ];
  for (const [name, change, reason] of cases) {
    test(name, async () => {
      const check = await verifyStandardWebhook({ ...good, ...change });
      assert.equal(check.ok ? 'ok' : check.reason, reason);
    });
  }

  test('a public key can not sign, and no key is shown', async () => {
    for (const secret of [verificationKey, 'whsk_hunter2']) {
      const made = signStandardWebhook({ id, timestampSeconds, body, secrets: [secret] });
      await assert.rejects(made, (error) => error instanceof TypeError && !error.message.includes(secret.slice(5)));
    }
  });

  test('any message made with any key is verified with its public key', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 });
    const property = fc.asyncProperty(text, text, seeds, async (anyId, anyBody, seed) => {
      const publicKey = await publicKeyOfSeed(seed);
      const secrets = [`whsk_${encodeBase64(seed)}`];
      const made = await signStandardWebhook({ id: anyId, timestampSeconds, body: anyBody, secrets });
      const input = { ...good, id: anyId, body: anyBody, signature: made };
      const check = await verifyStandardWebhook({ ...input, secrets: [formatVerificationKey(publicKey)] });
      assert.deepEqual(check, { ok: true });
    });
    await fc.assert(property);
  });
});
