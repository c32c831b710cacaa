/** What nodes look at to learn of each other. */
import { ANSWERING_MS, type LaneNews, type News, type SharedStore } from '../shared-store.ts';
import type { Database } from './database.ts';
import { type DatabaseTime, nowSql } from './now.ts';
import { deadNodesSql } from './session-rows.ts';

const NEWS = `SELECT (SELECT value FROM portrait.meta WHERE name = 'settings') AS settings_no,
    (SELECT count(*) FROM portrait.lane AS l LEFT JOIN portrait.node AS n ON n.owner = l.owner
      WHERE l.owner IS NULL OR n.owner IS NULL OR n.until_ms <= ${nowSql('$1')}) AS free_lanes,
    (SELECT count(*) FROM portrait.duty WHERE name LIKE 'answers:%' AND until_ms > ${nowSql('$1')}) AS answering,
    (SELECT count(*) FROM portrait.wish WHERE NOT is_taken AND until_ms > ${nowSql('$1')}) AS wishes,
    ${deadNodesSql('$1')} AS dead_nodes,
    (SELECT count(*) FROM portrait.session WHERE node = $2 AND ended_by IS NOT NULL) AS ended_sessions`;
const TAKE_DUTY = `INSERT INTO portrait.duty (name, owner, until_ms) VALUES ($1, $2, ${nowSql('$4')} + $3)
  ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until_ms = excluded.until_ms
    WHERE portrait.duty.owner = excluded.owner OR portrait.duty.until_ms <= ${nowSql('$4')}
  RETURNING owner`;

/** What it works with. */
interface NewsOptions {
  readonly database: Database;
  readonly time: DatabaseTime;
}

/** See `SharedStore.readNews`. */
export async function readNews(
  options: NewsOptions,
  { name, answers }: Parameters<SharedStore['readNews']>[0],
): Promise<News> {
  const { database, time } = options;
  if (answers) await takeDuty(options, { name: `answers:${name}`, owner: name, leaseMs: ANSWERING_MS });
  const [row] = await database.query(NEWS, [time() ?? null, name]);
  return {
    settingsNo: row?.settings_no as number,
    hasFreeLanes: (row?.free_lanes as number) > 0,
    answeringNodes: row?.answering as number,
    hasWishes: (row?.wishes as number) > 0,
    hasEndedSessions: (row?.ended_sessions as number) > 0,
    hasDeadNodes: (row?.dead_nodes as number) > 0,
  };
}

/** See `SharedStore.readLaneNews`. */
export async function readLaneNews(
  { database }: NewsOptions,
  { lanes, sdkAppIds }: Parameters<SharedStore['readLaneNews']>[0],
): Promise<LaneNews[]> {
  const sql = `SELECT sdk_app_id, lane, seq, endings FROM portrait.head WHERE lane = ANY($1::int[])
    AND CASE WHEN $2::bigint[] IS NULL THEN seq > 0 OR endings > 0 ELSE sdk_app_id = ANY($2::bigint[]) END`;
  const rows = await database.query(sql, [lanes, sdkAppIds ?? null]);
  return rows.map(({ sdk_app_id: sdkAppId, lane, seq, endings }) => ({ sdkAppId, lane, seq, endings }) as LaneNews);
}

/** See `SharedStore.readResumes`. */
export async function readResumes({ database }: NewsOptions): Promise<ReadonlyMap<string, number>> {
  const rows = await database.query(`SELECT p.endpoint_id, max(e.no) AS no FROM portrait.endpoint AS p
    JOIN portrait.endpoint_event AS e ON e.endpoint_no = p.endpoint_no WHERE e.kind = 'resumed' GROUP BY p.endpoint_id`);
  return new Map(rows.map((row) => [row.endpoint_id as string, row.no as number]));
}

/** See `SharedStore.takeDuty`. */
export async function takeDuty(
  { database, time }: NewsOptions,
  { name, owner, leaseMs }: Parameters<SharedStore['takeDuty']>[0],
): Promise<boolean> {
  return (await database.query(TAKE_DUTY, [name, owner, leaseMs, time() ?? null])).length === 1;
}

/** See `SharedStore.releaseDuties`. */
export async function releaseDuties({ database }: NewsOptions, owner: string): Promise<void> {
  await database.query('DELETE FROM portrait.duty WHERE owner = $1', [owner]);
}
