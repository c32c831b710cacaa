/** Writes what came of deliveries: attempts, cursors, parked users, and what was passed. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { StoreError } from '../../errors.ts';
import { passedSeqs, type SeqRun } from '../passed-seqs.ts';
import { encodeSeqs } from '../seq-bitmap.ts';
import type { Settlement } from '../store.ts';
import { AttemptRows } from './attempt-rows.ts';
import { CursorRows } from './cursor-rows.ts';
import { ProgressRows } from './progress-rows.ts';

/** Writes inside a transaction. */
export class SettlementWriter {
  readonly #rows: ProgressRows;
  readonly #attempts: AttemptRows;
  readonly #cursors: CursorRows;
  readonly #epoch: StatementSync;
  readonly #startCursor: StatementSync;
  readonly #putCursor: StatementSync;
  readonly #putParked: StatementSync;
  readonly #dropParked: StatementSync;
  readonly #putWaiting: StatementSync;
  readonly #dropWaiting: StatementSync;
  readonly #putFirst: StatementSync;
  readonly #lastPassed: StatementSync;
  readonly #putPassed: StatementSync;

  constructor(db: DatabaseSync) {
    this.#rows = new ProgressRows(db);
    this.#attempts = new AttemptRows(db);
    this.#cursors = new CursorRows(db);
    this.#epoch = db.prepare('SELECT epoch FROM lane WHERE lane = ?');
    this.#startCursor = db.prepare(
      'INSERT INTO cursor (endpoint_no, lane, seq, done_ahead, start_seq) VALUES (?, ?, ?, ?, ?)',
    );
    this.#putCursor = db.prepare(`INSERT INTO cursor (endpoint_no, lane, seq, done_ahead) VALUES (?, ?, ?, ?)
      ON CONFLICT (endpoint_no, lane) DO UPDATE SET seq = excluded.seq, done_ahead = excluded.done_ahead`);
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
    this.#putFirst = db.prepare(`UPDATE parked SET first_seq =
      (SELECT MIN(seq) FROM parked_event WHERE endpoint_no = ?1 AND lane = ?2 AND user_id = ?3)
      WHERE endpoint_no = ?1 AND lane = ?2 AND user_id = ?3`);
    this.#lastPassed = db.prepare(`SELECT from_seq, to_seq FROM passed
      WHERE endpoint_no = ? AND lane = ? AND from_seq <= ? ORDER BY from_seq DESC LIMIT 1`);
    this.#putPassed = db.prepare(`INSERT INTO passed VALUES (?, ?, ?, ?)
      ON CONFLICT (endpoint_no, lane, from_seq) DO UPDATE SET to_seq = MAX(to_seq, excluded.to_seq)`);
  }

  /** The cursor of a new endpoint. */
  startCursor(endpointNo: number, seq: number): void {
    this.#startCursor.run(endpointNo, 0, seq, new Uint8Array(), seq);
  }

  /** @throws StoreError `lease-lost`, `missing`: before anything is written */
  settle(settlement: Settlement): void {
    const { lane, cursor, parked, unparkedSeqs, unparkedUsers } = settlement;
    const endpointNo = this.record(settlement);
    for (const run of passedSeqs(this.#cursors.of(endpointNo, lane), settlement)) this.#pass(endpointNo, lane, run);
    this.#putCursor.run(endpointNo, lane, cursor.seq, encodeSeqs(cursor.seq, cursor.doneAhead));
    for (const { userId, seq } of unparkedSeqs) this.#dropWaiting.run(endpointNo, lane, userId, seq);
    for (const userId of unparkedUsers) this.#dropParked.run(endpointNo, lane, userId);
    for (const user of parked) {
      const { userId, attempts, uncounted = 0, nextTryAtMs = null, reason } = user;
      this.#putParked.run(endpointNo, lane, userId, attempts, uncounted, nextTryAtMs, reason);
      for (const seq of user.waiting) this.#putWaiting.run(endpointNo, lane, user.userId, seq);
    }
    const moved = new Set([...parked, ...unparkedSeqs].map(({ userId }) => userId));
    for (const userId of moved) this.#putFirst.run(endpointNo, lane, userId);
  }

  /** Attempts alone. @returns the endpoint's number. @throws StoreError `lease-lost`, `missing`: before anything is written */
  record({
    endpointId,
    lane,
    epoch,
    attempts,
  }: Pick<Settlement, 'endpointId' | 'lane' | 'epoch' | 'attempts'>): number {
    const endpointNo = this.#rows.endpointNo(endpointId);
    if (this.#epoch.get(lane)?.epoch !== epoch) throw new StoreError('lease-lost');
    for (const attempt of attempts) this.#attempts.put(endpointNo, lane, attempt);
    return endpointNo;
  }

  #pass(endpointNo: number, lane: number, { fromSeq, toSeq }: SeqRun): void {
    const last = this.#lastPassed.get(endpointNo, lane, fromSeq) as { from_seq: number; to_seq: number } | undefined;
    const start = last && last.to_seq >= fromSeq - 1 ? last.from_seq : fromSeq;
    this.#putPassed.run(endpointNo, lane, start, toSeq);
  }
}
