import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addLatency, type LatencyCounts, mergeLatencies, percentileOf } from './latency-histogram.ts';

test('a percentile is right to a tenth, from a tenth of a millisecond to days', () => {
  for (const ms of [0.1, 0.4, 1, 2.5, 13, 100, 999, 30_000, 3_600_000, 86_400_000]) {
    const counts: LatencyCounts = {};
    addLatency(counts, ms);
    const shown = percentileOf(counts, 0.5) ?? 0;
    assert.ok(Math.abs(shown - ms) / ms <= 0.1, `${ms} shows as ${shown}`);
  }
});

test('half of the values lie below the median, and nothing has none', () => {
  const counts: LatencyCounts = {};
  for (let ms = 1; ms <= 100; ms += 1) addLatency(counts, ms);
  assert.ok(Math.abs((percentileOf(counts, 0.5) ?? 0) - 50) <= 5);
  assert.ok(Math.abs((percentileOf(counts, 0.99) ?? 0) - 99) <= 10);
  assert.equal(percentileOf({}, 0.5), null);
});

test('merged counts are those of all values together', () => {
  const [one, other, both]: LatencyCounts[] = [{}, {}, {}];
  for (const ms of [1, 2, 300]) {
    addLatency(one ?? {}, ms);
    addLatency(both ?? {}, ms);
  }
  for (const ms of [2, 9_000]) {
    addLatency(other ?? {}, ms);
    addLatency(both ?? {}, ms);
  }
  mergeLatencies(one ?? {}, other ?? {});
  assert.deepEqual(one, both);
});
