import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBase64, encodeBase64 } from './base64.ts';

test('bytes survive, padded and not', () => {
  const property = fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    const text = encodeBase64(bytes);
    assert.equal(text, Buffer.from(bytes).toString('base64'));
    assert.deepEqual(decodeBase64(text), bytes);
    assert.deepEqual(decodeBase64(text.replaceAll('=', '')), bytes);
  });
  fc.assert(property);
});

test('other alphabets, blanks and wrong lengths are refused', () => {
  for (const text of ['a', 'abcde', 'a===', 'ab=', 'abc==', '=', 'ab cd', 'ab-_', 'YQ==YQ==', 'YWJj\n', '用户用户']) {
    assert.equal(decodeBase64(text), undefined, text);
  }
});
