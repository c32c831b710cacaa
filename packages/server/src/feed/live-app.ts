import type { ChangeEvent } from '../storage/store.ts';
import type { FeedPosition } from './feed-cursor.ts';
import type { FeedStream } from './feed-stream.ts';
import { RecentEvents } from './recent-events.ts';

/** An app that somebody follows: its heads as far as they are known here, and its streams. */
export class LiveApp {
  readonly streams: Set<FeedStream> = new Set();
  readonly recent: RecentEvents;
  /** by lane; may lag behind the store, never run ahead of it */
  readonly heads: number[];
  #isWaking = false;

  constructor(laneCount: number) {
    this.recent = new RecentEvents(laneCount);
    this.heads = new Array<number>(laneCount).fill(0);
  }

  /** Whether a reader at `position` misses something in one of `lanes`. */
  isAhead({ seqs }: FeedPosition, lanes: readonly number[]): boolean {
    return lanes.some((lane) => (this.heads[lane] ?? 0) > (seqs[lane] ?? 0));
  }

  /** A freshly committed event. */
  offer(event: ChangeEvent): void {
    this.recent.add(event);
    this.headIs(event.lane, event.seq);
  }

  /** The store has events up to `seq`. Streams hear of it in the next turn: once for all that one commit brings. */
  headIs(lane: number, seq: number): void {
    if (seq <= (this.heads[lane] ?? 0)) return;
    this.heads[lane] = seq;
    if (this.#isWaking) return;
    this.#isWaking = true;
    setImmediate(() => {
      this.#isWaking = false;
      for (const stream of this.streams) stream.wake();
    });
  }
}
