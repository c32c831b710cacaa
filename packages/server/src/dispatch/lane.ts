/**
 * The window of one lane for one endpoint: which events are under way, which may start, and how far the cursor can move.
 *
 * An event is `queued` (may start, or waits behind an earlier one of its user), `running`, or `done` (delivered, dead, not
 * wanted, or handed to the parked users). At most one event of a user runs. The cursor moves over the done prefix; what
 * is done beyond it is told to the store as well, so that a crash repeats little.
 */
import type { ChangeEvent, Cursor } from '../storage/store.ts';

/** Room for events between the stored cursor and the last event read. */
export const WINDOW_EVENTS = 512;
const SMALLEST_WINDOW = 64;
/** Over all lanes of an endpoint, about 1 kB each. */
const MAX_EVENTS = 16_384;

/** Room for events in each of so many lanes: what an endpoint holds in memory is bounded over all of them. */
export function windowSize(laneCount: number): number {
  return Math.max(SMALLEST_WINDOW, Math.min(WINDOW_EVENTS, Math.floor(MAX_EVENTS / laneCount)));
}

interface Entry {
  readonly event: ChangeEvent;
  isDone: boolean;
}

/** Pure bookkeeping, no I/O. */
export class LaneWindow {
  readonly lane: number;
  /** entries above the stored cursor, in order: `#entries[i].event.seq` is `#base + 1 + i` */
  #entries: Entry[] = [];
  #base: number;
  readonly #size: number;
  readonly #doneAtStart: Set<number>;
  /** users with an event running or ready; the events of theirs that wait behind it */
  readonly #byUser = new Map<string, Entry[]>();
  readonly #ready: Entry[] = [];

  /** @param size  room for so many events */
  constructor(cursor: Cursor, size: number = WINDOW_EVENTS) {
    this.#size = size;
    this.lane = cursor.lane;
    this.#base = cursor.seq;
    this.#doneAtStart = new Set(cursor.doneAhead);
  }

  /** The last seq taken in. */
  get readSeq(): number {
    return this.#base + this.#entries.length;
  }

  get room(): number {
    return this.#size - this.#entries.length;
  }

  /**
   * Take in the next event: `readSeq + 1`.
   *
   * @param isWanted  false: the endpoint is not to get it; it counts as done
   * @returns whether it is still to be delivered
   */
  push(event: ChangeEvent, isWanted: boolean): boolean {
    if (event.seq !== this.readSeq + 1) throw new RangeError(`event ${event.seq} pushed after ${this.readSeq}`);
    const entry: Entry = { event, isDone: this.#doneAtStart.delete(event.seq) || !isWanted };
    this.#entries.push(entry);
    if (entry.isDone) return false;
    const behind = this.#byUser.get(event.userId);
    if (behind) behind.push(entry);
    else {
      this.#byUser.set(event.userId, []);
      this.#ready.push(entry);
    }
    return true;
  }

  /** Undo the `push` of an event that has not started: it waits behind its parked user instead. */
  handOver(event: ChangeEvent): void {
    this.#entry(event.seq).isDone = true;
    this.#byUser.delete(event.userId);
    this.#ready.splice(
      this.#ready.findLastIndex((entry) => entry.event.seq === event.seq),
      1,
    );
  }

  get hasReady(): boolean {
    return this.#ready.length > 0;
  }

  /** Events that may start. */
  get readyCount(): number {
    return this.#ready.length;
  }

  /** The next event that may start; it runs from now on. */
  next(): ChangeEvent | undefined {
    return this.#ready.shift()?.event;
  }

  /** Undo `next`: the event was not sent after all, and comes first again. */
  putBack(event: ChangeEvent): void {
    this.#ready.unshift(this.#entry(event.seq));
  }

  /** A running event is settled: the user's next one may start. */
  finish(event: ChangeEvent): void {
    this.#entry(event.seq).isDone = true;
    this.letGo(event.userId);
  }

  /**
   * Let somebody else send to a user: his events wait until `letGo`.
   *
   * @param isUrgent  false: only if none of his waits here
   * @returns false if it can't be now
   */
  hold(userId: string, isUrgent: boolean): boolean {
    const behind = this.#byUser.get(userId);
    if (!behind) {
      this.#byUser.set(userId, []);
      return true;
    }
    const at = isUrgent ? this.#ready.findIndex((entry) => entry.event.userId === userId) : -1;
    if (at < 0) return false;
    behind.unshift(...this.#ready.splice(at, 1));
    return true;
  }

  /** Nothing is sent to the user any more: his next one may start. */
  letGo(userId: string): void {
    const next = this.#byUser.get(userId)?.shift();
    if (next) this.#ready.push(next);
    else this.#byUser.delete(userId);
  }

  /** A running event failed: it and all that waits behind it leave the window. @returns their seqs, in order */
  park(event: ChangeEvent): number[] {
    const entries = [this.#entry(event.seq), ...(this.#byUser.get(event.userId) ?? [])];
    this.#byUser.delete(event.userId);
    for (const entry of entries) entry.isDone = true;
    return entries.map((entry) => entry.event.seq);
  }

  /** Everything up to here is done. */
  get doneSeq(): number {
    const open = this.#entries.findIndex((entry) => !entry.isDone);
    return this.#base + (open < 0 ? this.#entries.length : open);
  }

  /** How far the cursor can move. */
  progress(): Cursor {
    const seq = this.doneSeq;
    const doneAhead = this.#entries.slice(seq - this.#base).filter((entry) => entry.isDone);
    return {
      lane: this.lane,
      seq,
      doneAhead: [...doneAhead.map((entry) => entry.event.seq), ...this.#doneAtStart],
    };
  }

  /** The store has the cursor at `seq`: what lies before it needs no room any more. */
  settled(seq: number): void {
    this.#entries = this.#entries.slice(seq - this.#base);
    this.#base = seq;
  }

  #entry(seq: number): Entry {
    const entry = this.#entries[seq - this.#base - 1];
    if (!entry) throw new RangeError(`event ${seq} is not in the window`);
    return entry;
  }
}
