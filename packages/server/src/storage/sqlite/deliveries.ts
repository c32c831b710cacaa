/** Cursors, parked users and attempts: what each endpoint has got. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { StoreError } from '../../errors.ts';
import type { Attempt, ParkedUser, Progress, Settlement } from '../store.ts';
import { decodeSeqs, encodeSeqs } from './seq-bitmap.ts';

type Row = Record<string, string | number | null | Uint8Array>;

/** Reads and writes the progress of endpoints. */
export class Deliveries {
  readonly #endpointNo: StatementSync;
  readonly #epoch: StatementSync;
  readonly #putCursor: StatementSync;
  readonly #getCursor: StatementSync;
  readonly #putAttempt: StatementSync;
  readonly #getAttempts: StatementSync;
  readonly #putParked: StatementSync;
  readonly #getParked: StatementSync;
  readonly #dropParked: StatementSync;
  readonly #putWaiting: StatementSync;
  readonly #getWaiting: StatementSync;
  readonly #dropWaiting: StatementSync;

  constructor(db: DatabaseSync) {
    this.#endpointNo = db.prepare('SELECT endpoint_no FROM endpoint WHERE endpoint_id = ?');
    this.#epoch = db.prepare('SELECT epoch FROM lane WHERE lane = ?');
    this.#putCursor = db.prepare(`INSERT INTO cursor VALUES (?, ?, ?, ?)
      ON CONFLICT (endpoint_no, lane) DO UPDATE SET seq = excluded.seq, done_ahead = excluded.done_ahead`);
    this.#getCursor = db.prepare('SELECT lane, seq, done_ahead FROM cursor WHERE endpoint_no = ?');
    this.#putAttempt = db.prepare('INSERT OR REPLACE INTO attempt VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
    this.#getAttempts = db.prepare(
      'SELECT * FROM attempt WHERE endpoint_no = ? AND lane = ? AND seq = ? ORDER BY number',
    );
    this.#putParked = db.prepare(`INSERT INTO parked VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (endpoint_no, lane, user_id)
      DO UPDATE SET attempts = excluded.attempts, next_try_at_ms = excluded.next_try_at_ms, reason = excluded.reason`);
    this.#getParked = db.prepare('SELECT * FROM parked WHERE endpoint_no = ?');
    this.#dropParked = db.prepare('DELETE FROM parked WHERE endpoint_no = ? AND lane = ? AND user_id = ?');
    this.#putWaiting = db.prepare('INSERT OR IGNORE INTO parked_event VALUES (?, ?, ?, ?)');
    this.#getWaiting = db.prepare(
      'SELECT lane, user_id, seq FROM parked_event WHERE endpoint_no = ? ORDER BY lane, user_id, seq',
    );
    this.#dropWaiting = db.prepare(
      'DELETE FROM parked_event WHERE endpoint_no = ? AND lane = ? AND user_id = ? AND seq = ?',
    );
  }

  /** @throws StoreError `missing` */
  endpointNo(endpointId: string): number {
    const row = this.#endpointNo.get(endpointId) as Row | undefined;
    if (!row) throw new StoreError('missing', `There is no endpoint ${endpointId}.`);
    return row.endpoint_no as number;
  }

  startCursor(endpointNo: number, seq: number): void {
    this.#putCursor.run(endpointNo, 0, seq, new Uint8Array());
  }

  progress(endpointId: string): Progress {
    const endpointNo = this.endpointNo(endpointId);
    const cursors = (this.#getCursor.all(endpointNo) as Row[]).map((row) => ({
      lane: row.lane as number,
      seq: row.seq as number,
      doneAhead: decodeSeqs(row.seq as number, row.done_ahead as Uint8Array),
    }));
    const waiting = Map.groupBy(this.#getWaiting.all(endpointNo) as Row[], (row) => `${row.lane}:${row.user_id}`);
    const parked = (this.#getParked.all(endpointNo) as Row[]).map(
      (row): ParkedUser => ({
        userId: row.user_id as string,
        lane: row.lane as number,
        attempts: row.attempts as number,
        nextTryAtMs: (row.next_try_at_ms as number | null) ?? undefined,
        reason: row.reason as string,
        waiting: (waiting.get(`${row.lane}:${row.user_id}`) ?? []).map((event) => event.seq as number),
      }),
    );
    return { cursors, parked };
  }

  /** @throws StoreError `lease-lost`, `missing`: before anything is written */
  settle(settlement: Settlement): void {
    const { lane, epoch, cursor, attempts, parked, unparkedSeqs, unparkedUsers } = settlement;
    const endpointNo = this.endpointNo(settlement.endpointId);
    if ((this.#epoch.get(lane) as Row | undefined)?.epoch !== epoch) throw new StoreError('lease-lost');
    this.#putCursor.run(endpointNo, lane, cursor.seq, encodeSeqs(cursor.seq, cursor.doneAhead));
    for (const attempt of attempts) this.#writeAttempt(endpointNo, lane, attempt);
    for (const { userId, seq } of unparkedSeqs) this.#dropWaiting.run(endpointNo, lane, userId, seq);
    for (const userId of unparkedUsers) this.#dropParked.run(endpointNo, lane, userId);
    for (const user of parked) {
      this.#putParked.run(endpointNo, lane, user.userId, user.attempts, user.nextTryAtMs ?? null, user.reason);
      for (const seq of user.waiting) this.#putWaiting.run(endpointNo, lane, user.userId, seq);
    }
  }

  attempts(endpointNo: number, lane: number, seq: number): Attempt[] {
    return (this.#getAttempts.all(endpointNo, lane, seq) as Row[]).map(attemptOf);
  }

  #writeAttempt(endpointNo: number, lane: number, attempt: Attempt): void {
    const { seq, number, atMs, outcome, reason, detail, status, durationMs, answer } = attempt;
    const optional = [reason ?? null, detail ?? null, status ?? null] as const;
    this.#putAttempt.run(endpointNo, lane, seq, number, atMs, outcome, ...optional, durationMs, answer ?? null);
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
