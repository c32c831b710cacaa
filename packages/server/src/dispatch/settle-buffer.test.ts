import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Attempt } from '../storage/store.ts';
import type { Parked } from './parked-users.ts';
import { type SettleBatch, SettleBuffer } from './settle-buffer.ts';

const EMPTY: SettleBatch = { attempts: [], unparkedSeqs: [], unparkedUsers: [], parked: [] };

function parked(userId: string, members: Partial<Parked> = {}): Parked {
  const base = { userId, sdkAppId: 1_400_000_001, lane: 0, waiting: [], attempts: 1, dueAt: 0, nextTryAtMs: 9 };
  return { ...base, uncounted: 0, reason: 'status', isRunning: false, ...members };
}

const attempt = (seq: number): Attempt => ({ seq, number: 1, atMs: 1, outcome: 'delivered', durationMs: 1 });
const row = (userId: string, waiting: readonly number[]) => {
  return { userId, lane: 0, attempts: 1, nextTryAtMs: 9, reason: 'status', waiting };
};

describe('SettleBuffer', () => {
  test('is empty at first, and after it was taken', () => {
    const buffer = new SettleBuffer();
    assert.deepEqual([buffer.isDirty, buffer.attemptCount, buffer.take()], [false, 0, EMPTY]);
    buffer.attempt(attempt(1));
    buffer.park(parked('a'), [1]);
    buffer.unparkSeq(parked('a'), 1);
    buffer.unparkUser(parked('a'));
    buffer.take();
    assert.deepEqual([buffer.isDirty, buffer.attemptCount, buffer.take()], [false, 0, EMPTY]);
  });

  for (const [what, change] of [
    ['a cursor that moved', (buffer: SettleBuffer) => buffer.touch()],
    ['an attempt', (buffer: SettleBuffer) => buffer.attempt(attempt(1))],
    ['a parked user', (buffer: SettleBuffer) => buffer.park(parked('a'), [])],
    ['a seq that waits no longer', (buffer: SettleBuffer) => buffer.unparkSeq(parked('a'), 1)],
    ['a user who waits no longer', (buffer: SettleBuffer) => buffer.unparkUser(parked('a'))],
  ] as const) {
    test(`${what} has to be stored`, () => {
      const buffer = new SettleBuffer();
      change(buffer);
      assert.equal(buffer.isDirty, true);
    });
  }

  test('attempts keep their order', () => {
    const buffer = new SettleBuffer();
    for (const seq of [3, 1, 2]) buffer.attempt(attempt(seq));
    assert.equal(buffer.attemptCount, 3);
    assert.deepEqual(
      buffer.take().attempts.map(({ seq }) => seq),
      [3, 1, 2],
    );
  });

  test('a user is stored once, as he is when the batch is taken, with all that is new behind him', () => {
    const buffer = new SettleBuffer();
    const user = parked('a');
    buffer.park(user, [4]);
    buffer.park(user, []);
    buffer.park(user, [6, 7]);
    Object.assign(user, { attempts: 3, nextTryAtMs: undefined, reason: 'timeout' });
    const expected = { ...row('a', [4, 6, 7]), attempts: 3, nextTryAtMs: undefined, reason: 'timeout' };
    assert.deepEqual(buffer.take(), { ...EMPTY, parked: [expected] });
  });

  test('what waited and was settled within one batch is never stored as waiting', () => {
    const buffer = new SettleBuffer();
    buffer.park(parked('a'), [4, 6]);
    buffer.unparkSeq(parked('a'), 4);
    assert.deepEqual(buffer.take(), {
      ...EMPTY,
      unparkedSeqs: [{ userId: 'a', seq: 4 }],
      parked: [row('a', [6])],
    });
  });

  test('a user who is let go and parked anew stays', () => {
    const buffer = new SettleBuffer();
    buffer.unparkSeq(parked('a'), 4);
    buffer.unparkUser(parked('a'));
    buffer.park(parked('a'), [8]);
    assert.deepEqual(buffer.take(), {
      ...EMPTY,
      unparkedSeqs: [{ userId: 'a', seq: 4 }],
      parked: [row('a', [8])],
    });
  });

  test('however it is cut into batches, the store ends with who waits for what', () => {
    const move = fc.record({
      kind: fc.constantFrom('park', 'park', 'more', 'settle', 'settle', 'take'),
      user: fc.constantFrom('a', 'b', 'c'),
    });
    const property = fc.property(fc.array(move, { maxLength: 80, size: 'max' }), (moves) => {
      const buffer = new SettleBuffer();
      const memory = new Map<string, Parked>();
      const store = new Map<string, Set<number>>();
      let seq = 0;
      for (const { kind, user } of moves) {
        const known = memory.get(user);
        seq += 1;
        if (kind === 'take') apply(store, buffer.take());
        else if (kind === 'park' && !known) {
          const fresh = parked(user, { waiting: [seq] });
          memory.set(user, fresh);
          buffer.park(fresh, [seq]);
        } else if (kind === 'more' && known) {
          known.waiting.push(seq);
          buffer.park(known, [seq]);
        } else if (kind === 'settle' && known) {
          buffer.unparkSeq(known, known.waiting.shift() as number);
          if (known.waiting.length > 0) buffer.park(known, []);
          else {
            memory.delete(user);
            buffer.unparkUser(known);
          }
        }
      }
      apply(store, buffer.take());
      const expected = [...memory].map(([userId, { waiting }]) => [userId, new Set(waiting)] as const);
      assert.deepEqual(store, new Map(expected));
    });
    fc.assert(property, { numRuns: 300 });
  });
});

/** What the contract of `settle` says of a batch. */
function apply(store: Map<string, Set<number>>, batch: SettleBatch): void {
  for (const { userId, seq } of batch.unparkedSeqs) store.get(userId)?.delete(seq);
  for (const userId of batch.unparkedUsers) {
    assert.deepEqual([...(store.get(userId) ?? [])], [], 'something still waits for a user who is let go');
    store.delete(userId);
  }
  for (const { userId, waiting } of batch.parked) {
    const known = store.get(userId) ?? new Set();
    for (const seq of waiting) known.add(seq);
    store.set(userId, known);
  }
}
