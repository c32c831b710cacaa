/** Time, as an argument: the only file that reads the clock or sets a timer. */
import { setTimeout as sleepFor } from 'node:timers/promises';

/** A source of time. Tests give their own. */
export interface Clock {
  /** Unix time in milliseconds: for what is stored and sent. Can jump. */
  now(): number;
  /** Milliseconds since some start: for waits and deadlines. Never goes back. */
  monotonic(): number;
  /** Resolves after `ms`, or at once when `signal` aborts. Keeps no process alive. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `run` once after `ms`; the returned function takes it back. Keeps no process alive. */
  after(ms: number, run: () => void): () => void;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    try {
      await sleepFor(ms, undefined, { ref: false, ...(signal && { signal }) });
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
  },
  after(ms, run) {
    const timer = setTimeout(run, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
