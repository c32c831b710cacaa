/** Where to look for deliveries that are not as most are: each statement goes down an index, and stops. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { SeqRun } from '../passed-seqs.ts';

type Row = Record<string, number>;

const HERE = 'endpoint_no = ? AND lane = 0';

/** Seqs of lane 0, falling. */
export class SearchRows {
  readonly #dead: StatementSync;
  readonly #failed: StatementSync;
  readonly #retrying: StatementSync;
  readonly #held: StatementSync;
  readonly #waiting: StatementSync;
  readonly #parkedOf: StatementSync;
  readonly #lastAttempted: StatementSync;
  readonly #delivered: StatementSync;
  readonly #passed: StatementSync;

  constructor(db: DatabaseSync) {
    const prepare = (from: string, order = 'seq'): StatementSync =>
      db.prepare(`SELECT DISTINCT ${order} AS seq FROM ${from} AND ${order} <= ? ORDER BY ${order} DESC LIMIT ?`);
    this.#dead = prepare(`attempt INDEXED BY attempt_dead WHERE ${HERE} AND outcome = 'dead'`);
    this.#failed = prepare(`attempt INDEXED BY attempt_failed WHERE ${HERE} AND outcome <> 'delivered' AND reason = ?`);
    this.#retrying = prepare(
      `parked INDEXED BY parked_retrying WHERE ${HERE} AND next_try_at_ms IS NOT NULL`,
      'first_seq',
    );
    this.#held = prepare(`parked INDEXED BY parked_held WHERE ${HERE} AND next_try_at_ms IS NULL`, 'first_seq');
    // CROSS: down the index of events, not through all users
    this.#waiting = db.prepare(`SELECT seq FROM parked_event AS event INDEXED BY parked_event_seq
      CROSS JOIN parked USING (endpoint_no, lane, user_id)
      WHERE event.endpoint_no = ? AND event.lane = 0 AND seq <= ? AND seq > first_seq ORDER BY seq DESC LIMIT ?`);
    this.#parkedOf = prepare(`parked_event WHERE ${HERE} AND user_id = ?`);
    this.#lastAttempted = prepare(`attempt WHERE ${HERE}`);
    this.#delivered = db.prepare(`SELECT DISTINCT seq FROM attempt
      WHERE ${HERE} AND seq BETWEEN ? AND ? AND outcome = 'delivered' ORDER BY seq DESC`);
    this.#passed = db.prepare(
      `SELECT from_seq, to_seq FROM passed WHERE ${HERE} AND from_seq <= ? ORDER BY from_seq DESC LIMIT 1`,
    );
  }

  /** With an attempt that was the last one: dead, held, or sent again since. */
  dead(endpointNo: number, top: number, limit: number): number[] {
    return seqs(this.#dead.all(endpointNo, top, limit));
  }

  /** With an attempt that failed for this reason. */
  failed(endpointNo: number, reason: string, { top, limit }: { top: number; limit: number }): number[] {
    return seqs(this.#failed.all(endpointNo, reason, top, limit));
  }

  retrying(endpointNo: number, top: number, limit: number): number[] {
    return seqs(this.#retrying.all(endpointNo, top, limit));
  }

  held(endpointNo: number, top: number, limit: number): number[] {
    return seqs(this.#held.all(endpointNo, top, limit));
  }

  /** Behind the first of their user. */
  waiting(endpointNo: number, top: number, limit: number): number[] {
    return seqs(this.#waiting.all(endpointNo, top, limit));
  }

  /** Of one parked user: the first, and what waits behind it. */
  parkedOf(endpointNo: number, userId: string, { top, limit }: { top: number; limit: number }): number[] {
    return seqs(this.#parkedOf.all(endpointNo, userId, top, limit));
  }

  /** Among the `width` seqs up to the highest that was attempted: those with an attempt that was delivered. */
  delivered(endpointNo: number, top: number, width: number): { hits: number[]; low: number } {
    const [last] = seqs(this.#lastAttempted.all(endpointNo, top, 1));
    if (last === undefined) return { hits: [], low: 0 };
    const low = Math.max(1, last - width + 1);
    return { hits: seqs(this.#delivered.all(endpointNo, low, last)), low };
  }

  /** The run that begins highest, not above `top`. */
  passed(endpointNo: number, top: number): SeqRun | undefined {
    const row = this.#passed.get(endpointNo, top) as Row | undefined;
    return row && { fromSeq: row.from_seq as number, toSeq: row.to_seq as number };
  }
}

function seqs(rows: readonly unknown[]): number[] {
  return (rows as readonly Row[]).map((row) => row.seq as number);
}
