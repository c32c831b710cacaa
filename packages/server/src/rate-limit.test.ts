import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { TokenBucket } from './rate-limit.ts';

describe('TokenBucket', () => {
  test('one second of calls passes at once, then it says how long to wait', () => {
    const bucket = new TokenBucket(4, 1_000);
    assert.deepEqual(
      [1, 2, 3, 4].map(() => bucket.take(1_000)),
      [0, 0, 0, 0],
    );
    assert.equal(bucket.take(1_000), 250);
    assert.equal(bucket.take(1_125), 125);
    assert.equal(bucket.take(1_250), 0);
    assert.equal(bucket.take(1_250), 250);
  });

  test('what was not used is not saved for more than a second', () => {
    const bucket = new TokenBucket(3, 0);
    assert.deepEqual(
      [1, 2, 3, 4].map(() => bucket.take(86_400_000) === 0),
      [true, true, true, false],
    );
  });

  test('less than one a second lets one pass at once', () => {
    const bucket = new TokenBucket(0.5, 0);
    assert.equal(bucket.take(0), 0);
    assert.equal(bucket.take(0), 2_000);
    assert.equal(bucket.take(1_999), 1);
    assert.equal(bucket.take(2_000), 0);
  });

  test('who asks while he waits does not wait longer', () => {
    const bucket = new TokenBucket(1, 0);
    bucket.take(0);
    for (let ms = 0; ms < 1_000; ms += 10) assert.equal(bucket.take(ms), 1_000 - ms);
    assert.equal(bucket.take(1_000), 0);
  });

  test('time that goes back gives nothing away', () => {
    const bucket = new TokenBucket(1, 10_000);
    assert.equal(bucket.take(10_000), 0);
    assert.equal(bucket.take(5_000), 1_000);
    assert.equal(bucket.take(5_000), 1_000);
  });

  test('over any time no more passes than the rate and one second beside it', () => {
    const steps = fc.array(fc.nat(2_000), { maxLength: 200 });
    const property = fc.property(fc.integer({ min: 1, max: 50 }), steps, (perSecond, waits) => {
      const bucket = new TokenBucket(perSecond, 0);
      let nowMs = 0;
      let passed = 0;
      for (const wait of waits) {
        nowMs += wait;
        for (let i = 0; i < 5; i += 1) if (bucket.take(nowMs) === 0) passed += 1;
        assert.ok(passed <= (nowMs * perSecond) / 1_000 + perSecond + 1e-6);
      }
    });
    fc.assert(property);
  });

  test('who waits as long as he was told passes, a rounded millisecond later at most', () => {
    const perSecond = fc.oneof(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0.01, max: 100, noNaN: true }));
    const property = fc.property(perSecond, fc.array(fc.nat(500), { maxLength: 50 }), (rate, waits) => {
      const bucket = new TokenBucket(rate, 0);
      let nowMs = 0;
      for (const wait of waits) {
        nowMs += wait;
        const told = bucket.take(nowMs);
        if (told === 0) continue;
        assert.ok(Number.isInteger(told) && told > 0);
        nowMs += told;
        const more = bucket.take(nowMs);
        assert.ok(more <= 1, `${more} ms more`);
        if (more > 0) nowMs += 1;
        if (more > 0) assert.equal(bucket.take(nowMs), 0);
      }
    });
    fc.assert(property);
  });
});
