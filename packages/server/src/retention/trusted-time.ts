/** What time it is for those who remove what is old: nothing may go because a clock jumped. */
import type { Clock } from '../clock.ts';

/** A wall clock may run ahead of the monotonic one by so much from one look to the next. */
const TOLERANCE_MS = 60_000;

/**
 * The wall clock, as far as it is borne out by the time that passed.
 *
 * | the clock … | then |
 * |---|---|
 * | goes on as time passes | it is believed |
 * | was set back | it is believed: things look younger |
 * | was set forward | time goes on as it did before, until `doubtMs` have passed: what was there at the jump is that old by then, whichever of the two was right |
 *
 * A start believes the clock as it stands.
 */
export class TrustedTime {
  readonly #clock: Clock;
  readonly #doubtMs: number;
  #believedMs: number;
  #lookedAt: number;
  #doubtUntil: number | undefined;

  constructor(clock: Clock, doubtMs: number) {
    this.#clock = clock;
    this.#doubtMs = doubtMs;
    this.#believedMs = clock.now();
    this.#lookedAt = clock.monotonic();
  }

  /** To be asked every few seconds. @returns Unix milliseconds, never later than the clock's */
  now(): number {
    const [nowMs, monotonic] = [this.#clock.now(), this.#clock.monotonic()];
    const expectedMs = this.#believedMs + monotonic - this.#lookedAt;
    const isAhead = nowMs > expectedMs + TOLERANCE_MS;
    if (isAhead) this.#doubtUntil ??= monotonic + this.#doubtMs;
    const isDoubted = isAhead && monotonic < (this.#doubtUntil ?? 0);
    if (!isDoubted) this.#doubtUntil = undefined;
    this.#believedMs = isDoubted ? expectedMs : nowMs;
    this.#lookedAt = monotonic;
    return this.#believedMs;
  }
}
