import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ParkedUser } from '../storage/store.ts';
import { ParkedUsers } from './parked-users.ts';

const APP = 1_400_000_001;
const NOW_MS = 1_795_428_000_000;
const MOMENT = { nowMs: NOW_MS, monotonic: 5_000 };
const LONGEST_MS = 3_600_000;

const stored = (userId: string, nextTryAtMs: number | undefined, lane = 0): ParkedUser => {
  return { userId, lane, attempts: 2, nextTryAtMs, reason: 'status', waiting: [4, 9] };
};

function restored(...users: readonly ParkedUser[]): ParkedUsers {
  const parked = new ParkedUsers();
  parked.restore(APP, users, MOMENT, LONGEST_MS);
  return parked;
}

describe('ParkedUsers', () => {
  for (const { name, nextTryAtMs, dueAt } of [
    { name: 'a time to come is waited for', nextTryAtMs: NOW_MS + 700, dueAt: 5_700 },
    { name: 'a time that has passed is now', nextTryAtMs: NOW_MS - 86_400_000, dueAt: 5_000 },
    {
      name: 'a time far ahead, of a clock that jumped, is not trusted',
      nextTryAtMs: NOW_MS + 1e12,
      dueAt: 5_000 + LONGEST_MS,
    },
    { name: 'a user who is held has none', nextTryAtMs: undefined, dueAt: undefined },
  ]) {
    test(`from the store: ${name}`, () => {
      const parked = restored(stored('a', nextTryAtMs));
      const inMemory = { sdkAppId: APP, uncounted: 0, dueAt, isRunning: false };
      assert.deepEqual(parked.get('a'), { ...stored('a', nextTryAtMs), ...inMemory });
      assert.equal(parked.nextDueAt(), dueAt);
    });
  }

  test('in a hurry who rests is due at once in the order of their times, behind who is due; who is held stays so', () => {
    const parked = restored(
      stored('late', NOW_MS + 90_000),
      stored('held', undefined),
      stored('soon', NOW_MS + 700),
      stored('due', NOW_MS),
    );
    parked.hurry(6_000);
    assert.deepEqual(
      [1, 2, 3, 4].map(() => parked.takeDue(6_000)?.userId),
      ['due', 'soon', 'late', undefined],
    );
    assert.equal(parked.get('held')?.dueAt, undefined);
  });

  test('what waits can grow without changing what the store gave', () => {
    const user = stored('a', NOW_MS);
    restored(user).get('a')?.waiting.push(12);
    assert.deepEqual(user.waiting, [4, 9]);
  });

  test('who has been due longest comes first, and nobody before his time', () => {
    const parked = restored(stored('a', NOW_MS + 20), stored('b', NOW_MS + 10), stored('c', undefined));
    assert.equal(parked.nextDueAt(), 5_010);
    assert.equal(parked.takeDue(5_009), undefined);
    assert.equal(parked.takeDue(5_020)?.userId, 'b');
    assert.equal(parked.takeDue(5_020)?.userId, 'a');
    assert.equal(parked.takeDue(1e12), undefined);
  });

  test('who is under way is not taken again until he rests', () => {
    const parked = restored(stored('a', NOW_MS));
    const user = parked.takeDue(5_000);
    assert.equal(user?.isRunning, true);
    assert.deepEqual([parked.takeDue(9_000), parked.nextDueAt()], [undefined, undefined]);
    Object.assign(user ?? {}, { isRunning: false, dueAt: 6_000 });
    assert.equal(parked.nextDueAt(), 6_000);
    assert.equal(parked.takeDue(6_000), user);
  });

  test('users are added, found, counted and removed', () => {
    const parked = new ParkedUsers();
    const user = parked.add({ userId: 'a', sdkAppId: APP, lane: 1, waiting: [3] });
    assert.deepEqual([parked.size, parked.get('a'), parked.get('b')], [1, user, undefined]);
    assert.deepEqual([user.attempts, user.isRunning, user.waiting], [0, false, [3]]);
    parked.remove('a');
    assert.deepEqual([parked.size, parked.get('a'), parked.takeDue(1e12)], [0, undefined, undefined]);
  });

  test('a lane that goes takes its users along, and only those', () => {
    const parked = restored(stored('a', NOW_MS, 1), stored('b', NOW_MS, 2), stored('c', undefined, 1));
    parked.dropLane(1);
    assert.deepEqual([parked.size, parked.get('b')?.lane], [1, 2]);
  });

  test('of any crowd each who is due is taken once, in the order of his time', () => {
    const crowd = fc.array(fc.option(fc.nat(1_000), { nil: undefined }), { maxLength: 60 });
    const property = fc.property(crowd, fc.nat(1_000), (waits, laterMs) => {
      const parked = restored(
        ...waits.map((wait, i) => stored(`id${i}`, wait === undefined ? undefined : NOW_MS + wait)),
      );
      const taken: number[] = [];
      for (let user = parked.takeDue(5_000 + laterMs); user; user = parked.takeDue(5_000 + laterMs)) {
        taken.push(user.dueAt as number);
      }
      const expected = waits
        .filter((wait) => wait !== undefined && wait <= laterMs)
        .map((wait) => 5_000 + (wait as number));
      assert.deepEqual(
        taken,
        expected.toSorted((a, b) => a - b),
      );
    });
    fc.assert(property);
  });
});
