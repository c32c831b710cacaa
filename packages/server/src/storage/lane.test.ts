import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { laneOf } from './lane.ts';

/** Part of the stored format: a value that changes here sends users of stores that are in use to another lane. */
const VECTORS = [
  { sdkAppId: 1_400_000_001, userId: 'id1', of256: 104, of7: 1 },
  { sdkAppId: 1_400_000_001, userId: 'id2', of256: 215, of7: 6 },
  { sdkAppId: 1_400_000_002, userId: 'id1', of256: 65, of7: 3 },
  { sdkAppId: 1, userId: '', of256: 218, of7: 0 },
  { sdkAppId: 4_294_967_295, userId: 'x'.repeat(32), of256: 120, of7: 6 },
  { sdkAppId: 1_400_000_001, userId: '用户', of256: 197, of7: 6 },
  { sdkAppId: 1_400_000_001, userId: '😀', of256: 200, of7: 2 },
];

describe('laneOf', () => {
  for (const { sdkAppId, userId, of256, of7 } of VECTORS) {
    test(`${sdkAppId} "${userId}" stays where it was`, () => {
      assert.deepEqual([laneOf(sdkAppId, userId, 256), laneOf(sdkAppId, userId, 7)], [of256, of7]);
    });
  }

  test('any user has one lane of those there are', () => {
    const property = fc.property(
      fc.nat(),
      fc.string({ unit: 'binary' }),
      fc.integer({ min: 1, max: 4_096 }),
      (app, user, count) => {
        const lane = laneOf(app, user, count);
        assert.ok(Number.isInteger(lane) && lane >= 0 && lane < count);
        assert.equal(laneOf(app, user, count), lane);
      },
    );
    fc.assert(property);
  });

  for (const [kind, nameOf] of [
    ['numbered names', (i: number) => `user${i}`],
    ['names of digits', (i: number) => String(10_000_000 + i)],
    ['names with a common end', (i: number) => `${i}@example.com`],
  ] as const) {
    test(`${kind} are spread evenly`, () => {
      const counts = new Array<number>(256).fill(0);
      for (let i = 0; i < 25_600; i += 1) {
        const lane = laneOf(1_400_000_001, nameOf(i), 256);
        counts[lane] = (counts[lane] ?? 0) + 1;
      }
      // 100 each; five standard deviations of a fair draw are 50
      assert.ok(
        Math.max(...counts) < 150 && Math.min(...counts) > 50,
        `${Math.min(...counts)} to ${Math.max(...counts)}`,
      );
    });
  }
});
