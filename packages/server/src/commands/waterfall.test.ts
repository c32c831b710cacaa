import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatWaterfall } from './waterfall.ts';

describe('a waterfall', () => {
  test('each part begins where the one before it ends', () => {
    const timings = { reusedConnection: false, dnsMs: 1, connectMs: 1, tlsMs: 2, firstByteMs: 5, bodyMs: 1 };
    assert.deepEqual(formatWaterfall({ durationMs: 10, timings }), [
      `dns             1.00 ms  ${'█'.repeat(4)}`,
      `connect         1.00 ms  ${' '.repeat(4)}${'█'.repeat(4)}`,
      `tls             2.00 ms  ${' '.repeat(8)}${'█'.repeat(8)}`,
      `first byte      5.00 ms  ${' '.repeat(16)}${'█'.repeat(20)}`,
      `body            1.00 ms  ${' '.repeat(36)}${'█'.repeat(4)}`,
    ]);
  });

  test('the part in which it failed is drawn to the end', () => {
    const timings = { reusedConnection: false, connectMs: 500 };
    assert.deepEqual(formatWaterfall({ durationMs: 2_000, timings, stage: 'tls' }), [
      `connect       500.00 ms  ${'█'.repeat(10)}`,
      `tls          1500.00 ms  ${' '.repeat(10)}${'░'.repeat(30)} did not end`,
    ]);
  });

  test('a kept-alive connection is named, a short part still shows, and nothing is drawn of what is not known', () => {
    const timings = { reusedConnection: true, firstByteMs: 100, bodyMs: 0 };
    assert.deepEqual(formatWaterfall({ durationMs: 100, timings }), [
      'connection was there already',
      `first byte    100.00 ms  ${'█'.repeat(40)}`,
      `body            0.00 ms  ${' '.repeat(39)}█`,
    ]);
    assert.deepEqual(formatWaterfall({ durationMs: 0, timings: { reusedConnection: false } }), []);
    assert.deepEqual(formatWaterfall({ durationMs: 5 }), []);
  });
});
