/**
 * How fast a replay goes: by its rate, and slowly while its endpoint seems to be down.
 *
 * | the endpoint …                             | at a time | pauses                        | failures count |
 * |--------------------------------------------|-----------|-------------------------------|----------------|
 * | answers                                    | all       | none                          | yes            |
 * | 8 times in a row did not answer, or said so | 1         | 1 s, 5 s, 30 s, 2 min, 2 min … | no             |
 */
import { TokenBucket } from '../../rate-limit.ts';
import type { Attempt } from '../../storage/store.ts';
import { backoffMs } from '../backoff.ts';

const FAULTS_IN_A_ROW = 8;
const LONGEST_PAUSE_STEP = 4;

/** It did not answer at all. */
const NO_ANSWER: ReadonlySet<string | undefined> = new Set(['dns', 'address-refused', 'connect', 'tls', 'timeout']);
/** It answered that it can't now. */
const NOT_NOW: ReadonlySet<number | undefined> = new Set([429, 502, 503, 504]);

/** Rate and pauses; time and chance are arguments. */
export class ReplayPace {
  readonly #ratePerSecond: number;
  #bucket: TokenBucket;
  /** of the rate; others have the rest */
  #share = 1;
  #faults = 0;
  #answers = 0;
  #pauses = 0;
  #pauseUntil = 0;

  constructor(ratePerSecond: number, monotonic: number) {
    this.#ratePerSecond = ratePerSecond;
    this.#bucket = new TokenBucket(ratePerSecond, monotonic);
  }

  /** The endpoint seems to be down: one attempt at a time, to see whether it is back. */
  get isDown(): boolean {
    return this.#faults >= FAULTS_IN_A_ROW;
  }

  /** How often the endpoint has answered something that was not a fault of its own. */
  get answers(): number {
    return this.#answers;
  }

  /** Ask to start one. @param share  part of the rate that is ours. @returns 0 if it may, else milliseconds until it is worth asking again */
  take(monotonic: number, share = 1): number {
    if (share !== this.#share) {
      this.#share = share;
      this.#bucket = new TokenBucket(this.#ratePerSecond * share, monotonic);
    }
    return Math.max(0, this.#pauseUntil - monotonic) || this.#bucket.take(monotonic);
  }

  /** An attempt has ended. @returns whether its failure is that of one delivery, not of all */
  ended({ outcome, reason, status }: Attempt, monotonic: number, random: number): boolean {
    if (outcome === 'delivered') {
      this.#answers += 1;
      this.#faults = 0;
      this.#pauses = 0;
      return true;
    }
    const isFault = NO_ANSWER.has(reason) || NOT_NOW.has(status);
    if (!isFault) {
      this.#answers += 1;
      this.#faults = 0; // it is there, whatever it thinks of this one
      return true;
    }
    const wasDown = this.isDown;
    this.#faults += 1;
    if (this.isDown && this.#pauseUntil <= monotonic) {
      this.#pauses = Math.min(this.#pauses + 1, LONGEST_PAUSE_STEP);
      this.#pauseUntil = monotonic + backoffMs(this.#pauses, 0.5 + random / 2);
    }
    return !wasDown;
  }
}
