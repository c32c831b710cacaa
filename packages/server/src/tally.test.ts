import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Counts, Histogram, LabelCap } from './tally.ts';

describe('Counts', () => {
  test('each combination of labels has a number of its own', () => {
    const counts = new Counts();
    counts.add(['a', 1]);
    counts.add(['a', 2], 0.5);
    counts.add(['b', 1], 0);
    counts.add(['a', 1], 3);
    assert.deepEqual(counts.samples(), [
      { labels: ['a', 1], value: 4 },
      { labels: ['a', 2], value: 0.5 },
      { labels: ['b', 1], value: 0 },
    ]);
  });

  test('what is deleted is gone, and begins anew', () => {
    const counts = new Counts();
    counts.add(['a', 1]);
    counts.add(['b', 1]);
    counts.delete('a');
    counts.delete('c');
    assert.deepEqual(counts.samples(), [{ labels: ['b', 1], value: 1 }]);
    counts.add(['a', 1]);
    assert.deepEqual(counts.samples()[1], { labels: ['a', 1], value: 1 });
  });
});

test('Histogram: a bound belongs to what is below it', () => {
  const histogram = new Histogram([1, 2.5]);
  assert.deepEqual([histogram.cumulative(), histogram.sum], [[0, 0, 0], 0]);
  for (const value of [0, 1, 1.5, 2.5, 2.6, 1_000]) histogram.observe(value);
  assert.deepEqual(histogram.cumulative(), [2, 4, 6]);
  assert.equal(histogram.sum, 1_007.6);
});

describe('LabelCap', () => {
  test('the first have a label of their own, the others share one', () => {
    const cap = new LabelCap(2);
    assert.deepEqual(
      [7, 8, 9, 7, 10, 8].map((id) => cap.of(id)),
      [7, 8, 'other', 7, 'other', 8],
    );
  });

  test('when one is gone another may have its place', () => {
    const cap = new LabelCap(1);
    assert.deepEqual([cap.of('a'), cap.of('b')], ['a', 'other']);
    cap.release('b');
    assert.equal(cap.of('b'), 'other');
    cap.release('a');
    assert.deepEqual([cap.of('b'), cap.of('a')], ['b', 'other']);
  });
});
