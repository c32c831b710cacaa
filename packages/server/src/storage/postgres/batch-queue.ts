/** Group commit over several connections: what comes while a transaction runs goes into the next one of its queue. */
import { ApiError, StoreError } from '../../errors.ts';

const MAX_JOBS_PER_COMMIT = 512;
const MAX_WAITING_JOBS = 20_000;

/** What came of a job. */
export type JobResult<R> = { readonly value: R } | { readonly error: ApiError | StoreError };

/** How jobs are carried out. */
export interface BatchQueueOptions<J, R> {
  /** transactions at a time */
  readonly workers: number;
  /** jobs of one lane share a worker: they stay in order, and no two transactions of this process want the same rows */
  readonly laneOf: (job: J) => number;
  /** all in one transaction. @returns a result for each, in order. @throws ApiError, StoreError the transaction failed as a whole */
  readonly carryOut: (jobs: readonly J[]) => Promise<readonly JobResult<R>[]>;
}

interface Waiting<J, R> {
  readonly job: J;
  readonly resolve: (value: R) => void;
  readonly reject: (error: ApiError | StoreError) => void;
}

/** Hands jobs to transactions, batch by batch. */
export class BatchQueue<J, R> {
  readonly #options: BatchQueueOptions<J, R>;
  readonly #waiting: Waiting<J, R>[][];
  readonly #running: (Promise<void> | undefined)[];
  #count = 0;
  #isClosed = false;

  constructor(options: BatchQueueOptions<J, R>) {
    this.#options = options;
    this.#waiting = Array.from({ length: options.workers }, () => []);
    this.#running = this.#waiting.map(() => undefined);
  }

  /** @returns what the job came to, once it is durable. @throws ApiError, StoreError `overloaded`, `unavailable`, … */
  run(job: J): Promise<R> {
    if (this.#isClosed) return Promise.reject(new StoreError('unavailable', 'The store is closed.'));
    if (this.#count >= MAX_WAITING_JOBS) return Promise.reject(new StoreError('overloaded'));
    return new Promise<R>((resolve, reject) => {
      const worker = this.#options.laneOf(job) % this.#waiting.length;
      this.#waiting[worker]?.push({ job, resolve, reject });
      this.#count += 1;
      this.#running[worker] ??= this.#work(worker);
    });
  }

  /** Carry out what waits; refuse what comes. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#running);
  }

  async #work(worker: number): Promise<void> {
    const waiting = this.#waiting[worker] ?? [];
    // what comes in the same turn goes along
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const batch = waiting.splice(0, MAX_JOBS_PER_COMMIT);
      this.#count -= batch.length;
      await this.#carryOut(batch);
    }
    this.#running[worker] = undefined;
  }

  /** Never rejects. */
  async #carryOut(batch: readonly Waiting<J, R>[]): Promise<void> {
    try {
      const results = await this.#options.carryOut(batch.map(({ job }) => job));
      for (const [index, { resolve, reject }] of batch.entries()) {
        const result = results[index];
        if (result && 'value' in result) resolve(result.value);
        else reject(result?.error ?? new StoreError('unavailable'));
      }
    } catch (thrown) {
      const error =
        thrown instanceof ApiError || thrown instanceof StoreError
          ? thrown
          : new StoreError('unavailable', undefined, { cause: thrown });
      if (batch.length > 1 && isOfOneJob(error)) for (const one of batch) await this.#carryOut([one]);
      else for (const { reject } of batch) reject(error);
    }
  }
}

/** A value that the database refuses, class 22, brings its batch down with it: alone, only that one fails. */
function isOfOneJob(error: ApiError | StoreError): boolean {
  const code = (error.cause as { readonly code?: unknown } | undefined)?.code;
  return typeof code === 'string' && /^22/.test(code);
}
