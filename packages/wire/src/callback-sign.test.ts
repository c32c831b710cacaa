import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { anyText } from '../test/support.ts';
import vectors from '../vectors/signatures.json' with { type: 'json' };
import { type CallbackSignInput, callbackSignContent, signCallback, verifyCallbackSign } from './callback-sign.ts';

describe('Sign', () => {
  for (const { token, requestTimeSeconds, sign } of vectors.callbackSign.cases) {
    test(token, async () => {
      assert.equal(await signCallback(token, requestTimeSeconds), sign);
      const input = { token, sign, requestTimeSeconds, nowSeconds: requestTimeSeconds };
      assert.deepEqual(await verifyCallbackSign(input), { ok: true });
    });
  }

  test('the content is what is hashed', async () => {
    const content = callbackSignContent('tök', 1700000000);
    assert.equal(content, 'tök1700000000');
    const digest = createHash('sha256').update(content, 'utf8').digest('hex');
    assert.equal(await signCallback('tök', 1700000000), digest);
  });
});

describe('verifyCallbackSign', async () => {
  const at = 1700000000;
  const good: CallbackSignInput = {
    token: 'mytoken',
    sign: await signCallback('mytoken', at),
    requestTimeSeconds: at,
    nowSeconds: at,
  };
  const cases: readonly (readonly [name: string, change: Partial<CallbackSignInput>, reason: string])[] = [
    ['60 s late', { nowSeconds: at + 60 }, 'ok'],
    ['60 s early', { nowSeconds: at - 60 }, 'ok'],
    ['61 s late', { nowSeconds: at + 61 }, 'too-old'],
    ['61 s early', { nowSeconds: at - 61 }, 'too-new'],
    ['old and new token', { token: ['other', 'mytoken'] }, 'ok'],
    ['another token', { token: 'mytokem' }, 'mismatch'],
    ['other tokens', { token: ['a', 'b'] }, 'mismatch'],
    ['empty token', { token: '' }, 'no-secret'],
    ['no tokens', { token: [] }, 'no-secret'],
    ['empty sign', { sign: '' }, 'mismatch'],
    ['sign cut', { sign: good.sign.slice(0, 63) }, 'mismatch'],
    ['upper case', { sign: good.sign.toUpperCase() }, 'mismatch'],
    ['time moved', { requestTimeSeconds: at + 1 }, 'mismatch'],
    ['time is no number', { requestTimeSeconds: Number.NaN }, 'malformed-time'],
    ['time is a fraction', { requestTimeSeconds: 1.5 }, 'malformed-time'],
  ];
  for (const [name, change, reason] of cases) {
    test(name, async () => {
      const check = await verifyCallbackSign({ ...good, ...change });
      assert.equal(check.ok ? 'ok' : check.reason, reason);
      assert.ok(check.ok || !check.detail.includes(good.sign));
    });
  }

  test('an empty token is no token, even beside others', async () => {
    const sign = await signCallback('', at);
    const check = await verifyCallbackSign({ ...good, token: ['', 'mytoken'], sign });
    assert.equal(check.ok, false);
  });

  test('round trip', async () => {
    const property = fc.asyncProperty(
      anyText.filter((text) => text !== ''),
      fc.nat(),
      async (token, seconds) => {
        const sign = await signCallback(token, seconds);
        const input = { token, sign, requestTimeSeconds: seconds, nowSeconds: seconds };
        assert.deepEqual(await verifyCallbackSign(input), { ok: true });
      },
    );
    await fc.assert(property);
  });
});
