/** Cursors and parked users: what each endpoint has got. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { StoreError } from '../../errors.ts';
import type { ParkedUser, Progress } from '../store.ts';
import { CursorRows } from './cursor-rows.ts';

type Row = Record<string, string | number | null>;

/** Reads the progress of endpoints. */
export class ProgressRows {
  readonly #endpointNo: StatementSync;
  readonly #cursors: CursorRows;
  readonly #parked: StatementSync;
  readonly #waiting: StatementSync;

  constructor(db: DatabaseSync) {
    this.#endpointNo = db.prepare('SELECT endpoint_no FROM endpoint WHERE endpoint_id = ?');
    this.#cursors = new CursorRows(db);
    this.#parked = db.prepare('SELECT * FROM parked WHERE endpoint_no = ?');
    this.#waiting = db.prepare(
      'SELECT lane, user_id, seq FROM parked_event WHERE endpoint_no = ? ORDER BY lane, user_id, seq',
    );
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
    return { cursors: this.#cursors.all(endpointNo), parked };
  }
}
