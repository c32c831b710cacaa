/** The database's time without asking for it: as it was told last, and what has passed since. */
import type { Clock } from '../../clock.ts';

/** What was told is used for so long. */
const MAX_AGE_MS = 10_000;
/** The process's two clocks went apart by more: the machine stood still, or its time was set. */
const MAX_JUMP_MS = 500;

/** Never ahead of the database's own clock by more than clocks differ in speed over ten seconds. */
export class DatabaseClock {
  readonly #clock: Clock;
  #told: { readonly nowMs: number; readonly atMs: number; readonly wallMs: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param nowMs  what the database said a moment ago */
  learn(nowMs: number): void {
    this.#told = { nowMs, atMs: this.#clock.monotonic(), wallMs: this.#clock.now() };
  }

  /** Unix milliseconds; undefined: it has to be asked for */
  now(): number | undefined {
    if (!this.#told) return undefined;
    const { nowMs, atMs, wallMs } = this.#told;
    const passedMs = this.#clock.monotonic() - atMs;
    const jumpMs = Math.abs(this.#clock.now() - wallMs - passedMs);
    return passedMs > MAX_AGE_MS || jumpMs > MAX_JUMP_MS ? undefined : nowMs + Math.floor(passedMs);
  }
}
