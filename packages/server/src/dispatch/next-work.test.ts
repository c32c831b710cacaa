import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { APP, sampleEvent } from '../../test/support/samples.ts';
import { Backlog } from './backlog.ts';
import { LaneLeases } from './lane-leases.ts';
import { NextWork } from './next-work.ts';

const LANES = [0, 1, 2, 3];
const AT = { monotonic: 0, timeoutMs: 1_000 };

/** An endpoint with so many events, each another user's, in each lane. */
function workOf(counts: readonly number[]): { readonly next: NextWork; readonly backlog: Backlog } {
  const leases = new LaneLeases(new FakeClock(), { laneCount: LANES.length });
  leases.renew(
    LANES.map((lane) => ({ lane, epoch: 1, leaseMs: 60_000 })),
    0,
  );
  const backlog = new Backlog(APP, LANES.length);
  backlog.addLanes({ cursors: [], parked: [] }, LANES, { nowMs: 0, monotonic: 0 });
  for (const lane of backlog.lanes) {
    for (let seq = 1; seq <= (counts[lane.window.lane] ?? 0); seq += 1) {
      backlog.take(lane, sampleEvent({ lane: lane.window.lane, seq, userId: `u${lane.window.lane}.${seq}` }), true);
    }
  }
  return { next: new NextWork(backlog, leases), backlog };
}

/** Lanes in the order in which they are served until nothing is left. */
function served(next: NextWork): readonly number[] {
  const lanes: number[] = [];
  for (;;) {
    const candidate = next.find(AT);
    const chosen = candidate && next.take(candidate, AT.monotonic);
    if (!chosen) return lanes;
    assert.ok(chosen.kind === 'fresh');
    lanes.push(chosen.lane.window.lane);
  }
}

test('lanes are served by turns: one that always has something does not keep the others waiting', () => {
  assert.deepEqual(served(workOf([3, 1, 0, 2]).next), [0, 1, 3, 0, 3, 0]);
});

test('who gets something new comes behind those that wait', () => {
  const { next, backlog } = workOf([2, 1, 1, 1]);
  const first = next.find(AT);
  assert.ok(first && next.take(first, 0));
  const lane = backlog.lane(0);
  assert.ok(lane);
  backlog.take(lane, sampleEvent({ lane: 0, seq: 3, userId: 'late' }), true);
  assert.deepEqual(served(next), [1, 2, 3, 0, 0]);
});

test('a lane that is another node’s by now is not served', () => {
  const { next, backlog } = workOf([1, 1]);
  backlog.dropLane(0);
  assert.deepEqual(served(next), [1]);
});
