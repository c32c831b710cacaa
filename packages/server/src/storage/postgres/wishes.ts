/** Rows of the table `wish`: redeliveries that one node asks of another. They live for seconds. */
import type { SharedStore, Wish } from '../shared-store.ts';
import type { Database } from './database.ts';
import { type DatabaseTime, nowSql } from './now.ts';

/** Nobody reads an answer any more after this. */
const FORGET_MS = 600_000;

/** What it works with. */
interface WishOptions {
  readonly database: Database;
  readonly time: DatabaseTime;
}

/** See `SharedStore.postWish`. */
export function postWish({ database, time }: WishOptions, wish: Parameters<SharedStore['postWish']>[0]): Promise<void> {
  const { wishId, lane, endpointId, eventId, takeWithinMs } = wish;
  const nowMs = time() ?? null;
  return database.transaction(async (tx) => {
    tx.send(`DELETE FROM portrait.wish WHERE until_ms < ${nowSql('$1')} - ${FORGET_MS}`, [nowMs]);
    tx.send(
      `INSERT INTO portrait.wish (wish_id, lane, endpoint_id, event_id, until_ms, is_taken) VALUES ($1, $2, $3, $4, ${nowSql('$6')} + $5, false)`,
      [wishId, lane, endpointId, eventId, takeWithinMs, nowMs],
    );
  });
}

/** See `SharedStore.takeWishes`. */
export async function takeWishes({ database, time }: WishOptions, lanes: readonly number[]): Promise<Wish[]> {
  const sql = `UPDATE portrait.wish SET is_taken = true WHERE lane = ANY($1::int[]) AND NOT is_taken AND until_ms > ${nowSql('$2')}
    RETURNING wish_id, lane, endpoint_id, event_id`;
  const rows = await database.query(sql, [lanes, time() ?? null]);
  return rows.map((row) => ({
    wishId: row.wish_id as string,
    lane: row.lane as number,
    endpointId: row.endpoint_id as string,
    eventId: row.event_id as string,
  }));
}

/** See `SharedStore.answerWish`. */
export async function answerWish({ database }: WishOptions, wishId: string, answer: string): Promise<void> {
  await database.query('UPDATE portrait.wish SET answer = $2 WHERE wish_id = $1', [wishId, answer]);
}

/** See `SharedStore.readWish`. */
export async function readWish({ database, time }: WishOptions, wishId: string): Promise<string | undefined> {
  const sql = `SELECT answer, NOT is_taken AND until_ms <= ${nowSql('$2')} AS is_void FROM portrait.wish WHERE wish_id = $1`;
  const [row] = await database.query(sql, [wishId, time() ?? null]);
  if (!row || row.is_void === true) return 'void';
  return (row.answer as string | null) ?? undefined;
}
