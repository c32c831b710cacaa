/** Time that stands still until a test moves it. */
import type { Clock } from '../../src/clock.ts';

interface Timer {
  readonly dueAt: number;
  readonly run: () => void;
}

/** A settable clock: `now` and `monotonic` go on together, and `now` can jump alone. */
export class FakeClock implements Clock {
  #nowMs: number;
  #monotonic = 0;
  #timers: Timer[] = [];

  constructor(nowMs = Date.UTC(2026, 10, 23, 10)) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  /** The wall clock is set; no time passes. */
  jumpTo(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  /** Time passes; timers that come due run, the earliest first. */
  advance(ms: number): void {
    const until = this.#monotonic + ms;
    for (;;) {
      const next = this.#earliest();
      if (next === undefined || next.dueAt > until) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#passTo(next.dueAt);
      next.run();
    }
    this.#passTo(until);
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.length;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.after(ms, resolve);
      signal?.addEventListener(
        'abort',
        () => {
          cancel();
          resolve();
        },
        { once: true },
      );
    });
  }

  after(ms: number, run: () => void): () => void {
    const timer = { dueAt: this.#monotonic + Math.max(0, ms), run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((candidate) => candidate !== timer);
    };
  }

  #earliest(): Timer | undefined {
    return this.#timers.reduce<Timer | undefined>(
      (first, timer) => (first === undefined || timer.dueAt < first.dueAt ? timer : first),
      undefined,
    );
  }

  #passTo(monotonic: number): void {
    this.#nowMs += Math.max(0, monotonic - this.#monotonic);
    this.#monotonic = Math.max(this.#monotonic, monotonic);
  }
}
