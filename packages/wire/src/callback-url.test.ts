import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { anyText, assertRefused } from '../test/support.ts';
import vectors from '../vectors/callbacks.json' with { type: 'json' };
import { formatCallbackUrl, parseCallbackUrl } from './callback-url.ts';
import { OPT_PLATFORMS } from './platforms.ts';

describe('callback URLs', () => {
  for (const { name, configured, query, url } of vectors.urls.cases) {
    test(name, () => {
      assert.equal(formatCallbackUrl(configured, query), url);
      assert.deepEqual(parseCallbackUrl(url), { ok: true, value: query });
      assert.equal(new URL(url).href, url);
    });
  }

  test('what is formatted is read again, whatever the values', () => {
    const query = fc.record(
      {
        sdkAppId: fc.nat(),
        command: fc.string({ minLength: 1, unit: 'grapheme' }),
        clientIp: fc.string({ unit: 'grapheme' }),
        platform: fc.constantFrom(...OPT_PLATFORMS),
        sign: fc.record({ sign: fc.string(), requestTimeSeconds: fc.nat() }, { noNullPrototype: true }),
      },
      { requiredKeys: ['sdkAppId', 'command', 'clientIp', 'platform'], noNullPrototype: true },
    );
    const address = fc.constantFrom(
      'http://h',
      'https://h:1/',
      'http://h/a?b=c',
      'http://h/a?SdkAppid=9&#f',
      'http://[::1]',
    );
    const property = fc.property(address, query, (url, value) => {
      assert.deepEqual(parseCallbackUrl(formatCallbackUrl(url, value)), { ok: true, value });
    });
    fc.assert(property, { numRuns: 1000 });
  });

  test('half a surrogate pair does not throw', () => {
    const query = { sdkAppId: 1, command: 'a\ud800', clientIp: '', platform: '\udc00' };
    assert.match(formatCallbackUrl('http://h', query), /CallbackCommand=a%EF%BF%BD&/);
  });

  test('order is free, unknown parameters are ignored, the last of a kind counts, a path is enough', () => {
    const url = '/cb?OptPlatform=macOS&CallbackCommand=a&x=1&CallbackCommand=b&SdkAppid=7';
    assert.deepEqual(parseCallbackUrl(url), {
      ok: true,
      value: { sdkAppId: 7, command: 'b', clientIp: '', platform: 'Mac' },
    });
  });

  test('one of Sign and RequestTime alone is no signature', () => {
    const base = '/?SdkAppid=7&CallbackCommand=a';
    for (const rest of ['&Sign=ab', '&RequestTime=1']) {
      const parsed = parseCallbackUrl(base + rest);
      assert.ok(parsed.ok && parsed.value.sign === undefined);
    }
  });

  const refused: readonly (readonly [url: string, field: string])[] = [
    ['', 'SdkAppid'],
    ['/cb', 'SdkAppid'],
    ['/cb?sdkappid=1&CallbackCommand=a', 'SdkAppid'],
    ['/cb?SdkAppid=&CallbackCommand=a', 'SdkAppid'],
    ['/cb?SdkAppid=1e3&CallbackCommand=a', 'SdkAppid'],
    ['/cb?SdkAppid=-1&CallbackCommand=a', 'SdkAppid'],
    ['/cb?SdkAppid=01&CallbackCommand=a', 'SdkAppid'],
    ['/cb?SdkAppid=9999999999999999&CallbackCommand=a', 'SdkAppid'],
    ['/cb#?SdkAppid=1&CallbackCommand=a', 'SdkAppid'],
    ['/cb?SdkAppid=1', 'CallbackCommand'],
    ['/cb?SdkAppid=1&CallbackCommand=', 'CallbackCommand'],
    ['/cb?SdkAppid=1&CallbackCommand=a&Sign=b&RequestTime=', 'RequestTime'],
    ['/cb?SdkAppid=1&CallbackCommand=a&Sign=b&RequestTime=0x1', 'RequestTime'],
    ['/cb?SdkAppid=1&CallbackCommand=a&Sign=b&RequestTime=1.5', 'RequestTime'],
  ];
  for (const [url, field] of refused) {
    test(`refused: ${url}`, () => assertRefused(parseCallbackUrl(url), { code: 40001, field }));
  }

  test('any text is answered', () => {
    fc.assert(fc.property(anyText, (text) => parseCallbackUrl(`/?SdkAppid=${text}`) !== undefined));
    fc.assert(fc.property(fc.webUrl({ withQueryParameters: true }), (url) => !parseCallbackUrl(url).ok));
  });
});
