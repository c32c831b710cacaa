import assert from 'node:assert/strict';
import { test } from 'node:test';
import { APP, sampleEvent } from '../../test/support/samples.ts';
import { Backlog } from './backlog.ts';

const LANES = 256;
const MOMENT = { nowMs: 0, monotonic: 0 };

/** Lanes with so many events in each, none of them read. */
function given(events: number): Backlog {
  const backlog = new Backlog(APP, LANES);
  const lanes = Array.from({ length: LANES }, (_, lane) => lane);
  backlog.addLanes({ cursors: [], parked: [] }, lanes, MOMENT);
  for (const lane of backlog.lanes) lane.head = events;
  return backlog;
}

function namesOf(backlog: Backlog, most: number, holds = (_: number) => true): number[] {
  return backlog.lanesToRead({ most, holds }).map(({ window }) => window.lane);
}

test('no more is read ahead than is about to start', () => {
  const backlog = given(1_000);
  assert.deepEqual(namesOf(backlog, 256), [0, 1, 2, 3]);
  assert.deepEqual(namesOf(backlog, 1), [0]);
  const first = backlog.lane(0);
  assert.ok(first);
  for (let seq = 1; seq <= 64; seq += 1) backlog.take(first, sampleEvent({ lane: 0, seq, userId: `id${seq}` }), true);
  assert.deepEqual(namesOf(backlog, 256), [1, 2, 3], 'what is in hand counts');
  for (let started = 0; started < 64; started += 1) {
    first.window.next();
    backlog.served(first);
  }
  assert.deepEqual(namesOf(backlog, 256), [1, 2, 3, 4], 'the lane that had its turn comes last');
});

test('of a short log all is read', () => {
  assert.equal(namesOf(given(1), 1_024).length, LANES);
  assert.deepEqual(namesOf(given(0), 1_024), []);
});

test('lanes of which nothing may start now keep no other from being read', () => {
  const backlog = given(1_000);
  for (const lane of backlog.lanes) {
    if (lane.window.lane >= 100) continue;
    for (let seq = 1; seq <= 64; seq += 1) {
      backlog.take(lane, sampleEvent({ lane: lane.window.lane, seq, userId: `id${seq}` }), true);
    }
  }
  assert.deepEqual(namesOf(backlog, 128), []);
  assert.deepEqual(
    namesOf(backlog, 128, (lane) => lane >= 100),
    [100, 101],
  );
});
