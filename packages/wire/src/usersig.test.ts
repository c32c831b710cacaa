import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import { deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import TLSSigAPIv2 from 'tls-sig-api-v2';
import { anyText, codeOf } from '../test/support.ts';
import vectors from '../vectors/usersig.json' with { type: 'json' };
import { signUserSig, type UserSigExpectation, verifyUserSig } from './usersig.ts';
import { checkUserSigTime, formatUserSigDocument, signUserSigDocument } from './usersig-document.ts';

const { sdkAppId, issuedAtSeconds, secretKey } = vectors;
const base = { sdkAppId, secretKey, nowSeconds: issuedAtSeconds };

const toText = (bytes: Uint8Array) =>
  Buffer.from(bytes).toString('base64').replaceAll('+', '*').replaceAll('/', '-').replaceAll('=', '_');
const fromText = (text: string) =>
  Buffer.from(text.replaceAll('*', '+').replaceAll('-', '/').replaceAll('_', '='), 'base64');
const pack = (content: string) => toText(deflateSync(content));
const unpack = (userSig: string) => JSON.parse(inflateSync(fromText(userSig)).toString());

async function verifyCode(userSig: string, change: Partial<UserSigExpectation> = {}): Promise<number> {
  return codeOf(await verifyUserSig(userSig, { ...base, userId: 'alice', ...change }));
}

describe('documented UserSigs', () => {
  for (const { name, mac, userSig, ...claims } of vectors.signed) {
    const expected = { sdkAppId, issuedAtSeconds, ...claims };
    test(`${name} verifies`, async () => {
      assert.equal(await signUserSigDocument(expected, secretKey), mac);
      const text = userSig ?? pack(formatUserSigDocument({ document: expected, mac }));
      const expectation = { ...base, userId: claims.userId };
      assert.deepEqual(await verifyUserSig(text, expectation), { ok: true, value: expected });
    });
    test(`${name} is what we sign`, async () => {
      const content = unpack(await signUserSig({ ...base, ...claims }));
      assert.equal(content['TLS.sig'], mac);
      if (userSig !== undefined) assert.deepEqual(content, unpack(userSig));
    });
    test(`${name}: the last second is valid`, async () => {
      const lastSecond = issuedAtSeconds + claims.expireSeconds;
      const text = await signUserSig({ ...base, ...claims });
      assert.equal(await verifyCode(text, { userId: claims.userId, nowSeconds: lastSecond }), 0);
      assert.equal(await verifyCode(text, { userId: claims.userId, nowSeconds: lastSecond + 1 }), 70001);
    });
  }

  for (const { name, userId, userSig } of vectors.otherForms) {
    test(name, async () => assert.equal(await verifyCode(userSig, { userId }), 0));
  }

  for (const { name, userSig, code, ...change } of vectors.refused) {
    test(name, async () => assert.equal(await verifyCode(userSig, change as Partial<UserSigExpectation>), code));
  }

  test('the secret is text, not hex', async () => {
    const [first] = vectors.signed;
    assert.ok(first);
    const content = `TLS.identifier:${first.userId}\nTLS.sdkappid:${sdkAppId}\nTLS.time:${issuedAtSeconds}\nTLS.expire:15552000\n`;
    const hexMac = createHmac('sha256', Buffer.from(secretKey, 'hex')).update(content).digest('base64');
    assert.equal(hexMac, vectors.hexDecodedSecretMac);
    assert.notEqual(first.mac, hexMac);
  });

  test('cut anywhere, it is 70003', async () => {
    const userSig = vectors.signed[1]?.userSig ?? '';
    for (let length = 0; length < userSig.length - 4; length += 1) {
      assert.equal(await verifyCode(userSig.slice(0, length)), 70003, String(length));
    }
  });

  test('with one character changed, it is refused', async () => {
    const userSig = vectors.signed[1]?.userSig ?? '';
    for (let at = 0; at < userSig.length - 4; at += 7) {
      const other = userSig[at] === 'A' ? 'B' : 'A';
      assert.notEqual(await verifyCode(userSig.slice(0, at) + other + userSig.slice(at + 1)), 0, String(at));
    }
  });
});

describe("Tencent's own library", () => {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const api = new TLSSigAPIv2.Api(sdkAppId, secretKey);

  test('we accept theirs', async () => {
    const userIds = ['alice', 'administrator', 'user_001-X', '用户1', 'a b@c', '__proto__'];
    for (const userId of userIds) {
      const parsed = await verifyUserSig(api.genUserSig(userId, 86400), { ...base, userId, nowSeconds });
      assert.equal(codeOf(parsed), 0, userId);
    }
  });

  test('we accept theirs with rights for a room', async () => {
    const parsed = await verifyUserSig(api.genPrivateMapKey('alice', 300, 10000, 255), {
      ...base,
      userId: 'alice',
      nowSeconds,
    });
    assert.equal(parsed.ok && typeof parsed.value.userbuf, 'string');
  });

  test('their MAC over our documents is ours', async () => {
    for (const [userId, userbuf] of [['用户1'], ['alice', 'YWJj'], ['a b@c']] as const) {
      const content = unpack(await signUserSig({ ...base, userId, userbuf }));
      const theirs = api._hmacsha256(userId, content['TLS.time'], content['TLS.expire'], userbuf ?? null);
      assert.equal(content['TLS.sig'], theirs);
    }
  });

  test('the same text at the same second', async (context) => {
    context.mock.timers.enable({ apis: ['Date'], now: issuedAtSeconds * 1000 });
    const theirs = api.genUserSig('alice', 86400);
    const ours = await signUserSig({ ...base, userId: 'alice', expireSeconds: 86400 });
    assert.deepEqual(inflateSync(fromText(ours)), inflateSync(fromText(theirs)));
  });
});

describe('documents', () => {
  const document = {
    'TLS.ver': '2.0',
    'TLS.identifier': 'alice',
    'TLS.sdkappid': sdkAppId,
    'TLS.time': issuedAtSeconds,
    'TLS.expire': 86400,
    'TLS.sig': vectors.signed[1]?.mac ?? '',
  };
  const cases: readonly (readonly [name: string, change: object, code: number])[] = [
    ['as documented', {}, 0],
    ['unknown member', { 'TLS.more': [1] }, 0],
    ['member __proto__', { ['__proto__']: { 'TLS.ver': '1' } }, 0],
    ['no version', { 'TLS.ver': undefined }, 70003],
    ['version as a number', { 'TLS.ver': 2 }, 70003],
    ['version 1', { 'TLS.ver': '1.0' }, 70003],
    ['no identifier', { 'TLS.identifier': undefined }, 70003],
    ['identifier is a number', { 'TLS.identifier': 1 }, 70003],
    ['half a pair', { 'TLS.identifier': '\ud800' }, 70003],
    ['app as a string', { 'TLS.sdkappid': String(sdkAppId) }, 70003],
    ['app as a fraction', { 'TLS.sdkappid': 1.5 }, 70003],
    ['time as a string', { 'TLS.time': String(issuedAtSeconds) }, 70003],
    ['time is null', { 'TLS.time': null }, 70003],
    ['time past all integers', { 'TLS.time': 1e300 }, 70003],
    ['no life', { 'TLS.expire': 0 }, 70003],
    ['negative life', { 'TLS.expire': -1 }, 70001],
    ['51 years', { 'TLS.expire': 51 * 366 * 86400 }, 70003],
    ['50 years, signed otherwise', { 'TLS.expire': 50 * 365 * 86400 }, 70009],
    ['other time, signed otherwise', { 'TLS.time': issuedAtSeconds - 1 }, 70009],
    ['300 s in the future, signed otherwise', { 'TLS.time': issuedAtSeconds + 300 }, 70009],
    ['301 s in the future', { 'TLS.time': issuedAtSeconds + 301 }, 70003],
    ['no signature', { 'TLS.sig': undefined }, 70003],
    ['empty signature', { 'TLS.sig': '' }, 70009],
    ['signature without padding', { 'TLS.sig': document['TLS.sig'].replace('=', '') }, 70009],
    ['bytes that were not signed', { 'TLS.userbuf': 'YWJj' }, 70009],
    ['bytes that are no Base64', { 'TLS.userbuf': 'a\n' }, 70003],
    ['bytes as an array', { 'TLS.userbuf': [1] }, 70003],
  ];
  for (const [name, change, code] of cases) {
    test(name, async () => assert.equal(await verifyCode(pack(JSON.stringify({ ...document, ...change }))), code));
  }

  test('a user whose UserID holds line breaks does not become another user', async () => {
    const times = `TLS.sdkappid:${sdkAppId}\nTLS.time:${issuedAtSeconds}\nTLS.expire:86400\n`;
    const chosen = `alice\n${times}TLS.userbuf:`;
    const own = await signUserSig({ ...base, userId: chosen, expireSeconds: 86400 });
    const forged = { ...unpack(own), 'TLS.identifier': 'alice', 'TLS.userbuf': `\n${times.slice(0, -1)}` };
    assert.equal(await verifyCode(pack(JSON.stringify(forged))), 70003);
  });

  test('contents that are no document', async () => {
    const contents = ['', ' ', 'null', '[]', '"2.0"', '{', '{}', '['.repeat(8000), JSON.stringify([document])];
    for (const content of contents) assert.equal(await verifyCode(pack(content)), 70003, content.slice(0, 20));
    assert.equal(await verifyCode(toText(deflateSync(Buffer.from([0xff, 0xfe])))), 70003);
  });
});

describe('hostile texts', () => {
  test('over 4,096 characters', async () => {
    assert.equal(await verifyCode('A'.repeat(4097)), 70003);
    assert.equal(await verifyCode('A'.repeat(5_000_000)), 70003);
  });

  test('a bomb is not inflated', async () => {
    const bomb = toText(deflateSync(Buffer.alloc(2_500_000, 0x20), { level: 9 }));
    assert.ok(bomb.length <= 4096);
    const startedAt = performance.now();
    for (let round = 0; round < 50; round += 1) assert.equal(await verifyCode(bomb), 70003);
    assert.ok(performance.now() - startedAt < 5000);
  });

  test('8,192 bytes, not 8,193', async () => {
    const [, second] = vectors.signed;
    assert.ok(second?.userSig);
    const content = JSON.stringify(unpack(second.userSig));
    assert.equal(await verifyCode(pack(content.padEnd(8192))), 0);
    assert.equal(await verifyCode(pack(content.padEnd(8193))), 70003);
  });

  test('other characters', async () => {
    const userSig = vectors.signed[1]?.userSig ?? '';
    for (const text of [` ${userSig}`, `${userSig}\n`, `${userSig}=`, 'é', '\0', '\ud800', '%2A', '____', '*']) {
      assert.equal(await verifyCode(text), 70003, JSON.stringify(text));
    }
  });

  test('any text and any bytes are refused without a throw', async () => {
    const texts = fc.oneof(
      anyText,
      fc.uint8Array({ maxLength: 300 }).map(toText),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => toText(deflateSync(bytes))),
      fc.json().map(pack),
    );
    await fc.assert(
      fc.asyncProperty(texts, async (text) => assert.equal(await verifyCode(text), 70003)),
      { numRuns: 500 },
    );
  });
});

describe('signing', () => {
  test('what is signed is verified', async () => {
    const property = fc.asyncProperty(
      fc.string({ unit: 'grapheme', maxLength: 100 }),
      fc.nat(),
      anyText.filter((text) => text !== ''),
      fc.integer({ min: 1, max: 1_000_000_000 }),
      fc.option(fc.base64String(), { nil: undefined }),
      async (userId, app, secret, expireSeconds, userbuf) => {
        const input = { userId, sdkAppId: app, secretKey: secret, nowSeconds: issuedAtSeconds };
        const parsed = await verifyUserSig(await signUserSig({ ...input, expireSeconds, userbuf }), input);
        const claims = { userId, sdkAppId: app, issuedAtSeconds, expireSeconds };
        assert.deepEqual(parsed, { ok: true, value: userbuf === undefined ? claims : { ...claims, userbuf } });
      },
    );
    await fc.assert(property);
  });

  test('180 days by default, whole seconds', async () => {
    const content = unpack(await signUserSig({ ...base, userId: 'alice', nowSeconds: issuedAtSeconds + 0.9 }));
    assert.equal(content['TLS.expire'], 15552000);
    assert.equal(content['TLS.time'], issuedAtSeconds);
  });

  test('only letters, digits, *, - and _', async () => {
    for (let at = 0; at < 50; at += 1) {
      assert.match(await signUserSig({ ...base, userId: `u${at}` }), /^[A-Za-z0-9*_-]+$/);
    }
  });

  test('an empty key or a document that is too long is refused', async () => {
    await assert.rejects(signUserSig({ ...base, userId: 'alice', secretKey: '' }), TypeError);
    await assert.rejects(signUserSig({ ...base, userId: 'x'.repeat(9000) }), RangeError);
  });
});

test('a kept document is checked again by its times alone', () => {
  const document = { userId: 'alice', sdkAppId, issuedAtSeconds, expireSeconds: 100 };
  const cases = [
    [issuedAtSeconds - 301, 70003],
    [issuedAtSeconds - 300, 0],
    [issuedAtSeconds + 100, 0],
    [issuedAtSeconds + 101, 70001],
  ] as const;
  for (const [nowSeconds, code] of cases) assert.equal(checkUserSigTime(document, nowSeconds)?.code ?? 0, code);
});
