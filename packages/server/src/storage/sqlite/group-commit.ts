/**
 * Group commit: writes that come in the same turn of the event loop share one transaction, and so one fsync.
 *
 * The transaction runs in the main thread. In a thread of its own it was no faster on two cores and cost 18 MB: the way there and
 * back takes 9 µs a change (docs/decisions/0004-store-thread.md).
 */
import type { Clock } from '../../clock.ts';
import { type ApiError, StoreError } from '../../errors.ts';
import type { Metrics } from '../../metrics.ts';
import { isGrowth, type JobResult, type WriteJob } from './write-job.ts';
import type { Writer } from './writer.ts';

const MAX_JOBS_PER_COMMIT = 512;
const MAX_WAITING_JOBS = 20_000;

interface Waiting {
  readonly job: WriteJob;
  readonly resolve: (value: never) => void;
  readonly reject: (error: ApiError | StoreError) => void;
}

/** Hands jobs to the writer, batch by batch. */
export class GroupCommit {
  readonly #writer: Writer;
  readonly #clock: Clock;
  readonly #metrics: Metrics;
  /** the disk has little space left: what would take more of it is refused */
  refusesGrowth = false;
  #waiting: Waiting[] = [];
  #isScheduled = false;
  #isClosed = false;

  constructor(writer: Writer, { clock, metrics }: { readonly clock: Clock; readonly metrics: Metrics }) {
    this.#writer = writer;
    this.#clock = clock;
    this.#metrics = metrics;
  }

  /**
   * Carry out a job in the next transaction.
   *
   * @returns what it came to, once it is durable
   * @throws ApiError of the rule; StoreError `overloaded`, `low-space`, or the fault of the commit
   */
  run<T>(job: WriteJob): Promise<T> {
    if (this.#isClosed) return Promise.reject(new StoreError('unavailable', 'The store is closed.'));
    if (this.#waiting.length >= MAX_WAITING_JOBS) return this.#refuse(new StoreError('overloaded'));
    if (this.refusesGrowth && isGrowth(job)) return this.#refuse(new StoreError('low-space'));
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      this.#schedule();
    });
  }

  /** Commit what waits; refuse what comes. */
  close(): void {
    this.#isClosed = true;
    while (this.#waiting.length > 0) this.#commit();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#commit();
      if (this.#waiting.length > 0) this.#schedule();
    });
  }

  #commit(): void {
    const batch = this.#waiting.splice(0, MAX_JOBS_PER_COMMIT);
    if (batch.length === 0) return;
    const startedAt = this.#clock.monotonic();
    const results = this.#writer.write({ jobs: batch.map(({ job }) => job), nowMs: this.#clock.now() });
    this.#metrics.committed({ writes: batch.length, durationMs: this.#clock.monotonic() - startedAt });
    for (const [index, waiting] of batch.entries()) this.#settle(waiting, results[index] as JobResult);
  }

  #settle({ resolve, reject }: Waiting, result: JobResult): void {
    if (!('error' in result)) {
      resolve(result.value as never);
      return;
    }
    if (result.error instanceof StoreError) this.#metrics.storeFailed(result.error.kind);
    reject(result.error);
  }

  #refuse(error: StoreError): Promise<never> {
    this.#metrics.storeFailed(error.kind);
    return Promise.reject(error);
  }
}
