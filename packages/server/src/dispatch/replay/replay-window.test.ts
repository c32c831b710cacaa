import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ReplayLane } from '../../storage/replay-store.ts';
import { type ReplayItem, ReplayWindow } from './replay-window.ts';

const LANE: ReplayLane = { lane: 0, afterSeq: 10, toSeq: 40, seq: 10, doneAhead: [], tried: [] };

const item = (seq: number, userId: string): ReplayItem => ({ seq, userId });

/** Seqs of all that may start, which run from now on. */
function takeAll(window: ReplayWindow): readonly ReplayItem[] {
  const items: ReplayItem[] = [];
  for (let next = window.next(); next; next = window.next()) items.push(next);
  return items;
}

const seqsOf = (items: readonly ReplayItem[]): readonly number[] => items.map(({ seq }) => seq);

describe('ReplayWindow', () => {
  test('a user’s deliveries come one after the other, users side by side', () => {
    const window = new ReplayWindow(LANE);
    for (const [seq, userId] of [
      [12, 'a'],
      [15, 'b'],
      [19, 'a'],
    ] as const) {
      window.add(item(seq, userId), false);
    }
    window.scanned(20);
    assert.deepEqual(seqsOf(takeAll(window)), [12, 15]);
    window.finish(item(12, 'a'));
    assert.deepEqual(seqsOf(takeAll(window)), [19]);
    assert.deepEqual(window.progress(), { seq: 14, doneAhead: [], tried: [] });
    window.finish(item(19, 'a'));
    assert.deepEqual(window.progress(), { seq: 14, doneAhead: [19], tried: [] });
    window.finish(item(15, 'b'));
    assert.deepEqual(window.progress(), { seq: 20, doneAhead: [], tried: [] });
    assert.equal(window.isDone, false);
    window.scanned(40);
    assert.equal(window.isDone, true);
  });

  test('what fails keeps its user back until it is finished, and is remembered', () => {
    const window = new ReplayWindow(LANE);
    window.add(item(12, 'a'), false);
    window.add(item(13, 'a'), false);
    window.scanned(40);
    takeAll(window);
    window.rest(item(12, 'a'));
    assert.equal(window.hasReady, false);
    assert.deepEqual([window.progress(), window.wasTried(12)], [{ seq: 11, doneAhead: [], tried: [12] }, true]);
    window.putBack(item(12, 'a'));
    assert.deepEqual(seqsOf(takeAll(window)), [12]);
    window.finish(item(12, 'a'));
    assert.deepEqual(window.progress(), { seq: 12, doneAhead: [], tried: [] });
  });

  test('what is skipped counts as done, once', () => {
    const window = new ReplayWindow({ ...LANE, seq: 11, doneAhead: [13], tried: [12] });
    assert.equal(window.wasTried(12), true);
    assert.equal(window.add(item(12, 'a'), false), true);
    assert.equal(window.add(item(13, 'a'), true), false, 'it was counted before the restart');
    assert.equal(window.add(item(14, 'b'), true), true);
    window.scanned(15);
    assert.deepEqual(window.progress(), { seq: 11, doneAhead: [13, 14], tried: [12] });
    window.finish(takeAll(window)[0] as ReplayItem);
    assert.deepEqual(window.progress(), { seq: 15, doneAhead: [], tried: [] });
  });

  test('what lies beyond the scan stays done', () => {
    const window = new ReplayWindow({ ...LANE, seq: 11, doneAhead: [30] });
    window.add(item(12, 'a'), false);
    window.scanned(20);
    assert.deepEqual(window.progress(), { seq: 11, doneAhead: [30], tried: [] });
  });

  test('what is not in hand can not be finished', () => {
    assert.throws(() => new ReplayWindow(LANE).finish(item(12, 'a')), /delivery 12 is not in the window/);
  });

  test('whatever ends when, and however often it starts anew: each delivery once, those of a user in order', () => {
    const users = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(users, fc.array(fc.nat(9), { minLength: 200, maxLength: 200 }), (userIds, dice) => {
        const toSeq = userIds.length * 2;
        const seen: ReplayItem[] = [];
        let lane: ReplayLane = { ...LANE, afterSeq: 0, seq: 0, toSeq };
        let window = new ReplayWindow(lane);
        let running: ReplayItem[] = [];
        for (let step = 0; !window.isDone; step += 1) {
          const die = dice[step % dice.length] ?? 0;
          if (die === 9 && step < 150) {
            lane = { ...lane, ...window.progress() };
            window = new ReplayWindow(lane);
            running = [];
          } else if (die > 5 && window.scannedTo < toSeq) {
            const next = window.scannedTo + 2;
            window.add(item(next, userIds[next / 2 - 1] ?? ''), false);
            window.scanned(next);
          } else if (die > 2 || running.length === 0) running.push(...takeAll(window));
          else {
            const ended = running.splice(die % running.length, 1)[0] as ReplayItem;
            seen.push(ended);
            window.finish(ended);
          }
          if (running.length === 0 && !window.hasReady && window.scannedTo < toSeq) {
            const next = Math.floor(window.scannedTo / 2) * 2 + 2;
            window.add(item(next, userIds[next / 2 - 1] ?? ''), false);
            window.scanned(next);
          }
        }
        assert.deepEqual(
          seqsOf(seen).toSorted((a, b) => a - b),
          userIds.map((_, index) => index * 2 + 2),
        );
        for (const [, own] of Map.groupBy(seen, ({ userId }) => userId)) {
          assert.deepEqual(
            seqsOf(own),
            seqsOf(own).toSorted((a, b) => a - b),
          );
        }
      }),
    );
  });
});
