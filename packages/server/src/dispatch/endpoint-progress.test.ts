import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleEvent } from '../../test/support/samples.ts';
import { endpointProgress } from './endpoint-progress.ts';
import { LaneWindow } from './lane.ts';
import type { LaneState } from './lane-state.ts';
import { ParkedUsers } from './parked-users.ts';
import { SettleBuffer } from './settle-buffer.ts';

function laneAt(lane: number, { cursor, head }: { cursor: number; head: number }): LaneState {
  const window = new LaneWindow({ lane, seq: cursor, doneAhead: [] });
  return { window, buffer: new SettleBuffer(), head, isReading: false, served: 0 };
}

function parkedWith(...users: readonly { readonly lane: number; readonly waiting: number[] }[]): ParkedUsers {
  const parked = new ParkedUsers();
  for (const [index, user] of users.entries()) parked.add({ userId: `id${index}`, sdkAppId: 1, ...user });
  return parked;
}

const AT = { endpointId: 'ep_1', running: 2 };

test('an endpoint that has all has nothing behind it', () => {
  const lanes = [laneAt(0, { cursor: 9, head: 9 }), laneAt(1, { cursor: 0, head: 0 })];
  assert.deepEqual(endpointProgress({ ...AT, lanes, parked: parkedWith() }), {
    ...AT,
    parkedUsers: 0,
    parkedEvents: 0,
    backlog: 0,
    oldest: [],
  });
});

test('the backlog is heads minus cursors; the oldest event may be one of a parked user', () => {
  const lanes = [
    laneAt(0, { cursor: 4, head: 9 }),
    laneAt(1, { cursor: 7, head: 7 }),
    laneAt(2, { cursor: 20, head: 23 }),
  ];
  const parked = parkedWith(
    { lane: 1, waiting: [5, 6] },
    { lane: 2, waiting: [12] },
    { lane: 1, waiting: [3, 7] },
    { lane: 0, waiting: [5] },
  );
  const progress = endpointProgress({ ...AT, lanes, parked });
  assert.deepEqual([progress.backlog, progress.parkedUsers, progress.parkedEvents], [8, 4, 6]);
  assert.deepEqual(progress.oldest, [
    { lane: 0, seq: 5 },
    { lane: 1, seq: 3 },
    { lane: 2, seq: 12 },
  ]);
});

test('what is done in the window counts before it is stored, up to the first that is not', () => {
  const lane = laneAt(0, { cursor: 0, head: 4 });
  const events = [1, 2, 3].map((seq) => sampleEvent({ seq, userId: `id${seq}` }));
  for (const event of events) lane.window.push(event, true);
  for (let event = lane.window.next(); event; event = lane.window.next())
    if (event.seq !== 2) lane.window.finish(event);
  const progress = endpointProgress({ ...AT, lanes: [lane], parked: parkedWith() });
  assert.deepEqual([progress.backlog, progress.oldest], [3, [{ lane: 0, seq: 2 }]]);
});
