import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyText } from '../test/support.ts';
import { fitsUtf8Bytes, utf8ByteLength } from './utf8.ts';

test('byte length agrees with the encoder for any UTF-16', () => {
  fc.assert(
    fc.property(anyText, (text) => assert.equal(utf8ByteLength(text), Buffer.byteLength(text))),
    { numRuns: 2000 },
  );
});

test('byte length of edges', () => {
  const cases: readonly (readonly [string, number])[] = [
    ['', 0],
    ['\0\x7f', 2],
    ['\x80\u07ff', 4],
    ['\u0800\uffff', 6],
    ['😀', 4],
    ['\ud83d', 3],
    ['\ude00', 3],
    ['\ud83d\ud83d\ude00', 7],
    ['\ude00\ud83d', 6],
  ];
  for (const [text, bytes] of cases) assert.equal(utf8ByteLength(text), bytes, JSON.stringify(text));
});

test('a limit is kept to the byte', () => {
  const property = fc.property(anyText, fc.nat(60), (text, limit) =>
    assert.equal(fitsUtf8Bytes(text, limit), Buffer.byteLength(text) <= limit),
  );
  fc.assert(property, { numRuns: 2000 });
  assert.equal(fitsUtf8Bytes('好'.repeat(166), 500), true);
  assert.equal(fitsUtf8Bytes('好'.repeat(167), 500), false);
});
