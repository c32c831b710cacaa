import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type A2Claims, signA2, verifyA2 } from './a2.ts';

const KEY = '5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e';
const CLAIMS: A2Claims = {
  sdkAppId: 1_400_000_001,
  userId: 'alice',
  instId: 1001,
  loginAtMs: 1_795_440_360_123,
  issuedAtSeconds: 1_795_440_000,
  expiresAtSeconds: 1_795_526_400,
};

/** The three parts of the text. */
function partsOf(a2: string): [version: string, content: string, mac: string] {
  return a2.split('.') as [string, string, string];
}

const anyClaims: fc.Arbitrary<A2Claims> = fc.record(
  {
    sdkAppId: fc.integer({ min: 1, max: 9_999_999_999 }),
    // as long as a UserID can be
    userId: fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 32 })
      .filter((text) => Buffer.byteLength(text) <= 32),
    instId: fc.integer({ min: 1, max: 2 ** 31 }),
    loginAtMs: fc.nat(9_999_999_999_999),
    issuedAtSeconds: fc.nat(2 ** 32),
    expiresAtSeconds: fc.nat(2 ** 33),
  },
  { noNullPrototype: true },
);

describe('a2', () => {
  test('says what was signed', () => {
    assert.deepEqual(verifyA2(signA2(CLAIMS, KEY), KEY), CLAIMS);
  });

  test('is of three parts that need no escape anywhere', () => {
    assert.match(signA2(CLAIMS, KEY), /^p1\.[\w-]+\.[\w-]{43}$/);
  });

  test('holds for one key only', () => {
    assert.equal(verifyA2(signA2(CLAIMS, KEY), `${KEY} `), undefined);
    assert.equal(verifyA2(signA2(CLAIMS, KEY), ''), undefined);
  });

  test('the other claims under the MAC of these are not believed', () => {
    const [version, content, mac] = partsOf(signA2(CLAIMS, KEY));
    for (const change of [
      { sdkAppId: 1_400_000_002 },
      { userId: 'administrator' },
      { instId: 1002 },
      { loginAtMs: CLAIMS.loginAtMs + 1 },
      { issuedAtSeconds: CLAIMS.issuedAtSeconds + 1 },
      { expiresAtSeconds: CLAIMS.expiresAtSeconds + 1 },
    ]) {
      const [, other, otherMac] = partsOf(signA2({ ...CLAIMS, ...change }, KEY));
      assert.notEqual(other, content);
      assert.notEqual(otherMac, mac);
      assert.equal(verifyA2(`${version}.${other}.${mac}`, KEY), undefined);
      assert.equal(verifyA2(`${version}.${content}.${otherMac}`, KEY), undefined);
    }
  });

  test('no character can be changed, left out or added', () => {
    const a2 = signA2(CLAIMS, KEY);
    for (let at = 0; at < a2.length; at += 1) {
      const [before, one, after] = [a2.slice(0, at), a2[at], a2.slice(at + 1)];
      for (const other of ['A', 'B', '-', '.', '=', ' ', '\n', 'é'].filter((candidate) => candidate !== one)) {
        assert.equal(verifyA2(`${before}${other}${after}`, KEY), undefined, `${at}: ${other}`);
      }
      assert.equal(verifyA2(before + after, KEY), undefined);
      assert.equal(verifyA2(`${before}A${one}${after}`, KEY), undefined);
    }
    for (const more of ['A', '=', '.', '\n', '\0']) assert.equal(verifyA2(a2 + more, KEY), undefined);
  });

  test('what is signed with the key for another purpose is none', () => {
    const [version, content] = partsOf(signA2(CLAIMS, KEY));
    for (const text of [content, `p1\n${content}`, `${version}.${content}`, `TLS.identifier:${content}`]) {
      const mac = createHmac('sha256', KEY).update(text).digest('base64url');
      assert.equal(verifyA2(`${version}.${content}.${mac}`, KEY), undefined);
    }
  });

  test('a text of more than 512 characters is not looked at', () => {
    const long = signA2({ ...CLAIMS, userId: 'x'.repeat(500) }, KEY);
    assert.ok(long.length > 512);
    assert.equal(verifyA2(long, KEY), undefined);
    assert.equal(verifyA2('p1.'.repeat(1_000_000), KEY), undefined);
  });

  test('what is no text is none', () => {
    for (const raw of [undefined, null, 0, true, {}, [], [signA2(CLAIMS, KEY)], { length: 1 }]) {
      assert.equal(verifyA2(raw, KEY), undefined);
    }
  });

  test('any claims come back, and only under their key', () => {
    const property = fc.property(anyClaims, fc.string(), (claims, otherKey) => {
      const a2 = signA2(claims, KEY);
      assert.ok(a2.length <= 512);
      assert.deepEqual(verifyA2(a2, KEY), claims);
      if (otherKey !== KEY) assert.equal(verifyA2(a2, otherKey), undefined);
    });
    fc.assert(property);
  });

  test('any text is answered', () => {
    const part = fc.oneof(fc.string({ unit: 'binary' }), fc.base64String(), fc.constantFrom('p1', 'p2', ''));
    const property = fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
      assert.equal(verifyA2(parts.join('.'), KEY), undefined);
    });
    fc.assert(property, { numRuns: 500 });
  });
});
