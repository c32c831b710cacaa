import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { backoffMs, parseRetryAfter } from './backoff.ts';

// A machine that is not at Greenwich: HTTP dates are, whatever their form.
process.env.TZ = 'Asia/Shanghai';

const CEILINGS_MS = [1_000, 5_000, 30_000, 120_000, 600_000, 1_800_000, 1_800_000, 1_800_000];
const NOW_MS = Date.UTC(2026, 10, 23, 10);

describe('backoffMs', () => {
  for (const [index, ceiling] of CEILINGS_MS.entries()) {
    test(`after ${index + 1} failed attempts a delivery waits up to ${ceiling / 1_000} s`, () => {
      assert.equal(backoffMs(index + 1, 0), 0);
      assert.equal(backoffMs(index + 1, 0.5), ceiling / 2);
      assert.equal(backoffMs(index + 1, 1), ceiling);
    });
  }

  test('any wait is whole milliseconds, within its ceiling, and longer with more chance', () => {
    const chance = fc.double({ min: 0, max: 1, noNaN: true });
    const property = fc.property(fc.integer({ min: 1, max: 1_000 }), chance, chance, (attempts, a, b) => {
      const [low, high] = [backoffMs(attempts, Math.min(a, b)), backoffMs(attempts, Math.max(a, b))];
      assert.ok(Number.isInteger(low) && 0 <= low && low <= high && high <= 1_800_000);
    });
    fc.assert(property);
  });

  for (const { name, attempts, random, retryAfterMs, waitMs } of [
    { name: 'what the endpoint asks for is waited', attempts: 1, random: 0.5, retryAfterMs: 20_000, waitMs: 20_000 },
    {
      name: 'less than the schedule gives is no reason to hurry',
      attempts: 3,
      random: 1,
      retryAfterMs: 5,
      waitMs: 30_000,
    },
    { name: 'nobody is waited for longer than an hour', attempts: 1, random: 0, retryAfterMs: 1e12, waitMs: 3_600_000 },
    { name: 'asking for nothing changes nothing', attempts: 2, random: 0.5, retryAfterMs: 0, waitMs: 2_500 },
  ]) {
    test(name, () => assert.equal(backoffMs(attempts, random, retryAfterMs), waitMs));
  }
});

describe('parseRetryAfter', () => {
  for (const [header, expected] of [
    ['0', 0],
    ['1', 1_000],
    ['120', 120_000],
    ['007', 7_000],
    ['999999999', 999_999_999_000],
    ['Mon, 23 Nov 2026 10:00:05 GMT', 5_000],
    ['Mon, 23 Nov 2026 11:00:00 GMT', 3_600_000],
    ['Mon, 23 Nov 2026 10:00:00 GMT', 0],
    ['Mon, 23 Nov 2026 09:00:00 GMT', 0],
    ['Monday, 23-Nov-26 10:00:05 GMT', 5_000],
    ['Mon Nov 23 10:00:05 2026', 5_000],
  ] as const) {
    test(`"${header}" asks for ${expected} ms`, () => assert.equal(parseRetryAfter(header, NOW_MS), expected));
  }

  for (const header of ['', ' ', 'soon', '1e3', '12s', '٣', 'NaN', 'Infinity', 'null', 'in 2 hours']) {
    test(`"${header}" says nothing`, () => assert.equal(parseRetryAfter(header, NOW_MS), undefined));
  }

  for (const header of ['-5', '1.5', '+5', 'try 2030', 'v1 2027', '2026-11-23T11:00:00', '1, 2']) {
    test(`"${header}" is neither seconds nor an HTTP date, and says nothing`, () => {
      assert.equal(parseRetryAfter(header, NOW_MS), undefined);
    });
  }

  test('no header says nothing', () => assert.equal(parseRetryAfter(undefined, NOW_MS), undefined));

  test('any text gives a wait or none, never a negative one or NaN', () => {
    const property = fc.property(fc.string(), (text) => {
      const waitMs = parseRetryAfter(text, NOW_MS);
      assert.ok(waitMs === undefined || waitMs >= 0);
    });
    fc.assert(property, { numRuns: 500 });
  });
});
