/**
 * The circuit of one endpoint: whether attempts may start, and whether their failures count.
 *
 * | state     | may start                                        | becomes                                                         |
 * |-----------|--------------------------------------------------|-----------------------------------------------------------------|
 * | closed    | all                                              | open, when the endpoint counts as down (circuit-failures.ts)     |
 * | open      | one probe after each pause                       | half-open, when a probe is delivered; else the pause grows       |
 * | half-open | 1, then 2, 4, 8 … at a time, as they are delivered | closed, at full concurrency or when nothing waits; or open again |
 *
 * Only what starts while it is closed can count against `maxAttempts`: else an outage, or the way out of it, would kill deliveries.
 */
import { CircuitFailures, type Failure } from './circuit-failures.ts';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** An endpoint that asks for more waits this long at most. */
const LONGEST_RETRY_AFTER_MS = 3_600_000;

/** Leave to start one attempt: to be brought back with what came of it. */
export interface Pass {
  /** number of the open or half-open phase it was given in; what comes back from an earlier one says nothing any more */
  readonly era: number;
  /** a failure does not count against `maxAttempts` */
  readonly isFree: boolean;
}

/** What an attempt that was made came to. */
export type Verdict =
  | { readonly kind: 'delivered' }
  | ({ readonly kind: 'failed'; readonly retryAfterMs?: number } & Failure);

/** The circuit's state is another, or its next probe was put off. */
export interface CircuitChange {
  readonly state: 'closed' | 'open' | 'half-open';
  /** false: a probe failed, and it stays open */
  readonly isNew: boolean;
  /** sentence for people */
  readonly detail: string;
  /** open: time until the next probe */
  readonly pauseMs?: number;
}

/** Pure: times are milliseconds of the monotonic clock, chance is an argument. */
export class Circuit {
  readonly #failures = new CircuitFailures();
  #state: CircuitChange['state'] = 'closed';
  #era = 0;
  /** passes of this era that are out */
  #out = 0;
  #limit = 1;
  #deliveredAtLimit = 0;
  #nextProbeAt = 0;
  /** since it was closed the last time */
  #pauses = 0;

  /** @param wasClosed  false: it was not when the process ended, so that a probe comes first */
  constructor(wasClosed = true) {
    if (!wasClosed) this.#enter('open');
  }

  get state(): CircuitChange['state'] {
    return this.#state;
  }

  /** From when on something may start; Infinity = when something has ended. */
  get readyAt(): number {
    if (this.#state === 'closed') return 0;
    if (this.#state === 'half-open') return this.#out < this.#limit ? 0 : Number.POSITIVE_INFINITY;
    return this.#out === 0 ? this.#nextProbeAt : Number.POSITIVE_INFINITY;
  }

  /** An attempt starts. To be called when `readyAt` has come. */
  pass(): Pass {
    this.#out += 1;
    return { era: this.#era, isFree: this.#state !== 'closed' };
  }

  /** The attempt was not made, or says nothing. */
  giveBack({ era }: Pass): void {
    if (era === this.#era) this.#out -= 1;
  }

  /** @returns what it changes, if anything */
  ended(
    pass: Pass,
    verdict: Verdict,
    at: { now: number; random: number; concurrency: number },
  ): CircuitChange | undefined {
    if (pass.era !== this.#era) return undefined;
    this.#out -= 1;
    if (verdict.kind === 'delivered') return this.#delivered(at.now, at.concurrency);
    if (this.#state === 'open') return this.#open(`a probe failed: ${verdict.what}`, verdict, at);
    const why = this.#failures.failed(verdict, at.now, this.#state === 'half-open');
    return why === undefined ? undefined : this.#open(why, verdict, at);
  }

  /** Nothing waits to be started. @returns what it changes */
  idle(): CircuitChange | undefined {
    return this.#state === 'half-open' && this.#out === 0 ? this.#close('nothing waits any more') : undefined;
  }

  /** A person says that it may work again: the next probe is due, and pauses begin anew. */
  hurry(now: number): void {
    this.#nextProbeAt = now;
    this.#pauses = 0;
  }

  #delivered(now: number, concurrency: number): CircuitChange | undefined {
    if (this.#state === 'open') {
      this.#enter('half-open');
      this.#limit = 1;
      this.#deliveredAtLimit = 0;
      return { state: 'half-open', isNew: true, detail: 'a probe was delivered' };
    }
    this.#failures.delivered(now);
    if (this.#state === 'closed') return undefined;
    this.#deliveredAtLimit += 1;
    if (this.#deliveredAtLimit < this.#limit) return undefined;
    this.#limit *= 2;
    this.#deliveredAtLimit = 0;
    return this.#limit >= concurrency ? this.#close(`${concurrency} at a time are delivered again`) : undefined;
  }

  #open(
    detail: string,
    { retryAfterMs = 0 }: { readonly retryAfterMs?: number },
    { now, random }: { readonly now: number; readonly random: number },
  ): CircuitChange {
    const isNew = this.#state !== 'open';
    if (isNew) this.#enter('open');
    const ceilingMs = Math.min(FIRST_PAUSE_MS * 2 ** this.#pauses, LONGEST_PAUSE_MS);
    const jitteredMs = Math.ceil((ceilingMs / 2) * (1 + random));
    const pauseMs = Math.max(jitteredMs, Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS));
    this.#pauses += 1;
    this.#nextProbeAt = now + pauseMs;
    return { state: 'open', isNew, detail, pauseMs };
  }

  #close(detail: string): CircuitChange {
    this.#state = 'closed';
    this.#pauses = 0;
    return { state: 'closed', isNew: true, detail };
  }

  #enter(state: 'open' | 'half-open'): void {
    this.#state = state;
    this.#era += 1;
    this.#out = 0;
    this.#failures.clear();
  }
}
