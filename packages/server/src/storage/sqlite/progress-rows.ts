/** Cursors, parked users and attempts: what each endpoint has got. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { StoreError } from '../../errors.ts';
import type { Attempt, ParkedUser, Progress } from '../store.ts';
import { decodeSeqs } from './seq-bitmap.ts';

type Row = Record<string, string | number | null | Uint8Array>;

/** Reads the progress of endpoints. */
export class ProgressRows {
  readonly #endpointNo: StatementSync;
  readonly #cursors: StatementSync;
  readonly #parked: StatementSync;
  readonly #waiting: StatementSync;
  readonly #attempts: StatementSync;

  constructor(db: DatabaseSync) {
    this.#endpointNo = db.prepare('SELECT endpoint_no FROM endpoint WHERE endpoint_id = ?');
    this.#cursors = db.prepare('SELECT lane, seq, done_ahead FROM cursor WHERE endpoint_no = ?');
    this.#parked = db.prepare('SELECT * FROM parked WHERE endpoint_no = ?');
    this.#waiting = db.prepare(
      'SELECT lane, user_id, seq FROM parked_event WHERE endpoint_no = ? ORDER BY lane, user_id, seq',
    );
    this.#attempts = db.prepare('SELECT * FROM attempt WHERE endpoint_no = ? AND lane = ? AND seq = ? ORDER BY number');
  }

  /** @throws StoreError `missing` */
  endpointNo(endpointId: string): number {
    const row = this.#endpointNo.get(endpointId) as Row | undefined;
    if (!row) throw new StoreError('missing', `There is no endpoint ${endpointId}.`);
    return row.endpoint_no as number;
  }

  /** @throws StoreError `missing` */
  progress(endpointId: string): Progress {
    const endpointNo = this.endpointNo(endpointId);
    const cursors = (this.#cursors.all(endpointNo) as Row[]).map((row) => ({
      lane: row.lane as number,
      seq: row.seq as number,
      doneAhead: decodeSeqs(row.seq as number, row.done_ahead as Uint8Array),
    }));
    const waiting = Map.groupBy(this.#waiting.all(endpointNo) as Row[], (row) => `${row.lane}:${row.user_id}`);
    const parked = (this.#parked.all(endpointNo) as Row[]).map(
      (row): ParkedUser => ({
        userId: row.user_id as string,
        lane: row.lane as number,
        attempts: row.attempts as number,
        ...((row.uncounted as number) > 0 && { uncounted: row.uncounted as number }),
        nextTryAtMs: (row.next_try_at_ms as number | null) ?? undefined,
        reason: row.reason as string,
        waiting: (waiting.get(`${row.lane}:${row.user_id}`) ?? []).map((event) => event.seq as number),
      }),
    );
    return { cursors, parked };
  }

  /** In the order they were made. */
  attempts(endpointNo: number, lane: number, seq: number): Attempt[] {
    return (this.#attempts.all(endpointNo, lane, seq) as Row[]).map(attemptOf);
  }
}

function attemptOf(row: Row): Attempt {
  return {
    seq: row.seq as number,
    number: row.number as number,
    atMs: row.at_ms as number,
    outcome: row.outcome as Attempt['outcome'],
    ...(row.reason !== null && { reason: row.reason as string }),
    ...(row.detail !== null && { detail: row.detail as string }),
    ...(row.status !== null && { status: row.status as number }),
    durationMs: row.duration_ms as number,
    ...(row.answer !== null && { answer: row.answer as string }),
  };
}
