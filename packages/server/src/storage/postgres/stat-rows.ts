/** Rows of the table `stat`. */
import type { StatRow, StatWrite, Store } from '../store.ts';
import type { Database } from './database.ts';

export async function writeStats(database: Database, { rows, keepFromMs }: StatWrite): Promise<void> {
  if (rows.length === 0) return;
  await database.transaction(async (tx) => {
    tx.send(
      `INSERT INTO portrait.stat (sdk_app_id, at_ms, writer, counts)
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[])
        ON CONFLICT (sdk_app_id, at_ms, writer) DO UPDATE SET counts = excluded.counts`,
      [
        rows.map(({ sdkAppId }) => sdkAppId),
        rows.map(({ atMs }) => atMs),
        rows.map(({ writer }) => writer),
        rows.map(({ counts }) => counts),
      ],
    );
    const apps = [...new Set(rows.map((row) => row.sdkAppId))];
    tx.send('DELETE FROM portrait.stat WHERE sdk_app_id = ANY($1::bigint[]) AND at_ms < $2', [apps, keepFromMs]);
  });
}

export async function readStats(
  database: Database,
  { sdkAppId, fromMs, toMs }: Parameters<Store['readStats']>[0],
): Promise<readonly StatRow[]> {
  const rows = await database.query(
    `SELECT at_ms, writer, counts FROM portrait.stat
      WHERE sdk_app_id = $1 AND at_ms >= $2 AND at_ms < $3 ORDER BY at_ms, writer`,
    [sdkAppId, fromMs, toMs],
  );
  return rows.map((row) => ({
    sdkAppId,
    atMs: row.at_ms as number,
    writer: row.writer as string,
    counts: row.counts as string,
  }));
}
