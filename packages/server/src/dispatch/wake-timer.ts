import type { Clock } from '../clock.ts';

/** One timer at the earliest moment that was asked for. */
export class WakeTimer {
  readonly #clock: Clock;
  readonly #wake: () => void;
  #cancel: (() => void) | undefined;
  #at = Number.POSITIVE_INFINITY;
  #isClosed = false;

  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  /** Wake after `ms`, or earlier if that was asked for already. Infinity asks for nothing. */
  after(ms: number): void {
    const waitMs = Math.max(1, ms);
    const at = this.#clock.monotonic() + waitMs;
    if (at >= this.#at || this.#isClosed) return;
    this.#cancel?.();
    this.#at = at;
    this.#cancel = this.#clock.after(waitMs, () => {
      this.#at = Number.POSITIVE_INFINITY;
      this.#wake();
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
  }
}
