/** Rows of the table `session`, as they are read. */
import type { OptPlatform } from '@portrait/wire';
import { laneOf } from '../lane.ts';
import type { EndedSession, SessionKey, SessionRecord, SessionStore } from '../session-store.ts';
import type { Database, SqlRow } from './database.ts';
import { type DatabaseTime, nowSql } from './now.ts';

/** Rows of a node are others' to remove when it is dead for so long: until then it may only have been slow. */
const DEAD_MS = 5_000;

/** SQL of the nodes that were heard of since. */
export const nodesSinceSql = (moment: string): string =>
  `ARRAY(SELECT owner FROM portrait.duty WHERE name LIKE 'answers:%' AND until_ms > ${moment})`;
/** SQL of whether row `s` counts: its node lives, and nothing has ended it that its node has not heard of yet. */
export const countsSql = ({ node, now }: { readonly node: string; readonly now: string }): string => `s.ended_by IS NULL
    AND (s.node = ${node} OR s.node = ANY (${nodesSinceSql(nowSql(now))}))
    AND NOT EXISTS (SELECT 1 FROM portrait.profile AS p WHERE p.lane = s.lane AND p.sdk_app_id = s.sdk_app_id
      AND p.user_id = s.user_id AND p.revoked_at_ms >= s.login_at_ms)`;

const READ = `SELECT s.* FROM unnest($1::int[], $2::text[]) AS k (lane, user_id)
  JOIN portrait.session AS s ON s.lane = k.lane AND s.sdk_app_id = $3 AND s.user_id = k.user_id
  WHERE ${countsSql({ node: '$4', now: '$5' })} ORDER BY s.login_at_ms, s.no`;

/** What it works with. */
export interface SessionRowsOptions {
  readonly database: Database;
  readonly time: DatabaseTime;
  readonly laneCount: number;
}

/** See `SessionStore.readSessions`. */
export async function readSessions(
  { database, time, laneCount }: SessionRowsOptions,
  { sdkAppId, userIds, asker }: Parameters<SessionStore['readSessions']>[0],
): Promise<(readonly SessionRecord[])[]> {
  const users = [...new Set(userIds)];
  if (users.length === 0) return [];
  const lanes = users.map((userId) => laneOf(sdkAppId, userId, laneCount));
  const rows = await database.query(READ, [lanes, users, sdkAppId, asker, time() ?? null]);
  const byUser = Map.groupBy(rows.map(recordOf), ({ userId }) => userId);
  return userIds.map((userId) => byUser.get(userId) ?? []);
}

/** See `SessionStore.readEndedSessions`. */
export async function readEndedSessions({ database }: SessionRowsOptions, node: string): Promise<EndedSession[]> {
  const rows = await database.query('SELECT * FROM portrait.session WHERE node = $1 AND ended_by IS NOT NULL', [node]);
  return rows.map(endedOf);
}

/** See `SessionStore.readNodeSessions`. */
export async function readNodeSessions(
  { database, time }: SessionRowsOptions,
  { node, lanes }: Parameters<SessionStore['readNodeSessions']>[0],
): Promise<SessionKey[]> {
  const sql = `SELECT s.sdk_app_id, s.user_id, s.inst_id, s.node, s.no FROM portrait.session AS s WHERE s.lane = ANY($1::int[])
    AND (s.node = $2 OR s.node <> ALL (${nodesSinceSql(`${nowSql('$3')} - ${DEAD_MS}`)}))`;
  return (await database.query(sql, [lanes, node, time() ?? null])).map(keyOf);
}

/** See `SessionStore.forgetSessionsOf`. */
export function forgetSessionsOf({ database }: SessionRowsOptions, node: string): Promise<void> {
  return database.transaction(async (tx) => {
    tx.send('SELECT lane FROM portrait.session_lane ORDER BY lane FOR UPDATE');
    tx.send('DELETE FROM portrait.session WHERE node = $1', [node]);
  });
}

/** See `SessionStore.forgetDeadNodes`. */
export async function forgetDeadNodes({ database, time }: SessionRowsOptions): Promise<void> {
  const sql = `DELETE FROM portrait.duty WHERE name LIKE 'answers:%' AND until_ms <= ${nowSql('$1')} - ${DEAD_MS}`;
  await database.query(sql, [time() ?? null]);
}

/** SQL of the number of nodes that are dead, and not forgotten. @param place  of the parameter of the present moment */
export function deadNodesSql(place: string): string {
  return `(SELECT count(*) FROM portrait.duty WHERE name LIKE 'answers:%' AND until_ms <= ${nowSql(place)} - ${DEAD_MS})`;
}

function platformNumberOf(text: unknown): unknown {
  return text === null ? undefined : JSON.parse(text as string);
}

function keyOf(row: SqlRow): SessionKey {
  return {
    sdkAppId: row.sdk_app_id as number,
    userId: row.user_id as string,
    instId: row.inst_id as number,
    node: row.node as string,
    no: row.no as number,
  };
}

/** A row that was ended. */
export function endedOf(row: SqlRow): EndedSession {
  const by = {
    instId: row.ended_by as number,
    platform: row.ended_by_platform as OptPlatform,
    platformNumber: platformNumberOf(row.ended_by_number),
  };
  return { ...keyOf(row), by };
}

function recordOf(row: SqlRow): SessionRecord {
  return {
    sdkAppId: row.sdk_app_id as number,
    userId: row.user_id as string,
    instId: row.inst_id as number,
    platform: row.platform as OptPlatform,
    platformNumber: platformNumberOf(row.platform_number),
    clientIp: row.client_ip as string,
    loginAtMs: row.login_at_ms as number,
    connectedAtMs: row.connected_at_ms as number,
  };
}
