import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { sampleEvent } from '../../test/support/samples.ts';
import type { ChangeEvent, Cursor } from '../storage/store.ts';
import { LaneWindow, WINDOW_EVENTS } from './lane.ts';

const LANE = 3;

const event = (seq: number, userId: string): ChangeEvent => sampleEvent({ seq, userId, lane: LANE });
const windowAt = (seq: number, doneAhead: readonly number[] = []): LaneWindow => {
  return new LaneWindow({ lane: LANE, seq, doneAhead });
};
const cursor = (seq: number, doneAhead: readonly number[] = []): Cursor => ({ lane: LANE, seq, doneAhead });

/** A window with one event of each user named, from seq 1 on. */
function filled(...users: readonly string[]): { window: LaneWindow; events: readonly ChangeEvent[] } {
  const window = windowAt(0);
  const events = users.map((user, index) => event(index + 1, user));
  for (const one of events) window.push(one, true);
  return { window, events };
}

describe('LaneWindow', () => {
  test('users run side by side, events of one user after each other', () => {
    const { window, events } = filled('a', 'a', 'b', 'a');
    assert.deepEqual([window.next(), window.next(), window.next()], [events[0], events[2], undefined]);
    window.finish(events[0] as ChangeEvent);
    assert.deepEqual([window.next(), window.next()], [events[1], undefined]);
    window.finish(events[1] as ChangeEvent);
    assert.deepEqual([window.next(), window.next()], [events[3], undefined]);
  });

  test('while somebody else sends to a user, his events wait, and the cursor with them', () => {
    const { window, events } = filled('a', 'b');
    assert.equal(window.hold('a', false), false, 'one of his may start');
    assert.equal(window.hold('a', true), true);
    assert.equal(window.hold('a', true), false, 'it is held already');
    assert.deepEqual([window.next(), window.next()], [events[1], undefined]);
    assert.equal(window.hold('b', true), false, 'one of his runs');
    window.finish(events[1] as ChangeEvent);
    assert.deepEqual(window.progress(), cursor(0, [2]));
    window.letGo('a');
    assert.equal(window.next(), events[0]);
    assert.equal(window.hold('b', false), true);
    window.letGo('b');
    window.push(event(3, 'b'), true);
    assert.equal(window.next()?.seq, 3);
  });

  test('the cursor moves over what is done without a gap; what is done beyond it is told', () => {
    const { window, events } = filled('a', 'b', 'c', 'd', 'e');
    for (let i = 0; i < 5; i += 1) window.next();
    for (const index of [3, 1]) window.finish(events[index] as ChangeEvent);
    assert.deepEqual(window.progress(), cursor(0, [2, 4]));
    window.finish(events[0] as ChangeEvent);
    assert.deepEqual(window.progress(), cursor(2, [4]));
    window.finish(events[2] as ChangeEvent);
    assert.deepEqual(window.progress(), cursor(4));
  });

  test('what is not wanted is done at once', () => {
    const window = windowAt(0);
    window.push(event(1, 'a'), false);
    window.push(event(2, 'a'), true);
    assert.deepEqual(window.progress(), cursor(1));
    assert.equal(window.next()?.seq, 2);
  });

  test('what was done before a restart is not started again', () => {
    const window = windowAt(10, [12, 14]);
    assert.deepEqual(window.progress(), cursor(10, [12, 14]));
    for (const seq of [11, 12, 13, 14, 15]) window.push(event(seq, 'a'), true);
    const started: number[] = [];
    for (let next = window.next(); next; next = window.next()) {
      started.push(next.seq);
      window.finish(next);
    }
    assert.deepEqual(started, [11, 13, 15]);
    assert.deepEqual(window.progress(), cursor(15));
  });

  test('what was done before a restart and is not wanted now is done once', () => {
    const window = windowAt(10, [12, 13]);
    for (const seq of [11, 12, 13]) window.push(event(seq, 'a'), false);
    assert.deepEqual(window.progress(), cursor(13));
    window.settled(13);
    assert.deepEqual(window.progress(), cursor(13));
  });

  test('parking takes the event and all behind it out of the window; others of the user come anew', () => {
    const { window, events } = filled('a', 'b', 'a', 'a');
    window.next();
    assert.deepEqual(window.park(events[0] as ChangeEvent), [1, 3, 4]);
    assert.deepEqual(window.progress(), cursor(1, [3, 4]));
    assert.equal(window.next(), events[1]);
    assert.equal(window.next(), undefined);
    window.push(event(5, 'a'), true);
    assert.equal(window.next()?.seq, 5);
  });

  test('an event that is put back comes first again', () => {
    const { window, events } = filled('a', 'b', 'a');
    const first = window.next() as ChangeEvent;
    window.putBack(first);
    assert.deepEqual([window.next(), window.next(), window.next()], [first, events[1], undefined]);
  });

  test('room grows with the stored cursor, not with what is done', () => {
    const { window, events } = filled('a', 'b', 'c');
    assert.equal(window.room, WINDOW_EVENTS - 3);
    window.next();
    window.finish(events[0] as ChangeEvent);
    assert.equal(window.room, WINDOW_EVENTS - 3);
    window.settled(1);
    assert.deepEqual([window.room, window.readSeq], [WINDOW_EVENTS - 2, 3]);
    assert.deepEqual(window.progress(), cursor(1));
  });

  test('a seq out of turn is a fault of ours, and says so', () => {
    const { window } = filled('a');
    for (const seq of [0, 1, 3]) assert.throws(() => window.push(event(seq, 'a'), true), RangeError);
    assert.throws(() => window.finish(event(9, 'a')), RangeError);
    assert.equal(window.readSeq, 1);
  });
});

type Move =
  | { readonly kind: 'push'; readonly user: string; readonly isWanted: boolean }
  | { readonly kind: 'next' | 'ask' | 'settled' }
  | { readonly kind: 'finish' | 'park' | 'putBack' | 'release'; readonly which: number };

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('push' as const),
      user: fc.constantFrom('a', 'b', 'c', 'd'),
      isWanted: fc.nat(9).map((chance) => chance > 0),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('next' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('ask' as const, 'settled' as const) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('finish' as const), which: fc.nat(10) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('park' as const, 'putBack' as const, 'release' as const),
      which: fc.nat(10),
    }),
  },
);

/** What has to hold of a window, kept beside it as simply as can be. */
class Watch {
  readonly window: LaneWindow;
  readonly #start: number;
  readonly #doneAtStart: ReadonlySet<number>;
  /** seq → how it stands; `before` = done before the start */
  readonly #states = new Map<number, 'queued' | 'running' | 'done' | 'parked' | 'unwanted' | 'before'>();
  readonly #userOf = new Map<number, string>();
  readonly #running: ChangeEvent[] = [];
  readonly #parkedUsers = new Set<string>();
  #asked: Cursor | undefined;
  #settledSeq: number;

  constructor(start: number, doneAhead: readonly number[]) {
    this.#start = start;
    this.#settledSeq = start;
    this.#doneAtStart = new Set(doneAhead);
    this.window = windowAt(start, doneAhead);
  }

  make(one: Move): void {
    if (one.kind === 'push') this.#push(one.user, one.isWanted);
    else if (one.kind === 'next') this.next();
    else if (one.kind === 'ask') this.#asked = this.window.progress();
    else if (one.kind === 'settled') this.#settle();
    else if ('which' in one) this.#withUser(one.kind, one.which);
    this.#check();
  }

  /** @returns whether one was started */
  next(): boolean {
    const couldStart = this.#startable();
    assert.equal(this.window.hasReady, couldStart.size > 0);
    const started = this.window.next();
    if (!started) {
      assert.equal(couldStart.size, 0, 'nothing was started, though something could');
      return false;
    }
    assert.ok(couldStart.has(started.seq), `${started.seq} was started out of turn`);
    this.#states.set(started.seq, 'running');
    this.#running.push(started);
    return true;
  }

  finishAll(): void {
    do while (this.#running.length > 0) this.#withRunning(0, 'finish');
    while (this.next());
    this.#check();
    const read = this.#start + this.#states.size;
    assert.equal(this.window.progress().seq, read);
    for (const state of this.#states.values()) assert.ok(state !== 'queued' && state !== 'running');
  }

  #push(user: string, isWanted: boolean): void {
    if (this.window.room === 0) return;
    const seq = this.window.readSeq + 1;
    const wanted = isWanted && !this.#parkedUsers.has(user);
    this.window.push(event(seq, user), wanted);
    this.#userOf.set(seq, user);
    this.#states.set(seq, this.#doneAtStart.has(seq) ? 'before' : wanted ? 'queued' : 'unwanted');
  }

  #withUser(kind: 'finish' | 'park' | 'putBack' | 'release', which: number): void {
    if (kind === 'release') this.#parkedUsers.delete([...this.#parkedUsers][which] ?? '');
    else this.#withRunning(which, kind);
  }

  #withRunning(which: number, what: 'finish' | 'park' | 'putBack'): void {
    const [one] = this.#running.splice(which % Math.max(1, this.#running.length), 1);
    if (!one) return;
    if (what === 'finish') {
      this.window.finish(one);
      this.#states.set(one.seq, 'done');
    } else if (what === 'putBack') {
      this.window.putBack(one);
      this.#states.set(one.seq, 'queued');
    } else {
      const seqs = [one.seq, ...this.#seqsOf(one.userId, 'queued')];
      assert.deepEqual(this.window.park(one), seqs);
      for (const seq of seqs) this.#states.set(seq, 'parked');
      this.#parkedUsers.add(one.userId);
    }
  }

  /** What was asked earlier is stored now: the window may have gone on since. */
  #settle(): void {
    if (!this.#asked || this.#asked.seq < this.#settledSeq) return;
    const { readSeq } = this.window;
    this.window.settled(this.#asked.seq);
    this.#settledSeq = this.#asked.seq;
    assert.equal(this.window.readSeq, readSeq);
    assert.equal(this.window.room, WINDOW_EVENTS - (readSeq - this.#settledSeq));
  }

  #startable(): Set<number> {
    const busy = new Set(this.#running.map(({ userId }) => userId));
    const seqs = new Set<number>();
    for (const user of new Set(this.#userOf.values())) {
      const [first] = this.#seqsOf(user, 'queued');
      if (first !== undefined && !busy.has(user)) seqs.add(first);
    }
    return seqs;
  }

  #seqsOf(user: string, state: string): number[] {
    return [...this.#states].filter(([seq, is]) => is === state && this.#userOf.get(seq) === user).map(([seq]) => seq);
  }

  #check(): void {
    const isDone = (seq: number): boolean => {
      const state = this.#states.get(seq);
      return state === undefined ? this.#doneAtStart.has(seq) : state !== 'queued' && state !== 'running';
    };
    const read = this.#start + this.#states.size;
    let seq = this.#start;
    while (seq < read && isDone(seq + 1)) seq += 1;
    const all = new Set([...this.#states.keys(), ...this.#doneAtStart]);
    const doneAhead = [...all].filter((other) => other > seq && isDone(other)).toSorted((a, b) => a - b);
    assert.deepEqual(this.window.progress(), cursor(seq, doneAhead));
    assert.equal(new Set(this.#running.map(({ userId }) => userId)).size, this.#running.length);
  }
}

describe('LaneWindow, whatever comes in whatever order', () => {
  test('one event of a user runs at a time, in order; the cursor passes none that is open; none is lost or done twice', () => {
    const start = fc.record({
      seq: fc.nat(1_000),
      ahead: fc.uniqueArray(fc.integer({ min: 2, max: 40 }), { maxLength: 15 }),
    });
    const property = fc.property(start, fc.array(move, { maxLength: 200, size: 'max' }), ({ seq, ahead }, moves) => {
      const doneAhead = ahead.map((step) => seq + step).toSorted((a, b) => a - b);
      const watch = new Watch(seq, doneAhead);
      for (const one of moves) watch.make(one);
      watch.finishAll();
    });
    fc.assert(property, { numRuns: 250 });
  });

  test('a full window takes no more than it has room for', () => {
    const window = windowAt(0);
    while (window.room > 0) window.push(event(window.readSeq + 1, `id${window.readSeq}`), true);
    assert.equal(window.readSeq, WINDOW_EVENTS);
    for (let next = window.next(); next; next = window.next()) window.finish(next);
    const progress = window.progress();
    assert.deepEqual(progress, cursor(WINDOW_EVENTS));
    window.settled(progress.seq);
    assert.equal(window.room, WINDOW_EVENTS);
  });
});
