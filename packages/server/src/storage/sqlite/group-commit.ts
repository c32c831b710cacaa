/**
 * Group commit: writes that come in the same turn of the event loop share one transaction, and so one fsync.
 *
 * Measured on two cores: 5,100 rows/s with a commit each, 225,000 rows/s with 64 to a commit.
 */
import type { DatabaseSync } from 'node:sqlite';
import { type ApiError, StoreError } from '../../errors.ts';
import { isMediumFault, storeErrorFrom } from './sqlite-error.ts';

const MAX_JOBS_PER_COMMIT = 512;
const MAX_WAITING_JOBS = 20_000;

interface Job {
  /** runs inside the transaction; what it throws before its first write fails it alone */
  readonly apply: () => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: ApiError | StoreError) => void;
  result?: unknown;
  error?: ApiError | StoreError;
}

/** What lives in memory and must follow the transaction. */
export interface Staged {
  /** the last thing inside the transaction */
  beforeCommit?(): void;
  publish(): void;
  discard(): void;
}

/** The one writer of a database. */
export class GroupCommit {
  readonly #db: DatabaseSync;
  readonly #staged: Staged;
  #waiting: Job[] = [];
  #scheduled = false;
  #closed = false;

  constructor(db: DatabaseSync, staged: Staged) {
    this.#db = db;
    this.#staged = staged;
  }

  /**
   * Run `apply` inside the next transaction.
   *
   * @returns what `apply` returned, once it is durable
   * @throws what `apply` threw; StoreError `overloaded`, or the fault of the commit
   */
  run<T>(apply: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(new StoreError('unavailable', 'The store is closed.'));
    if (this.#waiting.length >= MAX_WAITING_JOBS) return Promise.reject(new StoreError('overloaded'));
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ apply, resolve, reject });
      this.#schedule();
    });
  }

  /** Commit what waits; refuse what comes. */
  close(): void {
    this.#closed = true;
    while (this.#waiting.length > 0) this.#flush();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
      if (this.#waiting.length > 0) this.#schedule();
    });
  }

  #flush(): void {
    const batch = this.#waiting.splice(0, MAX_JOBS_PER_COMMIT);
    if (batch.length === 0) return;
    const error = this.#commit(batch);
    if (error === undefined) {
      for (const job of batch) settleJob(job);
    } else if (batch.length > 1 && !isMediumFault(error)) {
      // One of them brings the others down: alone, only that one fails.
      for (const job of batch) {
        const failure = this.#commit([job]);
        if (failure) job.reject(failure);
        else settleJob(job);
      }
    } else {
      for (const job of batch) job.reject(error);
    }
  }

  /** @returns why the transaction failed as a whole */
  #commit(batch: readonly Job[]): ApiError | StoreError | undefined {
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      for (const job of batch) applyJob(job);
      this.#staged.beforeCommit?.();
      this.#db.exec('COMMIT');
      this.#staged.publish();
      return undefined;
    } catch (thrown) {
      this.#staged.discard();
      // A full disk may have ended the transaction already.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      return storeErrorFrom(thrown);
    }
  }
}

function applyJob(job: Job): void {
  delete job.error;
  try {
    job.result = job.apply();
  } catch (thrown) {
    const error = storeErrorFrom(thrown);
    if (error !== thrown) throw thrown; // SQLite's own fault: part of it may be written
    job.error = error;
  }
}

function settleJob(job: Job): void {
  if (job.error) job.reject(job.error);
  else job.resolve(job.result as never);
}
