import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { anyJson } from '../test/support.ts';
import { CLIENT_PLATFORMS, instancePlatformOf, optPlatformOf } from './client-platforms.ts';
import { OPT_PLATFORMS } from './platforms.ts';

const UNI_APP = 15;

describe('optPlatformOf', () => {
  for (const { number, sdkName, optPlatform } of CLIENT_PLATFORMS) {
    test(`${number}, ${sdkName}, is ${optPlatform}`, () => {
      assert.equal(optPlatformOf(number, undefined), optPlatform);
      assert.equal(optPlatformOf(number, { is_web_uniapp: 0 }), optPlatform);
    });
  }

  for (const [underneath, expected] of [
    [2, 'Android'],
    [3, 'iOS'],
    [4, 'Mac'],
    [13, 'iPad'],
    [0, 'Web'],
    [undefined, 'Web'],
    [999, 'Web'],
    ['2', 'Web'],
    [null, 'Web'],
  ] as const) {
    test(`uni-app on ${underneath} is ${expected}`, () => {
      assert.equal(optPlatformOf(UNI_APP, { is_web_uniapp: underneath }), expected);
    });
  }

  test('what is underneath counts for uni-app only', () => {
    assert.equal(optPlatformOf(7, { is_web_uniapp: 2 }), 'Web');
    assert.equal(optPlatformOf(999, { is_web_uniapp: 2 }), 'Unknown');
  });

  test('what is no number of a platform is Unknown', () => {
    for (const raw of [undefined, null, Number.NaN, 0, 1, 5, 7.5, -7, '7', [7], {}, true, 'constructor', '__proto__']) {
      assert.equal(optPlatformOf(raw, undefined), 'Unknown', String(raw));
    }
  });

  test('any login has a platform', () => {
    const number = fc.oneof(fc.constant(UNI_APP), anyJson(['platform']));
    const property = fc.property(number, anyJson(['is_web_uniapp']), (raw, body) => {
      assert.ok(OPT_PLATFORMS.includes(optPlatformOf(raw, body)));
    });
    fc.assert(property);
  });
});

describe('instancePlatformOf', () => {
  const OF_ITS_OWN = new Map([
    [2, 'Android'],
    [3, 'iPhone'],
    [4, 'Mac'],
    [13, 'iPad'],
  ]);
  for (const { number, sdkName } of CLIENT_PLATFORMS) {
    const expected = OF_ITS_OWN.get(number) ?? 'Web';
    test(`a login of ${sdkName} counts as ${expected}`, () => assert.equal(instancePlatformOf(number), expected));
  }

  test('what is no number of a platform counts as Web', () => {
    for (const raw of [undefined, null, Number.NaN, 0, '2', [2], {}]) assert.equal(instancePlatformOf(raw), 'Web');
  });
});

test('numbers of platforms are told apart', () => {
  const numbers = CLIENT_PLATFORMS.map(({ number }) => number);
  assert.equal(new Set(numbers).size, numbers.length);
});
