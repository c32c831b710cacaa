/** Writes what came of deliveries: attempts, cursors, parked users. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { StoreError } from '../../errors.ts';
import type { Attempt, Settlement } from '../store.ts';
import { ProgressRows } from './progress-rows.ts';
import { encodeSeqs } from './seq-bitmap.ts';

/** Writes inside a transaction. */
export class SettlementWriter {
  readonly #rows: ProgressRows;
  readonly #epoch: StatementSync;
  readonly #putCursor: StatementSync;
  readonly #putAttempt: StatementSync;
  readonly #putParked: StatementSync;
  readonly #dropParked: StatementSync;
  readonly #putWaiting: StatementSync;
  readonly #dropWaiting: StatementSync;

  constructor(db: DatabaseSync) {
    this.#rows = new ProgressRows(db);
    this.#epoch = db.prepare('SELECT epoch FROM lane WHERE lane = ?');
    this.#putCursor = db.prepare(`INSERT INTO cursor VALUES (?, ?, ?, ?)
      ON CONFLICT (endpoint_no, lane) DO UPDATE SET seq = excluded.seq, done_ahead = excluded.done_ahead`);
    this.#putAttempt = db.prepare('INSERT OR REPLACE INTO attempt VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
    this.#putParked =
      db.prepare(`INSERT INTO parked (endpoint_no, lane, user_id, attempts, uncounted, next_try_at_ms, reason)
      VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (endpoint_no, lane, user_id)
      DO UPDATE SET attempts = excluded.attempts, uncounted = excluded.uncounted,
        next_try_at_ms = excluded.next_try_at_ms, reason = excluded.reason`);
    this.#dropParked = db.prepare('DELETE FROM parked WHERE endpoint_no = ? AND lane = ? AND user_id = ?');
    this.#putWaiting = db.prepare('INSERT OR IGNORE INTO parked_event VALUES (?, ?, ?, ?)');
    this.#dropWaiting = db.prepare(
      'DELETE FROM parked_event WHERE endpoint_no = ? AND lane = ? AND user_id = ? AND seq = ?',
    );
  }

  /** The cursor of a new endpoint. */
  startCursor(endpointNo: number, seq: number): void {
    this.#putCursor.run(endpointNo, 0, seq, new Uint8Array());
  }

  /** @throws StoreError `lease-lost`, `missing`: before anything is written */
  settle(settlement: Settlement): void {
    const { lane, epoch, cursor, attempts, parked, unparkedSeqs, unparkedUsers } = settlement;
    const endpointNo = this.#rows.endpointNo(settlement.endpointId);
    if (this.#epoch.get(lane)?.epoch !== epoch) throw new StoreError('lease-lost');
    this.#putCursor.run(endpointNo, lane, cursor.seq, encodeSeqs(cursor.seq, cursor.doneAhead));
    for (const attempt of attempts) this.#writeAttempt(endpointNo, lane, attempt);
    for (const { userId, seq } of unparkedSeqs) this.#dropWaiting.run(endpointNo, lane, userId, seq);
    for (const userId of unparkedUsers) this.#dropParked.run(endpointNo, lane, userId);
    for (const user of parked) {
      const { userId, attempts, uncounted = 0, nextTryAtMs = null, reason } = user;
      this.#putParked.run(endpointNo, lane, userId, attempts, uncounted, nextTryAtMs, reason);
      for (const seq of user.waiting) this.#putWaiting.run(endpointNo, lane, user.userId, seq);
    }
  }

  #writeAttempt(endpointNo: number, lane: number, attempt: Attempt): void {
    const { seq, number, atMs, outcome, reason, detail, status, durationMs, answer } = attempt;
    const optional = [reason ?? null, detail ?? null, status ?? null] as const;
    this.#putAttempt.run(endpointNo, lane, seq, number, atMs, outcome, ...optional, durationMs, answer ?? null);
  }
}
