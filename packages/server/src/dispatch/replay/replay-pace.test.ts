import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Attempt } from '../../storage/store.ts';
import { ReplayPace } from './replay-pace.ts';

const attempt = (members: Partial<Attempt>): Attempt => {
  return { seq: 1, number: 2, atMs: 0, outcome: 'dead', durationMs: 1, ...members };
};
const DELIVERED = attempt({ outcome: 'delivered' });
const TIMEOUT = attempt({ reason: 'timeout' });
const REJECTED = attempt({ reason: 'rejected', status: 200 });

/** Fail so often that it counts as down. */
function bringDown(pace: ReplayPace, monotonic: number, fault = TIMEOUT): void {
  for (let count = 0; count < 8; count += 1) pace.ended(fault, monotonic, 1);
}

describe('ReplayPace', () => {
  test('starts as many as the rate allows', () => {
    const pace = new ReplayPace(10, 0);
    let started = 0;
    for (let now = 0; now < 10_000; now += 10) while (pace.take(now) === 0) started += 1;
    assert.ok(started >= 105 && started <= 110, `${started} in 10 s`);
    assert.ok(pace.take(9_990) > 0);
  });

  test('of the rate it has its share, also when that changes', () => {
    const pace = new ReplayPace(100, 0);
    const startedBetween = (from: number, to: number, share: number): number => {
      let started = 0;
      for (let now = from; now < to; now += 10) while (pace.take(now, share) === 0) started += 1;
      return started;
    };
    const quarter = startedBetween(0, 10_000, 0.25);
    assert.ok(quarter >= 265 && quarter <= 275, `${quarter} in 10 s: 25 a second, and a second's worth at once`);
    const half = startedBetween(10_000, 20_000, 0.5);
    assert.ok(half >= 540 && half <= 550, `${half} in 10 s`);
  });

  test('after eight faults in a row the endpoint counts as down, and failures cost nothing', () => {
    const pace = new ReplayPace(1_000, 0);
    for (let count = 1; count <= 8; count += 1) {
      assert.equal(pace.isDown, false);
      assert.equal(pace.ended(TIMEOUT, 0, 1), true, 'what made it so counts');
    }
    assert.equal(pace.isDown, true);
    assert.equal(pace.ended(TIMEOUT, 0, 1), false);
  });

  test('pauses grow up to two minutes, a delivery ends them', () => {
    const pace = new ReplayPace(1_000, 0);
    let now = 0;
    bringDown(pace, now);
    const pauses: number[] = [];
    for (let probe = 0; probe < 6; probe += 1) {
      pauses.push(pace.take(now));
      now += pace.take(now);
      assert.equal(pace.take(now), 0);
      pace.ended(TIMEOUT, now, 1);
    }
    assert.deepEqual(pauses, [1_000, 5_000, 30_000, 120_000, 120_000, 120_000]);
    pace.ended(DELIVERED, now, 1);
    assert.equal(pace.isDown, false);
    bringDown(pace, now + 200_000);
    assert.equal(pace.take(now + 200_000), 1_000);
  });

  test('those that were under way when it went down do not make the pause longer', () => {
    const pace = new ReplayPace(1_000, 0);
    bringDown(pace, 0);
    for (let count = 0; count < 7; count += 1) pace.ended(TIMEOUT, 1, 1);
    assert.equal(pace.take(1), 999);
  });

  test('who answers is not down, whatever he answers', () => {
    const pace = new ReplayPace(1_000, 0);
    for (let count = 0; count < 7; count += 1) pace.ended(TIMEOUT, 0, 1);
    assert.equal(pace.ended(REJECTED, 0, 1), true);
    pace.ended(TIMEOUT, 0, 1);
    assert.equal(pace.isDown, false);
    for (const status of [500, 400, 404]) {
      const other = new ReplayPace(1_000, 0);
      bringDown(other, 0, attempt({ reason: 'status', status }));
      assert.equal(other.isDown, false, `${status}`);
    }
  });

  test('not to be reached, and to say so, are the same', () => {
    for (const fault of [
      ...['dns', 'connect', 'tls', 'address-refused'].map((reason) => attempt({ reason })),
      ...[429, 502, 503, 504].map((status) => attempt({ reason: 'status', status })),
    ]) {
      const pace = new ReplayPace(1_000, 0);
      bringDown(pace, 0, fault);
      assert.equal(pace.isDown, true, `${fault.reason} ${fault.status}`);
    }
  });
});
