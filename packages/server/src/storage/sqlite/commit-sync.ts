/**
 * Decides whether a commit waits for the disk.
 *
 * What was promised to somebody does: changes, settings. How deliveries went does not: if the power fails, what was not on the disk is sent
 * again, which receivers know how to tell, and a crash of the process alone loses nothing. The next commit that waits takes with it all
 * that came before, for SQLite's log is written in order; without one, MAX_UNSYNCED_MS is the most that a power failure repeats.
 *
 * @see https://www.sqlite.org/pragma.html#pragma_synchronous
 */
import type { DatabaseSync } from 'node:sqlite';
import type { WriteJob } from './write-job.ts';

/** Of deliveries: the most that a power failure makes undone. */
const MAX_UNSYNCED_MS = 500;

/** Sets `synchronous` before each transaction, where it has to change. */
export class CommitSync {
  readonly #db: DatabaseSync;
  readonly #now: () => number;
  #isFull = true;
  #syncedAt = Number.NEGATIVE_INFINITY;

  /**
   * @param db   opened with `synchronous=FULL`
   * @param now  milliseconds on a monotonic clock
   */
  constructor(db: DatabaseSync, now: () => number = () => performance.now()) {
    this.#db = db;
    this.#now = now;
  }

  /** The next transaction carries out these; none: what is always synced. */
  chooseFor(jobs: readonly WriteJob[]): void {
    const isLate = this.#now() - this.#syncedAt >= MAX_UNSYNCED_MS;
    const isFull = isLate || jobs.length === 0 || !jobs.every(isRepeatable);
    if (isFull === this.#isFull) return;
    this.#db.exec(`PRAGMA synchronous = ${isFull ? 'FULL' : 'NORMAL'}`);
    this.#isFull = isFull;
  }

  /** The transaction that was chosen for is committed. */
  committed(): void {
    if (this.#isFull) this.#syncedAt = this.#now();
  }
}

/** Whether it is made good by sending again what it is about. */
function isRepeatable(job: WriteJob): boolean {
  return job.verb === 'settle' || (job.verb === 'replay' && job.job.kind === 'settle');
}
