/** Rows of the table `stat`. */
import type { DatabaseSync } from 'node:sqlite';
import type { StatRow, StatWrite, Store } from '../store.ts';

/** Written and read seldom: statements are made when they are needed. */
export class StatRows {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Inside a transaction. */
  write({ rows, keepFromMs }: StatWrite): void {
    const replace = this.#db.prepare('INSERT OR REPLACE INTO stat VALUES (?, ?, ?, ?)');
    for (const { sdkAppId, atMs, writer, counts } of rows) replace.run(sdkAppId, atMs, writer, counts);
    const expire = this.#db.prepare('DELETE FROM stat WHERE sdk_app_id = ? AND at_ms < ?');
    for (const sdkAppId of new Set(rows.map((row) => row.sdkAppId))) expire.run(sdkAppId, keepFromMs);
  }

  read({ sdkAppId, fromMs, toMs }: Parameters<Store['readStats']>[0]): readonly StatRow[] {
    const rows = this.#db
      .prepare(
        'SELECT at_ms, writer, counts FROM stat WHERE sdk_app_id = ? AND at_ms >= ? AND at_ms < ? ORDER BY at_ms, writer',
      )
      .all(sdkAppId, fromMs, toMs);
    return rows.map((row) => ({
      sdkAppId,
      atMs: row.at_ms as number,
      writer: row.writer as string,
      counts: row.counts as string,
    }));
  }

  forget(sdkAppId: number): void {
    this.#db.prepare('DELETE FROM stat WHERE sdk_app_id = ?').run(sdkAppId);
  }
}
