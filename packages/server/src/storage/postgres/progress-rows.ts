/** Cursors and parked users: what each endpoint has got. */
import { decodeSeqs } from '../seq-bitmap.ts';
import type { Cursor, ParkedUser, Progress } from '../store.ts';
import type { Database, SqlRow, Transaction } from './database.ts';
import { prepared } from './prepared.ts';

const CURSORS = prepared(`SELECT lane, endpoint_no, seq, done_ahead, start_seq FROM portrait.cursor
  WHERE lane = ANY($1::int[]) AND endpoint_no = ANY($2::bigint[])`);

type Queryable = Pick<Database | Transaction, 'query'>;

/** A cursor, and where it began. */
export interface StoredCursor extends Cursor {
  /** events up to here are older than the endpoint's start */
  readonly startSeq: number;
}

/** Cursors of some endpoints in some lanes. */
export async function readCursors(
  db: Queryable,
  lanes: readonly number[],
  endpointNos: readonly number[],
): Promise<(StoredCursor & { readonly endpointNo: number })[]> {
  return (await db.query(CURSORS, [lanes, endpointNos])).map((row) => ({
    endpointNo: row.endpoint_no as number,
    ...cursorOf(row),
  }));
}

/** What a dispatcher starts with. */
export async function readProgress(db: Queryable, endpointNo: number, lanes: readonly number[]): Promise<Progress> {
  const where = 'WHERE lane = ANY($1::int[]) AND endpoint_no = $2';
  const [cursors, parked, waiting] = await Promise.all([
    readCursors(db, lanes, [endpointNo]),
    db.query(`SELECT * FROM portrait.parked ${where} ORDER BY lane, user_id`, [lanes, endpointNo]),
    db.query(`SELECT lane, user_id, seq FROM portrait.parked_event ${where} ORDER BY lane, user_id, seq`, [
      lanes,
      endpointNo,
    ]),
  ]);
  const byUser = Map.groupBy(waiting, (row) => `${row.lane}:${row.user_id}`);
  return {
    cursors: cursors.map(({ lane, seq, doneAhead }) => ({ lane, seq, doneAhead })),
    parked: parked.map((row) => parkedOf(row, byUser.get(`${row.lane}:${row.user_id}`) ?? [])),
  };
}

function cursorOf(row: SqlRow): StoredCursor {
  const seq = row.seq as number;
  const doneAhead = decodeSeqs(seq, row.done_ahead as Uint8Array);
  return { lane: row.lane as number, seq, doneAhead, startSeq: row.start_seq as number };
}

function parkedOf(row: SqlRow, waiting: readonly SqlRow[]): ParkedUser {
  return {
    userId: row.user_id as string,
    lane: row.lane as number,
    attempts: row.attempts as number,
    ...((row.uncounted as number) > 0 && { uncounted: row.uncounted as number }),
    nextTryAtMs: (row.next_try_at_ms as number | null) ?? undefined,
    reason: row.reason as string,
    waiting: waiting.map((event) => event.seq as number),
  };
}
