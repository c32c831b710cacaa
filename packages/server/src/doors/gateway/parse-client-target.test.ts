import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isClientTarget, parseClientTarget } from './parse-client-target.ts';

/** As the SDK asks. */
const QUERY =
  'sdkappid=1400000000&instanceid=0123456789abcdef0123456789abcdef&random=0.53&platform=7&host=unknown&version=-1' +
  '&sdkversion=3.6.6';

describe('isClientTarget', () => {
  for (const [target, expected] of [
    [`/binfo?${QUERY}`, true],
    ['/binfo', true],
    ['/info', true],
    ['/info?', true],
    ['/binfo?/binfo', true],
    ['', false],
    ['/', false],
    ['/binfo/', false],
    ['/binfos', false],
    ['/BINFO', false],
    ['//binfo', false],
    ['/x?/binfo', false],
    ['/%62info', false],
    ['http://host/binfo', false],
    ['/v4/profile/portrait_set', false],
  ] as const) {
    test(`"${target.slice(0, 40)}" ${expected ? 'is' : 'is not'} for clients`, () => {
      assert.equal(isClientTarget(target), expected);
    });
  }
});

describe('parseClientTarget', () => {
  test('binary frames, compressed if that is offered', () => {
    assert.deepEqual(parseClientTarget(`/binfo?${QUERY}&compress=gzip`), {
      form: { isBinary: true, mayCompress: true },
      sdkAppId: 1_400_000_000,
      platform: 7,
    });
    const { form } = parseClientTarget(`/binfo?${QUERY}`) as { readonly form: object };
    assert.deepEqual(form, { isBinary: true, mayCompress: false });
  });

  test('text frames', () => {
    assert.deepEqual(parseClientTarget('/info?sdkappid=1&platform=15'), {
      form: { isBinary: false, mayCompress: false },
      sdkAppId: 1,
      platform: 15,
    });
  });

  test('another compression is none', () => {
    for (const compress of ['', 'br', 'GZIP', 'gzip2']) {
      const { form } = parseClientTarget(`/binfo?sdkappid=1&compress=${compress}`) as { readonly form: object };
      assert.deepEqual(form, { isBinary: true, mayCompress: false });
    }
  });

  test('a client may say nothing of its platform, or nonsense', () => {
    for (const query of ['', '&platform=x', '&platform=1e999x']) {
      assert.deepEqual(parseClientTarget(`/binfo?sdkappid=1${query}`), {
        form: { isBinary: true, mayCompress: false },
        sdkAppId: 1,
        platform: Number.NaN,
      });
    }
  });

  for (const query of ['', 'sdkappid', 'sdkappid=', 'sdkappid=0', 'sdkappid=01', 'sdkappid=-1', 'sdkappid=1.5']) {
    test(`"${query}" names no app`, () => assert.match(String(parseClientTarget(`/binfo?${query}`)), /^sdkappid: /));
  }
  for (const sdkAppId of ['1e9', '0x1', '12345678901', ' 1', '%31%0a', 'alice', '__proto__', '%zz']) {
    test(`the SDKAppID "${sdkAppId}" is none`, () => {
      assert.match(String(parseClientTarget(`/binfo?sdkappid=${sdkAppId}`)), /^sdkappid: /);
    });
  }

  test('any query is answered', () => {
    const piece = fc.constantFrom(
      'sdkappid',
      'platform',
      'compress',
      '=',
      '&',
      '?',
      '%',
      '%zz',
      '%ff',
      '1',
      'gzip',
      '#',
    );
    const query = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece).map((pieces) => pieces.join('')),
    );
    const property = fc.property(query, (text) => {
      const target = parseClientTarget(`/binfo?${text}`);
      if (typeof target === 'string') assert.match(target, /^sdkappid: /);
      else assert.ok(Number.isSafeInteger(target.sdkAppId) && target.sdkAppId > 0);
    });
    fc.assert(property, { numRuns: 500 });
  });
});
