/** What endpoints still have to get, over all lanes: heads less cursors, and what is parked. */
import type { AppBacklog } from '../shared-store.ts';
import type { Database } from './database.ts';

const IS_ASKED = '($2::bigint IS NULL OR p.sdk_app_id = $2::bigint)';
/** Of each lane of each endpoint that is behind, or has parked users: how much waits, and which event is the first. */
const WAITING = `SELECT p.sdk_app_id, c.lane, h.seq - c.seq AS deliveries, c.seq + 1 AS first_seq FROM portrait.endpoint AS p
    JOIN portrait.cursor AS c ON c.lane = ANY($1::int[]) AND c.endpoint_no = p.endpoint_no
    JOIN portrait.head AS h ON h.lane = c.lane AND h.sdk_app_id = p.sdk_app_id AND h.seq > c.seq
    WHERE ${IS_ASKED}
  UNION ALL
  SELECT p.sdk_app_id, w.lane, count(*), min(w.seq) FROM portrait.endpoint AS p
    JOIN portrait.parked_event AS w ON w.lane = ANY($1::int[]) AND w.endpoint_no = p.endpoint_no
    WHERE ${IS_ASKED} GROUP BY p.sdk_app_id, p.endpoint_no, w.lane`;
const BACKLOGS = `SELECT w.sdk_app_id, sum(w.deliveries)::bigint AS deliveries, min(e.at_ms) AS oldest_at_ms FROM (${WAITING}) AS w
  JOIN portrait.event AS e ON e.lane = w.lane AND e.sdk_app_id = w.sdk_app_id AND e.seq = w.first_seq
  GROUP BY w.sdk_app_id`;

/** See `SharedStore.readBacklogs`. */
export async function readBacklogs(
  db: Database,
  lanes: readonly number[],
  sdkAppId: number | undefined,
): Promise<AppBacklog[]> {
  const rows = await db.query(BACKLOGS, [lanes, sdkAppId ?? null]);
  return rows.map((row) => ({
    sdkAppId: row.sdk_app_id as number,
    deliveries: row.deliveries as number,
    oldestAtMs: row.oldest_at_ms as number,
  }));
}
