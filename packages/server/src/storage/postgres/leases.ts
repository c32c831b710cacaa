/**
 * Who dispatches what. A dispatcher says that it lives by its row in `node`; a lane is its own for as long as that row says so, so that a renewal
 * is one row, however many lanes it has. All who claim queue up at one row, so that each sees what those before it took.
 */
import type { LaneLease } from '../store.ts';
import type { Database } from './database.ts';
import { type DatabaseTime, nowSql } from './now.ts';

/** What it works with. */
interface LeaseOptions {
  readonly database: Database;
  readonly time: DatabaseTime;
}

const QUEUE = "SELECT value FROM portrait.meta WHERE name = 'claims' FOR UPDATE";
const LIVE = `INSERT INTO portrait.node (owner, until_ms) VALUES ($1, ${nowSql('$3')} + $2)
  ON CONFLICT (owner) DO UPDATE SET until_ms = excluded.until_ms`;
/** Lanes of nobody, or of one who did not say in time that he lives: until when he had them is kept, whoever has them after. */
const TAKE = `WITH free AS (
    SELECT f.lane, n.until_ms FROM portrait.lane AS f LEFT JOIN portrait.node AS n ON n.owner = f.owner
    WHERE f.owner IS NULL OR (f.owner <> $1 AND (n.owner IS NULL OR n.until_ms <= ${nowSql('$3')}))
    ORDER BY f.lane LIMIT greatest(0, $2::int - (SELECT count(*) FROM portrait.lane AS m WHERE m.owner = $1)))
  UPDATE portrait.lane AS l SET owner = $1, epoch = l.epoch + 1, ended_at_ms = coalesce(free.until_ms, l.ended_at_ms)
    FROM free WHERE l.lane = free.lane`;
/** Longer than an attempt may take. */
const REMEMBERED_MS = 60_000;
const MINE = `SELECT lane, epoch, CASE WHEN ended_at_ms > ${nowSql('$2')} - ${REMEMBERED_MS} THEN ${nowSql('$2')} - ended_at_ms END AS ended_ms_ago
  FROM portrait.lane WHERE owner = $1 ORDER BY lane`;
/** Rows of nodes that are long dead. */
const FORGET = `DELETE FROM portrait.node WHERE until_ms < ${nowSql('$1')} - 3600000`;
const COUNT = `SELECT (SELECT count(*) FROM portrait.node WHERE until_ms > ${nowSql('$1')}) AS nodes, (SELECT count(*) FROM portrait.lane) AS lanes`;

/** What `Store.claimLanes` does. */
export function claimLanes(
  { database, time }: LeaseOptions,
  { owner, leaseMs, most }: { readonly owner: string; readonly leaseMs: number; readonly most: number },
): Promise<LaneLease[]> {
  return database.transaction(async (tx) => {
    const nowMs = time() ?? null;
    tx.send(QUEUE);
    tx.send(LIVE, [owner, leaseMs, nowMs]);
    tx.send(TAKE, [owner, most, nowMs]);
    const rows = await tx.query(MINE, [owner, nowMs]);
    return rows.map(({ lane, epoch, ended_ms_ago: endedMsAgo }) => {
      const lease = { lane: lane as number, epoch: epoch as number, leaseMs };
      return typeof endedMsAgo === 'number' ? { ...lease, endedMsAgo } : lease;
    });
  });
}

/** What `Store.shareLanes` does: of the nodes that live this one is one. */
export async function shareLanes(
  { database, time }: LeaseOptions,
  { owner, leaseMs }: { readonly owner: string; readonly leaseMs: number },
): Promise<number> {
  const nowMs = time() ?? null;
  await database.query(LIVE, [owner, leaseMs, nowMs]);
  const [row] = await database.query(COUNT, [nowMs]);
  return Math.ceil(Number(row?.lanes) / Math.max(1, Number(row?.nodes)));
}

/** Give up lanes, all of them if none are named: then the node is gone, too. */
export function releaseLanes(
  { database, time }: LeaseOptions,
  owner: string,
  lanes?: readonly number[],
): Promise<void> {
  return database.transaction(async (tx) => {
    tx.send(QUEUE);
    if (lanes) {
      tx.send('UPDATE portrait.lane SET owner = NULL WHERE owner = $1 AND lane = ANY($2::int[])', [owner, lanes]);
      return;
    }
    tx.send('UPDATE portrait.lane SET owner = NULL WHERE owner = $1', [owner]);
    tx.send('DELETE FROM portrait.node WHERE owner = $1', [owner]);
    tx.send(FORGET, [time() ?? null]);
  });
}
