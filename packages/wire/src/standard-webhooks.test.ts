import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import vectors from '../vectors/signatures.json' with { type: 'json' };
import { decodeSigningSecret } from './signing-secret.ts';
import { type StandardWebhookInput, signStandardWebhook, verifyStandardWebhook } from './standard-webhooks.ts';
import { standardWebhookContent } from './webhook-content.ts';
import { importWebhookKeys, isWebhookKey, verifyWebhook } from './webhook-keys.ts';

const secretOf = (bytes: number, fill = 7) => `whsec_${Buffer.alloc(bytes, fill).toString('base64')}`;
const nowSeconds = Math.floor(Date.now() / 1000);

describe('decodeSigningSecret', () => {
  const cases: readonly (readonly [secret: string, bytes: number | undefined])[] = [
    [secretOf(24), 24],
    [secretOf(32), 32],
    [secretOf(32).replace('=', ''), 32],
    [secretOf(64), 64],
    [secretOf(23), undefined],
    [secretOf(65), undefined],
    [secretOf(0), undefined],
    ['', undefined],
    ['whsec_', undefined],
    [secretOf(32).slice(6), undefined],
    [secretOf(32).toUpperCase(), undefined],
    [`${secretOf(32)} `, undefined],
    [secretOf(32).replace('B', '-'), undefined],
  ];
  for (const [secret, bytes] of cases) {
    test(JSON.stringify(secret), () => assert.equal(decodeSigningSecret(secret)?.length, bytes));
  }
});

describe('signatures', () => {
  for (const { id, timestampSeconds, body, secret, signature } of vectors.standardWebhooks.cases) {
    test(id, async () => {
      assert.equal(await signStandardWebhook({ id, timestampSeconds, body, secrets: [secret] }), signature);
      assert.equal(new Webhook(secret).sign(id, new Date(timestampSeconds * 1000), body), signature);
    });
  }

  test('content', () =>
    assert.equal(standardWebhookContent('evt_1', 1700000000, '{"a":"."}'), 'evt_1.1700000000.{"a":"."}'));

  test('the reference library accepts ours', async () => {
    const secrets = [secretOf(24, 1), secretOf(64, 2)];
    const message = { id: 'evt_1', timestampSeconds: nowSeconds, body: '{"nick":"用户😀"}', secrets };
    const signature = await signStandardWebhook(message);
    assert.equal(signature.split(' ').length, 2);
    const headers = { 'webhook-id': 'evt_1', 'webhook-timestamp': String(nowSeconds), 'webhook-signature': signature };
    for (const secret of secrets) {
      assert.deepEqual(new Webhook(secret).verify(message.body, headers), { nick: '用户😀' });
    }
    assert.throws(() => new Webhook(secretOf(24, 3)).verify(message.body, headers));
  });

  test('any message agrees with the reference library, both ways', async () => {
    const text = fc.string({ unit: 'grapheme' });
    const property = fc.asyncProperty(
      text,
      text,
      fc.uint8Array({ minLength: 24, maxLength: 64 }),
      async (id, body, key) => {
        const secret = `whsec_${Buffer.from(key).toString('base64')}`;
        const reference = new Webhook(secret).sign(id, new Date(nowSeconds * 1000), body);
        const message = { id, timestampSeconds: nowSeconds, body, secrets: [secret] };
        assert.equal(await signStandardWebhook(message), reference);
      },
    );
    await fc.assert(property);
  });

  test('a malformed secret does not sign and is not shown', async () => {
    const message = { id: 'a', timestampSeconds: 1, body: '', secrets: ['whsec_hunter2'] };
    await assert.rejects(
      signStandardWebhook(message),
      (error) => error instanceof TypeError && !/hunter2/.test(error.message),
    );
  });
});

describe('verifyStandardWebhook', async () => {
  const secrets = [secretOf(32, 1)];
  const at = 1700000000;
  const signature = await signStandardWebhook({ id: 'evt_1', timestampSeconds: at, body: '{}', secrets });
  const good: StandardWebhookInput = {
    id: 'evt_1',
    timestamp: String(at),
    body: '{}',
    signature,
    secrets,
    nowSeconds: at,
  };
  const cases: readonly (readonly [name: string, change: Partial<StandardWebhookInput>, reason: string])[] = [
    ['as it was sent', {}, 'ok'],
    ['300 s late', { nowSeconds: at + 300 }, 'ok'],
    ['301 s late', { nowSeconds: at + 301 }, 'too-old'],
    ['300 s early', { nowSeconds: at - 300 }, 'ok'],
    ['301 s early', { nowSeconds: at - 301 }, 'too-new'],
    ['own tolerance', { nowSeconds: at + 11, toleranceSeconds: 10 }, 'too-old'],
    ['among other versions and signatures', { signature: `v1a,xyz v1,AAAA ${signature} v2` }, 'ok'],
    ['old and new secret', { secrets: [secretOf(32, 2), ...secrets] }, 'ok'],
    ['a malformed secret beside', { secrets: ['x', ...secrets] }, 'ok'],
    ['another secret', { secrets: [secretOf(32, 2)] }, 'mismatch'],
    ['body changed', { body: '{ }' }, 'mismatch'],
    ['id changed', { id: 'evt_2' }, 'mismatch'],
    ['time changed', { timestamp: String(at + 1) }, 'mismatch'],
    ['dot moved from id to time', { id: `evt_1.${at}`, timestamp: '0', nowSeconds: 0 }, 'mismatch'],
    ['version missing', { signature: signature.slice(3) }, 'mismatch'],
    ['version 2', { signature: signature.replace('v1', 'v2') }, 'mismatch'],
    ['many commas', { signature: ','.repeat(10_000) }, 'mismatch'],
    ['many blanks', { signature: ' '.repeat(10_000) }, 'mismatch'],
    ['many v1a signatures', { signature: 'v1a,AAAA '.repeat(10_000) }, 'mismatch'],
    ['no id', { id: undefined }, 'missing'],
    ['empty id', { id: '' }, 'missing'],
    ['no time', { timestamp: undefined }, 'missing'],
    ['no signature', { signature: undefined }, 'missing'],
    ['time with blanks', { timestamp: ` ${at}` }, 'malformed-time'],
    ['time as a fraction', { timestamp: `${at}.0` }, 'malformed-time'],
    ['time in words', { timestamp: 'now' }, 'malformed-time'],
    ['no secrets', { secrets: [] }, 'no-secret'],
    ['only malformed secrets', { secrets: ['', 'whsec_'] }, 'no-secret'],
  ];
  for (const [name, change, reason] of cases) {
    test(name, async () => {
      const check = await verifyStandardWebhook({ ...good, ...change });
      assert.equal(check.ok ? 'ok' : check.reason, reason);
      assert.ok(check.ok || !check.detail.includes(signature.slice(3)));
    });
  }

  test('signatures of the reference library', async () => {
    const reference = new Webhook(secrets[0] ?? '').sign('evt_1', new Date(at * 1000), '{}');
    assert.deepEqual(await verifyStandardWebhook({ ...good, signature: reference }), { ok: true });
  });
});

test('keys that were imported once verify as the secrets do', async () => {
  const secrets = [secretOf(24), 'whsec_short'];
  const keys = await importWebhookKeys(secrets);
  for (const body of ['{}', '[]']) {
    const signature = await signStandardWebhook({ id: 'a', timestampSeconds: 1, body, secrets: [secretOf(24)] });
    const input = { id: 'a', timestamp: '1', signature, nowSeconds: 1 };
    assert.deepEqual(await verifyWebhook(keys, { ...input, body }), { ok: true });
    assert.equal((await verifyWebhook(keys, { ...input, body: 'x' })).ok, false);
  }
  assert.deepEqual(secrets.map(isWebhookKey), [true, false]);
  const none = await importWebhookKeys(['whpk_']);
  const check = await verifyWebhook(none, { id: 'a', timestamp: '1', signature: 'v1,', body: '', nowSeconds: 1 });
  assert.equal(!check.ok && check.reason, 'no-secret');
});
