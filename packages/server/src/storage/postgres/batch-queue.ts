/**
 * Group commit over several connections: what comes while a transaction runs goes into the next one.
 *
 * A transaction costs the server about as much as a dozen changes in it, so one at a time is the rule. Only when enough waits for the next one to be
 * full, another one runs beside it, over other lanes. With 32 in place of 128, by hand, 64 and 256 callers of one node got the same (0.56 and 0.64 of the
 * embedded store's changes a second) for more processor time, and 256 callers of two nodes less (0.47 for 0.55): their transactions wait for each
 * other's heads.
 */
import { ApiError, StoreError } from '../../errors.ts';

const MAX_JOBS_PER_COMMIT = 512;
const MAX_WAITING_JOBS = 20_000;
/** So much waits that another transaction begins beside those that run. */
const JOBS_FOR_ANOTHER = 128;

/** What came of a job. */
export type JobResult<R> = { readonly value: R } | { readonly error: ApiError | StoreError };

/** How jobs are carried out. */
export interface BatchQueueOptions<J, R> {
  /** transactions at a time, at most */
  readonly workers: number;
  /** no two transactions of this process have jobs of one lane: they stay in order, and do not wait for each other's rows */
  readonly laneOf: (job: J) => number;
  /**
   * All in one transaction.
   *
   * @returns a result for each, in order: worked out when they are told, after the next batch has been sent
   * @throws ApiError, StoreError the transaction failed as a whole
   */
  readonly carryOut: (jobs: readonly J[]) => Promise<() => readonly JobResult<R>[]>;
}

interface Waiting<J, R> {
  readonly job: J;
  readonly lane: number;
  readonly resolve: (value: R) => void;
  readonly reject: (error: ApiError | StoreError) => void;
}

/** Hands jobs to transactions, batch by batch. */
export class BatchQueue<J, R> {
  readonly #options: BatchQueueOptions<J, R>;
  readonly #busyLanes = new Set<number>();
  #waiting: Waiting<J, R>[] = [];
  /** transactions under way */
  #running = 0;
  /** batches whose callers have yet to be told */
  #untold = 0;
  #isScheduled = false;
  #isClosed = false;
  #whenIdle: (() => void)[] = [];

  constructor(options: BatchQueueOptions<J, R>) {
    this.#options = options;
  }

  /** @returns what the job came to, once it is durable. @throws ApiError, StoreError `overloaded`, `unavailable`, … */
  run(job: J): Promise<R> {
    if (this.#isClosed) return Promise.reject(new StoreError('unavailable', 'The store is closed.'));
    if (this.#waiting.length >= MAX_WAITING_JOBS) return Promise.reject(new StoreError('overloaded'));
    return new Promise<R>((resolve, reject) => {
      this.#waiting.push({ job, lane: this.#options.laneOf(job), resolve, reject });
      this.#schedule();
    });
  }

  /** Carry out what waits; refuse what comes. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#untold === 0 && this.#waiting.length === 0) return;
    await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  /** What comes in the same turn goes along. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#startAll();
    });
  }

  #startAll(): void {
    while (this.#mayStart) {
      const batch = this.#take();
      if (batch.length === 0) return;
      void this.#start(batch);
    }
  }

  get #mayStart(): boolean {
    if (this.#waiting.length === 0 || this.#running >= this.#options.workers) return false;
    return this.#running === 0 || this.#waiting.length >= JOBS_FOR_ANOTHER;
  }

  /** The first that wait, but for those whose lanes are at work. */
  #take(): Waiting<J, R>[] {
    const batch: Waiting<J, R>[] = [];
    const rest: Waiting<J, R>[] = [];
    for (const one of this.#waiting) {
      const isFree = batch.length < MAX_JOBS_PER_COMMIT && !this.#busyLanes.has(one.lane);
      (isFree ? batch : rest).push(one);
    }
    this.#waiting = rest;
    return batch;
  }

  /** Never rejects. */
  async #start(batch: readonly Waiting<J, R>[]): Promise<void> {
    const lanes = new Set(batch.map(({ lane }) => lane));
    for (const lane of lanes) this.#busyLanes.add(lane);
    this.#running += 1;
    this.#untold += 1;
    const outcomes = await this.#carryOut(batch);
    this.#running -= 1;
    for (const lane of lanes) this.#busyLanes.delete(lane);
    // the server has the next batch in hand before those who wait for this one go on, which takes this process as long as the server
    this.#startAll();
    await new Promise(setImmediate);
    this.#untold -= 1;
    const results = outcomes();
    for (const [index, { resolve, reject }] of batch.entries()) {
      const result = results[index];
      if (result && 'value' in result) resolve(result.value);
      else reject(result?.error ?? new StoreError('unavailable'));
    }
    if (this.#waiting.length > 0) this.#schedule();
    else if (this.#untold === 0) for (const tell of this.#whenIdle.splice(0)) tell();
  }

  /** Never rejects. */
  async #carryOut(batch: readonly Waiting<J, R>[]): Promise<() => readonly JobResult<R>[]> {
    try {
      return await this.#options.carryOut(batch.map(({ job }) => job));
    } catch (thrown) {
      const isKnown = thrown instanceof ApiError || thrown instanceof StoreError;
      const error = isKnown ? thrown : new StoreError('unavailable', undefined, { cause: thrown });
      if (batch.length === 1 || !isOfOneJob(error)) return () => batch.map(() => ({ error }));
      const outcomes: (() => readonly JobResult<R>[])[] = [];
      for (const one of batch) outcomes.push(await this.#carryOut([one]));
      return () => outcomes.flatMap((results) => results());
    }
  }
}

/** A value that the database refuses, class 22, brings its batch down with it: alone, only that one fails. */
function isOfOneJob(error: ApiError | StoreError): boolean {
  const code = (error.cause as { readonly code?: unknown } | undefined)?.code;
  return typeof code === 'string' && /^22/.test(code);
}
