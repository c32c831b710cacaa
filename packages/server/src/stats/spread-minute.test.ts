import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spreadMinute } from './spread-minute.ts';
import { emptyCounts, mergeCounts } from './stat-counts.ts';

test('the parts of a minute add up to it', () => {
  const counts = { ...emptyCounts(), changes: 7, delivered: 6, firstAttempt: 5, failed: 1, latency: { 3: 4, 9: 2 } };
  const parts = spreadMinute({ atMs: 60_000, counts }, 999_000);
  assert.deepEqual(
    parts.map(({ atMs }) => atMs),
    [60_000, 70_000, 80_000, 90_000, 100_000, 110_000],
  );
  const sum = emptyCounts();
  for (const part of parts) mergeCounts(sum, part.counts);
  assert.deepEqual(sum, counts);
});

test('a minute that is not over has no steps in the future', () => {
  const parts = spreadMinute({ atMs: 60_000, counts: { ...emptyCounts(), changes: 7 } }, 75_000);
  assert.deepEqual(
    parts.map(({ atMs, counts }) => [atMs, counts.changes]),
    [
      [60_000, 3],
      [70_000, 4],
    ],
  );
});
