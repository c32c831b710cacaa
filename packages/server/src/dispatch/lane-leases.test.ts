import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { LaneLeases } from './lane-leases.ts';

const lease = (lane: number, epoch: number, leaseMs = 10_000) => ({ lane, epoch, leaseMs });

describe('LaneLeases', () => {
  test('a renewal says what came and what went', () => {
    const leases = new LaneLeases(new FakeClock());
    assert.deepEqual(leases.renew([lease(0, 1), lease(1, 1)], 0), { gained: [0, 1], lost: [] });
    assert.deepEqual(leases.renew([lease(0, 1), lease(1, 1)], 0), { gained: [], lost: [] });
    assert.deepEqual(leases.renew([lease(1, 1), lease(2, 5)], 0), { gained: [2], lost: [0] });
    assert.deepEqual(leases.renew([], 0), { gained: [], lost: [1, 2] });
    assert.deepEqual(leases.lanes, []);
  });

  test('a lane that was another’s in between came and went', () => {
    const leases = new LaneLeases(new FakeClock());
    leases.renew([lease(0, 1), lease(1, 1)], 0);
    assert.deepEqual(leases.renew([lease(0, 3), lease(1, 1)], 0), { gained: [0], lost: [0] });
  });

  test('writes name the epoch; one of a lane that is not ours fits none', () => {
    const leases = new LaneLeases(new FakeClock());
    leases.renew([lease(7, 4)], 0);
    assert.deepEqual([leases.epoch(7), leases.epoch(8), leases.lanes], [4, -1, [7]]);
    leases.renew([], 0);
    assert.equal(leases.epoch(7), -1);
  });

  test('an attempt may begin only if the lease outlasts it by a margin', () => {
    const clock = new FakeClock();
    const leases = new LaneLeases(clock);
    leases.renew([lease(0, 1)], clock.monotonic());
    assert.ok(leases.holds(0, 9_749));
    assert.ok(!leases.holds(0, 9_750));
    clock.advance(5_000);
    assert.ok(leases.holds(0, 4_749));
    assert.ok(!leases.holds(0, 4_750));
    clock.advance(5_000);
    assert.ok(!leases.holds(0, 0));
    assert.ok(!leases.holds(1, 0));
  });

  test('a lease runs from when it was asked for, not from when the answer came', () => {
    const clock = new FakeClock();
    const leases = new LaneLeases(clock);
    clock.advance(4_000);
    leases.renew([lease(0, 1)], 1_000);
    assert.ok(leases.holds(0, 6_749));
    assert.ok(!leases.holds(0, 6_750));
  });

  test('a wall clock that jumps changes nothing', () => {
    const clock = new FakeClock();
    const leases = new LaneLeases(clock);
    leases.renew([lease(0, 1)], 0);
    clock.jumpTo(clock.now() + 86_400_000);
    assert.ok(leases.holds(0, 9_749));
    clock.jumpTo(0);
    assert.ok(!leases.holds(0, 9_750));
  });

  test('nothing starts in a lane that is being handed over, though it is renewed; dropped, it is another’s', () => {
    const leases = new LaneLeases(new FakeClock(), { laneCount: 4 });
    leases.renew([lease(0, 1), lease(1, 1)], 0);
    leases.leave([1]);
    assert.deepEqual(leases.renew([lease(0, 1), lease(1, 1)], 0), { gained: [], lost: [] });
    assert.deepEqual([leases.holds(0, 0), leases.holds(1, 0), leases.kept, leases.epoch(1)], [true, false, [0], 1]);
    leases.drop([1]);
    assert.deepEqual([leases.lanes, leases.epoch(1), leases.share], [[0], -1, 0.25]);
    assert.deepEqual(leases.renew([lease(0, 1), lease(1, 3)], 0), { gained: [1], lost: [] });
    assert.ok(leases.holds(1, 0), 'it came back');
  });

  test('where several processes share, what takes longer than the bound may start all the same', () => {
    const clock = new FakeClock();
    const leases = new LaneLeases(clock, { longestMs: 2_250 });
    leases.renew([lease(0, 1, 4_500)], 0);
    clock.advance(1_999);
    assert.ok(leases.holds(0, 30_000));
    clock.advance(2);
    assert.ok(!leases.holds(0, 30_000));
    assert.ok(leases.holds(0, 2_000));
  });

  test('after one who did not give the lane up, what he may have begun has time to end, and no longer', () => {
    const clock = new FakeClock();
    const leases = new LaneLeases(clock, { laneCount: 2, longestMs: 2_250 });
    clock.advance(1_000);
    const renew = (endedMsAgo: number) =>
      leases.renew([{ ...lease(0, 2), endedMsAgo }, lease(1, 1)], clock.monotonic());
    renew(400);
    assert.deepEqual([leases.quietMs(0, 2_250), leases.quietMs(0, 5_000), leases.quietMs(1, 5_000)], [0, 2_350, 0]);
    assert.deepEqual([leases.holds(0, 2_000), leases.holds(0, 5_000), leases.holds(1, 5_000)], [true, false, true]);
    clock.advance(2_000);
    renew(2_400);
    assert.ok(!leases.holds(0, 5_000));
    clock.advance(350);
    assert.ok(leases.holds(0, 5_000));
    assert.ok(!leases.holds(0, 5_001));
  });
});
