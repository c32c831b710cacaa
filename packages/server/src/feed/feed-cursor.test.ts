import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type FeedPosition, formatFeedCursor, MAX_CURSOR_CHARACTERS, parseFeedCursor } from './feed-cursor.ts';

const seq = fc.oneof(fc.nat(), fc.maxSafeNat());
const position: fc.Arbitrary<FeedPosition> = fc.record(
  {
    sdkAppId: fc.integer({ min: 1, max: 4_294_967_295 }),
    appCreatedAtMs: fc.maxSafeNat(),
    seqs: fc.oneof(fc.tuple(seq), fc.array(seq, { minLength: 2, maxLength: 256 })),
  },
  { noNullPrototype: true },
);

describe('feed cursor', () => {
  test('gives back the position it was made of', () => {
    fc.assert(fc.property(position, (made) => assert.deepEqual(parseFeedCursor(formatFeedCursor(made)), made)));
  });

  test('is refused when a character of it is missing, added or another', () => {
    const mangled = fc.tuple(position, fc.nat(), fc.constantFrom('', 'A', 'z', '_', '=', ' ', 'é'), fc.boolean());
    fc.assert(
      fc.property(mangled, ([made, anywhere, put, isAdded]) => {
        const cursor = formatFeedCursor(made);
        const at = anywhere % cursor.length;
        const raw = cursor.slice(0, at) + put + cursor.slice(isAdded ? at : at + 1);
        const read = parseFeedCursor(raw);
        // what can be read is the one cursor of another position
        assert.ok(read === undefined || formatFeedCursor(read) === raw);
        if (/[= é]/.test(put)) assert.equal(read, undefined);
      }),
    );
  });

  test('any other text is none', () => {
    fc.assert(
      fc.property(fc.string(), (raw) => {
        const read = parseFeedCursor(raw);
        assert.ok(read === undefined || formatFeedCursor(read) === raw);
      }),
    );
    for (const raw of ['', 'now', 'A', 'AQ', 'AQEBAAA', 'AQEBAAAA', 'A'.repeat(MAX_CURSOR_CHARACTERS + 1)]) {
      assert.equal(parseFeedCursor(raw), undefined, raw.slice(0, 20));
    }
  });

  test('is short for one lane, and within its limit for 256', () => {
    const of = (seqs: readonly number[]): number =>
      formatFeedCursor({ sdkAppId: 1_400_000_001, appCreatedAtMs: 1_795_428_000_000, seqs }).length;
    assert.equal(of([1_000_000]), 23);
    const like = Array.from({ length: 256 }, (_, lane) => 4_000_000 + ((lane * 7919) % 12_000));
    assert.ok(of(like) <= 720, `${of(like)}`);
    const worst = Array.from({ length: 256 }, (_, lane) => (lane === 0 ? 0 : Number.MAX_SAFE_INTEGER));
    assert.ok(of(worst) <= MAX_CURSOR_CHARACTERS, `${of(worst)}`);
  });
});
