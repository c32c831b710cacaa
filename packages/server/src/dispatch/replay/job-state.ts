/** How far a replay has got: the window of the lane that it is in, the lanes that are still to come, and what was counted. */
import type { Replay, ReplayCounts, ReplayLane } from '../../storage/replay-store.ts';
import { type ReplayItem, ReplayWindow } from './replay-window.ts';

const NOTHING: ReplayLane = { lane: 0, afterSeq: 0, toSeq: 0, seq: 0, doneAhead: [], tried: [] };

/** Failed attempts that count, and how often the endpoint had answered at the last one. */
interface Failures {
  readonly count: number;
  readonly answers: number;
}

/** Pure bookkeeping, no I/O. Lanes are gone through one after the other. */
export class JobState {
  readonly #toCome: ReplayWindow[];
  readonly #counts: { -readonly [K in keyof ReplayCounts]: number };
  /** of the window's deliveries, by seq */
  readonly #failures = new Map<number, Failures>();
  #window: ReplayWindow;

  constructor({ lanes, delivered, failed, skipped }: Replay) {
    const windows = lanes.map((lane) => new ReplayWindow(lane)).filter((window) => !window.isDone);
    this.#window = windows[0] ?? new ReplayWindow(NOTHING);
    this.#toCome = windows.slice(1);
    this.#counts = { delivered, failed, skipped };
  }

  get window(): ReplayWindow {
    return this.#window;
  }

  /** Go on with the next lane. @returns false if there is none */
  nextLane(): boolean {
    const next = this.#toCome.shift();
    if (next) this.#window = next;
    return next !== undefined;
  }

  /** A delivery that a scan found is not to be sent. */
  skip(item: ReplayItem): void {
    if (this.#window.add(item, true)) this.#counts.skipped += 1;
  }

  /** A running delivery is settled. */
  finish(item: ReplayItem, what: keyof ReplayCounts): void {
    this.#counts[what] += 1;
    this.#failures.delete(item.seq);
    this.#window.finish(item);
  }

  /**
   * An attempt at a running delivery failed.
   *
   * @param counts   false: its endpoint is known to be down
   * @param answers  how often the endpoint has answered so far: while it does not, a delivery is to blame for one failure at most, unless it is
   *   the only one that is left
   * @returns how many failed so far, this one with them if it counts
   */
  failed({ seq }: ReplayItem, counts: boolean, answers: number): number {
    const before = this.#failures.get(seq);
    const isToBlame = before?.answers !== answers || this.#window.left === 1;
    const count = (before?.count ?? 0) + Number(counts && isToBlame);
    this.#failures.set(seq, { count, answers });
    return count;
  }

  /** To be stored. */
  progress(): ReplayCounts & Omit<ReplayLane, 'afterSeq' | 'toSeq'> {
    return { lane: this.#window.lane, ...this.#counts, ...this.#window.progress() };
  }
}
