import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import { type FeedPosition, formatFeedCursor } from './feed-cursor.ts';
import type { FeedChange, FeedStep } from './read-step.ts';

/** A reader that hears nothing for so long is told that the stream is alive. */
const HEARTBEAT_MS = 15_000;

/** Why a stream came to its end. */
export type StreamEnd = 'closed' | 'slow' | 'stopping' | 'app-deleted' | 'cut' | 'fault';

/** What a reader gets at once. */
export interface FeedBatch {
  /** none in a heartbeat */
  readonly changes: readonly FeedChange[];
  /** up to where it has the log with them, also of what a filter passed over */
  readonly cursor: string;
}

/** What a stream works with. */
export interface StreamOptions {
  readonly clock: Clock;
  readonly from: FeedPosition;
  /** Whether the log has more than `position`. */
  readonly isBehind: (position: FeedPosition) => boolean;
  /** The next changes behind `from`. */
  readonly read: (from: FeedPosition) => Promise<FeedStep>;
  /** told once, when it has ended */
  readonly onEnd: () => void;
}

/**
 * One reader that follows an app's log.
 *
 * There is no change-over from catching up to following: the stream always reads on from its own place, and a place only moves over
 * events that were read one behind the other. So nothing can be left out or repeated, and a reader that takes its time holds back
 * nothing but itself: what it has not taken yet is not in memory, but in the log.
 */
export class FeedStream {
  readonly #options: StreamOptions;
  readonly #ended = new AbortController();
  #end: StreamEnd | undefined;
  #wake: () => void = () => {};

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  /** Aborted at the end of the stream. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** Why it ended; undefined while it runs. */
  get ending(): StreamEnd | undefined {
    return this.#end;
  }

  /** There may be something new. */
  wake(): void {
    this.#wake();
  }

  /** End it; what was read and not taken yet is left to the log. The first reason stays. */
  end(why: StreamEnd): void {
    if (this.#end) return;
    this.#end = why;
    this.#ended.abort();
    this.#options.onEnd();
    this.#wake();
  }

  /**
   * What the reader gets, batch by batch, until the stream ends: its place at once, then changes, and its place every 15 s without any. To be
   * read once.
   *
   * @throws StoreError
   */
  async *batches(): AsyncGenerator<FeedBatch, void, void> {
    const { clock, isBehind, read, from } = this.#options;
    let position = from;
    let heardAt = clock.monotonic();
    yield { changes: [], cursor: formatFeedCursor(position) };
    while (!this.#end) {
      const step = isBehind(position) ? await read(position) : undefined;
      if (step?.isCut) this.end('cut');
      if (this.#end) return;
      position = step?.position ?? position;
      const silentMs = clock.monotonic() - heardAt;
      if (step?.changes.length || silentMs >= HEARTBEAT_MS) {
        yield { changes: step?.changes ?? [], cursor: formatFeedCursor(position) };
        heardAt = clock.monotonic();
      } else if (!step) {
        // nothing is awaited since isBehind: no wake-up is missed
        await this.#idle(HEARTBEAT_MS - silentMs);
      }
      // reads of the embedded store are made at once: a long way to go must not keep others from their turn
      if (step) await nextTurn();
    }
  }

  /** Resolves when something is new, or after `ms`. */
  #idle(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(ms, () => this.#wake());
      this.#wake = () => {
        this.#wake = () => {};
        cancel();
        resolve();
      };
    });
  }
}
