/** Removes what is old: from the log's start, in steps that share commits with the changes that wait. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { StepResult } from '../store.ts';
import { EventRows } from './event-rows.ts';
import { allHolders, type Holder } from './holders.ts';

/** Events and attempts that a step removes, more or less: it looks at what the one before came to. */
const ROWS_PER_STEP = 500;
const FIRST_STEP_EVENTS = 50;

/** A run of events, both ends included. */
interface Range {
  readonly first: number;
  readonly last: number;
}

/** Works inside a transaction. */
export class ExpiredRows {
  readonly #events: EventRows;
  readonly #needed: Holder;
  readonly #sweepProfiles: () => void;
  readonly #endpoints: StatementSync;
  readonly #profileSeq: StatementSync;
  readonly #firstYoung: StatementSync;
  readonly #firstYoungAttempt: StatementSync;
  readonly #dropAttempts: StatementSync;
  readonly #dropPassed: StatementSync;
  readonly #dropEvents: StatementSync;
  #eventsPerStep = FIRST_STEP_EVENTS;

  /** @param sweepProfiles  begins to write the rows of profiles that are behind, a slice with each commit */
  constructor(db: DatabaseSync, sweepProfiles: () => void) {
    const inRange = 'lane = 0 AND seq BETWEEN ? AND ?';
    this.#events = new EventRows(db);
    this.#needed = allHolders(db);
    this.#sweepProfiles = sweepProfiles;
    this.#endpoints = db.prepare('SELECT endpoint_no FROM endpoint WHERE sdk_app_id = ?');
    this.#profileSeq = db.prepare('SELECT profile_seq FROM head WHERE lane = 0 AND sdk_app_id = ?');
    this.#firstYoung = db.prepare(
      `SELECT min(seq) AS seq FROM event WHERE ${inRange} AND sdk_app_id = ? AND at_ms >= ?`,
    );
    this.#firstYoungAttempt = db.prepare(
      `SELECT min(seq) AS seq FROM attempt WHERE ${inRange} AND endpoint_no = ? AND at_ms >= ?`,
    );
    this.#dropAttempts = db.prepare(`DELETE FROM attempt WHERE ${inRange} AND endpoint_no = ?`);
    this.#dropPassed = db.prepare('DELETE FROM passed WHERE endpoint_no = ? AND lane = 0 AND to_seq <= ?');
    this.#dropEvents = db.prepare(`DELETE FROM event WHERE ${inRange} AND sdk_app_id = ?`);
  }

  /** One step: see `Store.removeExpired`. */
  remove(sdkAppId: number, beforeMs: number): StepResult {
    const endpoints = this.#endpoints.all(sdkAppId).map((row) => row.endpoint_no as number);
    const { first, last } = this.#expired(sdkAppId, endpoints, beforeMs);
    const free = Math.min(last, this.#needed.lowest(sdkAppId) - 1);
    if (free < first) return { events: 0, isDone: true };
    // Rows of profiles that are behind are made anew from the log after a crash.
    const written = Math.min(free, (this.#profileSeq.get(sdkAppId)?.profile_seq as number | undefined) ?? 0);
    if (written >= first) return this.#drop(sdkAppId, endpoints, { first, last: written });
    this.#sweepProfiles();
    return { events: 0, isDone: false };
  }

  /** The next events, as far as they and all attempts at them are old enough, by what each row says: empty if `last < first`. */
  #expired(sdkAppId: number, endpoints: readonly number[], beforeMs: number): Range {
    const first = this.#events.firstSeq(sdkAppId);
    const last = Math.min(first + this.#eventsPerStep - 1, this.#events.head(sdkAppId));
    const young = [
      this.#firstYoung.get(first, last, sdkAppId, beforeMs),
      ...endpoints.map((endpointNo) => this.#firstYoungAttempt.get(first, last, endpointNo, beforeMs)),
    ];
    const seqs = young.map((row) => (row?.seq as number | null) ?? last + 1);
    return { first, last: Math.min(...seqs) - 1 };
  }

  #drop(sdkAppId: number, endpoints: readonly number[], { first, last }: Range): StepResult {
    const events = Number(this.#dropEvents.run(first, last, sdkAppId).changes);
    let rows = events;
    for (const endpointNo of endpoints) {
      rows += Number(this.#dropAttempts.run(first, last, endpointNo).changes);
      this.#dropPassed.run(endpointNo, last);
    }
    this.#eventsPerStep = Math.max(1, Math.floor((events * ROWS_PER_STEP) / rows));
    return { events, isDone: false };
  }
}
