import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { APP, sampleEvent } from '../../test/support/samples.ts';
import { Backlog, SERVED_IN_A_ROW } from './backlog.ts';
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

/** Lanes in the order in which they are served until nothing is left, and how often each in a row. */
function served(next: NextWork): readonly (readonly [lane: number, count: number])[] {
  const rows: [number, number][] = [];
  for (;;) {
    const candidate = next.find(AT);
    const chosen = candidate && next.take(candidate, AT.monotonic);
    if (!chosen) return rows;
    assert.ok(chosen.kind === 'fresh');
    const { lane } = chosen.lane.window;
    const last = rows.at(-1);
    if (last?.[0] === lane) last[1] += 1;
    else rows.push([lane, 1]);
  }
}

test('lanes are served by turns: one that always has something does not keep the others waiting', () => {
  const row = SERVED_IN_A_ROW;
  const { next } = workOf([3 * row, row + 1, 0, 10]);
  assert.deepEqual(served(next), [
    [0, row],
    [1, row],
    [3, 10],
    [0, row],
    [1, 1],
    [0, row],
  ]);
});

test('what comes new into a lane that had its turn comes behind what waits in others', () => {
  const { next, backlog } = workOf([SERVED_IN_A_ROW, 1, 1, 1]);
  for (let count = 0; count < SERVED_IN_A_ROW; count += 1) {
    const candidate = next.find(AT);
    assert.ok(candidate && next.take(candidate, AT.monotonic));
  }
  const lane = backlog.lane(0);
  assert.ok(lane);
  backlog.take(lane, sampleEvent({ lane: 0, seq: SERVED_IN_A_ROW + 1, userId: 'late' }), true);
  assert.deepEqual(served(next), [
    [1, 1],
    [2, 1],
    [3, 1],
    [0, 1],
  ]);
});

test('a lane that is another node’s by now is not served', () => {
  const { next, backlog } = workOf([1, 1]);
  backlog.dropLane(0);
  assert.deepEqual(served(next), [[1, 1]]);
});
