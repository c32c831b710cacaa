/**
 * Which deliveries of a replay are under way, which may start, and how far it has got in a lane: a LaneWindow for events that need not
 * follow one another. At most one delivery of a user runs; what fails keeps its user's turn until it is finished.
 */
import type { ReplayLane } from '../../storage/replay-store.ts';

/** Deliveries in hand: the memory of a job. */
const WINDOW_DELIVERIES = 512;

/** A delivery to send. */
export interface ReplayItem {
  readonly seq: number;
  readonly userId: string;
}

interface Entry {
  readonly item: ReplayItem;
  isDone: boolean;
}

/** Pure bookkeeping, no I/O. */
export class ReplayWindow {
  readonly lane: number;
  readonly toSeq: number;
  /** everything up to here was looked at */
  #scannedTo: number;
  /** from the first that is not done, in order */
  #entries: Entry[] = [];
  readonly #doneAtStart: Set<number>;
  /** those that failed and are to be tried again */
  readonly #tried: Set<number>;
  /** users with a delivery that runs, is ready or rests; the deliveries of theirs that wait behind it */
  readonly #byUser = new Map<string, Entry[]>();
  readonly #ready: Entry[] = [];

  constructor({ lane, toSeq, seq, doneAhead, tried }: ReplayLane) {
    this.lane = lane;
    this.toSeq = toSeq;
    this.#scannedTo = seq;
    this.#doneAtStart = new Set(doneAhead);
    this.#tried = new Set(tried);
  }

  get scannedTo(): number {
    return this.#scannedTo;
  }

  get room(): number {
    return WINDOW_DELIVERIES - this.#entries.length;
  }

  /** Deliveries in hand that are not done. */
  get left(): number {
    return this.#entries.filter(({ isDone }) => !isDone).length;
  }

  get hasReady(): boolean {
    return this.#ready.length > 0;
  }

  /** All of the lane is done. */
  get isDone(): boolean {
    return this.#scannedTo >= this.toSeq && this.#entries.length === 0;
  }

  /** Whether it was tried without success, before a restart or after. */
  wasTried(seq: number): boolean {
    return this.#tried.has(seq);
  }

  /**
   * Take in a delivery that lies behind all others.
   *
   * @param isSkipped  it is not sent, and counts as done
   * @returns false if it was done before a restart
   */
  add(item: ReplayItem, isSkipped: boolean): boolean {
    if (this.#doneAtStart.delete(item.seq)) {
      this.#entries.push({ item, isDone: true });
      return false;
    }
    const entry: Entry = { item, isDone: isSkipped };
    this.#entries.push(entry);
    if (isSkipped) return true;
    const behind = this.#byUser.get(item.userId);
    if (behind) behind.push(entry);
    else {
      this.#byUser.set(item.userId, []);
      this.#ready.push(entry);
    }
    return true;
  }

  /** Everything up to here was looked at, and what counts was added. */
  scanned(seq: number): void {
    this.#scannedTo = seq;
    this.#trim();
  }

  /** The next delivery that may start; it runs from now on. */
  next(): ReplayItem | undefined {
    return this.#ready.shift()?.item;
  }

  /** A running delivery failed: it rests until it is put back. */
  rest(item: ReplayItem): void {
    this.#tried.add(item.seq);
  }

  /** Undo `next`, or end a rest: the delivery may start. */
  putBack(item: ReplayItem): void {
    this.#ready.push(this.#entry(item));
  }

  /** A running delivery is settled: the user's next one may start. */
  finish(item: ReplayItem): void {
    this.#entry(item).isDone = true;
    this.#tried.delete(item.seq);
    const next = this.#byUser.get(item.userId)?.shift();
    if (next) this.#ready.push(next);
    else this.#byUser.delete(item.userId);
    this.#trim();
  }

  /** How far it has got, to be stored. */
  progress(): Pick<ReplayLane, 'seq' | 'doneAhead' | 'tried'> {
    const [first] = this.#entries;
    const done = this.#entries.filter((entry) => entry.isDone).map((entry) => entry.item.seq);
    const seq = first ? first.item.seq - 1 : this.#scannedTo;
    return { seq, doneAhead: [...done, ...this.#doneAtStart], tried: [...this.#tried] };
  }

  #trim(): void {
    const open = this.#entries.findIndex((entry) => !entry.isDone);
    this.#entries = open < 0 ? [] : this.#entries.slice(open);
  }

  #entry({ seq }: ReplayItem): Entry {
    const entry = this.#entries.find((candidate) => candidate.item.seq === seq);
    if (!entry) throw new RangeError(`delivery ${seq} is not in the window`);
    return entry;
  }
}
