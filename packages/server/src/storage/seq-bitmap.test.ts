import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decodeSeqs, encodeSeqs } from './seq-bitmap.ts';

describe('seqs as a bitmap', () => {
  for (const { cursor, seqs, bytes } of [
    { cursor: 0, seqs: [], bytes: [] },
    { cursor: 0, seqs: [1], bytes: [0b1] },
    { cursor: 0, seqs: [8], bytes: [0b1000_0000] },
    { cursor: 0, seqs: [9], bytes: [0, 0b1] },
    { cursor: 100, seqs: [102, 103, 117], bytes: [0b110, 0, 0b1] },
  ]) {
    test(`${JSON.stringify(seqs)} above ${cursor} take ${bytes.length} bytes`, () => {
      assert.deepEqual(encodeSeqs(cursor, seqs), Uint8Array.from(bytes));
      assert.deepEqual(decodeSeqs(cursor, Uint8Array.from(bytes)), seqs);
    });
  }

  test('any set of seqs comes back in order', () => {
    const cursor = fc.integer({ min: 0, max: 2 ** 50 });
    const above = fc.uniqueArray(fc.integer({ min: 1, max: 2_000 }), { maxLength: 512 });
    const property = fc.property(cursor, above, (from, steps) => {
      const seqs = steps.map((step) => from + step);
      assert.deepEqual(
        decodeSeqs(from, encodeSeqs(from, seqs)),
        seqs.toSorted((a, b) => a - b),
      );
    });
    fc.assert(property);
  });
});
