import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Replay } from '../../storage/replay-store.ts';
import { JobState } from './job-state.ts';

/** A job over so many deliveries, each of another user. */
function jobOf(deliveries: number): JobState {
  const lane = { lane: 0, afterSeq: 0, toSeq: deliveries, seq: 0, doneAhead: [], tried: [] };
  const state = new JobState({ lanes: [lane], delivered: 0, failed: 0, skipped: 0 } as unknown as Replay);
  for (let seq = 1; seq <= deliveries; seq += 1) state.window.add({ seq, userId: `id${seq}` }, false);
  state.window.scanned(deliveries);
  for (let seq = 1; seq <= deliveries; seq += 1) state.window.next();
  return state;
}

describe('JobState', () => {
  test('while the endpoint answers nothing, a delivery is to blame once', () => {
    const state = jobOf(2);
    const item = { seq: 1, userId: 'id1' };
    assert.deepEqual(
      [0, 0, 0, 0].map((answers) => state.failed(item, true, answers)),
      [1, 1, 1, 1],
    );
    assert.deepEqual(
      [1, 1, 2].map((answers) => state.failed(item, true, answers)),
      [2, 2, 3],
    );
  });

  test('the only one that is left is to blame each time', () => {
    const state = jobOf(2);
    state.finish({ seq: 2, userId: 'id2' }, 'delivered');
    const item = { seq: 1, userId: 'id1' };
    assert.deepEqual(
      [5, 5, 5].map((answers) => state.failed(item, true, answers)),
      [1, 2, 3],
    );
  });

  test('what does not count never does', () => {
    const state = jobOf(1);
    assert.deepEqual(
      [0, 1, 2].map((answers) => state.failed({ seq: 1, userId: 'id1' }, false, answers)),
      [0, 0, 0],
    );
  });
});
