/** Rows of the tables `replay` and `replay_lane`. What is counted stands with the lane: each lane of a job is worked on by the node that has it. */
import { StoreError } from '../../errors.ts';
import {
  MAX_ENDED_REPLAYS,
  type Replay,
  type ReplayCounts,
  type ReplayLane,
  type ReplaySettlement,
  type ReplayState,
  type ReplayStore,
} from '../replay-store.ts';
import type { Page } from '../store.ts';
import { putAttempts } from './attempt-rows.ts';
import type { Database, SqlRow, Transaction } from './database.ts';
import { type DatabaseTime, nowSql } from './now.ts';
import { findEndpoint, nextNumber, touchSettings } from './settings.ts';
import { checkClaims, type LaneClaim, placed } from './settle.ts';

type Queryable = Pick<Database | Transaction, 'query'>;
/** What of a job is stored as JSON: it never changes. */
type ReplaySettings = Pick<
  Replay,
  'fromMs' | 'toMs' | 'userId' | 'deliveryState' | 'ratePerSecond' | 'total' | 'createdAtMs'
>;

const IS_OPEN = "state IN ('queued', 'running')";
const PUT_LANES = `INSERT INTO portrait.replay_lane (job_no, lane, after_seq, to_seq, seq, done_ahead, tried, delivered, failed, skipped)
  SELECT $1, *, 0, 0, 0 FROM unnest($2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[])`;
const SETTLE = `UPDATE portrait.replay_lane SET seq = $3, done_ahead = $4, tried = $5, delivered = $6, failed = $7, skipped = $8
  WHERE lane = $1 AND job_no = (SELECT job_no FROM portrait.replay WHERE job_id = $2)`;
const DROP_ENDED = `DELETE FROM portrait.replay WHERE sdk_app_id = $1 AND NOT ${IS_OPEN} AND job_no NOT IN (
  SELECT job_no FROM portrait.replay WHERE sdk_app_id = $1 AND NOT ${IS_OPEN} ORDER BY job_no DESC LIMIT ${MAX_ENDED_REPLAYS})
  RETURNING job_no`;
const HELD = `SELECT l.lane, min(l.seq) + 1 AS seq FROM portrait.replay AS r JOIN portrait.replay_lane AS l ON l.job_no = r.job_no
  WHERE r.sdk_app_id = $1 AND r.${IS_OPEN} AND l.seq < l.to_seq GROUP BY l.lane`;

/** Make a job. @throws StoreError `missing` */
export function createReplay(database: Database, replay: Replay): Promise<void> {
  const { jobId, sdkAppId, endpointId, state, lanes } = replay;
  return database.transaction(async (tx) => {
    await touchSettings(tx);
    await findEndpoint(tx, endpointId);
    const jobNo = await nextNumber(tx, 'replays');
    const sql =
      'INSERT INTO portrait.replay (job_no, job_id, sdk_app_id, endpoint_id, settings, state) VALUES ($1, $2, $3, $4, $5, $6)';
    tx.send(sql, [jobNo, jobId, sdkAppId, endpointId, JSON.stringify(settingsOf(replay)), state]);
    tx.send(PUT_LANES, [
      jobNo,
      lanes.map(({ lane }) => lane),
      lanes.map(({ afterSeq }) => afterSeq),
      lanes.map(({ toSeq }) => toSeq),
      lanes.map(({ seq }) => seq),
      lanes.map(({ doneAhead }) => JSON.stringify(doneAhead)),
      lanes.map(({ tried }) => JSON.stringify(tried)),
    ]);
    const ended = (await tx.query(DROP_ENDED, [sdkAppId])).map((row) => row.job_no as number);
    if (ended.length > 0) tx.send('DELETE FROM portrait.replay_lane WHERE job_no = ANY($1::bigint[])', [ended]);
  });
}

/** A job that is queued runs from now on. */
export async function startReplay(database: Database, jobId: string, time: DatabaseTime): Promise<void> {
  const sql = `UPDATE portrait.replay SET state = 'running', started_at_ms = ${nowSql('$2')} WHERE job_id = $1 AND state = 'queued'`;
  await database.query(sql, [jobId, time() ?? null]);
}

/** @returns false if it has ended before, or is not there */
export function endReplay(
  database: Database,
  end: Parameters<ReplayStore['endReplay']>[0],
  time: DatabaseTime,
): Promise<boolean> {
  const { jobId, state, reason = null } = end;
  const sql = `UPDATE portrait.replay SET state = $2, reason = $3, finished_at_ms = ${nowSql('$4')}
    WHERE job_id = $1 AND ${IS_OPEN} RETURNING job_no`;
  return database.transaction(async (tx) => {
    await touchSettings(tx);
    return (await tx.query(sql, [jobId, state, reason, time() ?? null])).length === 1;
  });
}

/** Attempts beside an endpoint's own. @throws StoreError `lease-lost`, `missing` */
export function recordRedelivery(
  database: Database,
  redelivery: Parameters<ReplayStore['recordRedelivery']>[0],
): Promise<void> {
  return database.transaction(async (tx) => {
    putAttempts(tx, placed(await admit(tx, redelivery), redelivery));
  });
}

/** @throws StoreError `lease-lost`, `missing` */
export function settleReplay(database: Database, settlement: ReplaySettlement): Promise<void> {
  const { jobId, lane, seq, doneAhead, tried, delivered, failed, skipped } = settlement;
  return database.transaction(async (tx) => {
    putAttempts(tx, placed(await admit(tx, settlement), settlement));
    tx.send(SETTLE, [lane, jobId, seq, JSON.stringify(doneAhead), JSON.stringify(tried), delivered, failed, skipped]);
  });
}

/** What was counted in one lane of a job. */
export async function readLaneCounts(database: Database, jobId: string, lane: number): Promise<ReplayCounts> {
  const sql = `SELECT l.delivered, l.failed, l.skipped FROM portrait.replay AS r JOIN portrait.replay_lane AS l ON l.job_no = r.job_no
    WHERE r.job_id = $1 AND l.lane = $2`;
  const [row] = await database.query(sql, [jobId, lane]);
  return countsOf(row ? [row] : []);
}

/** The job of an endpoint that is removed ends with it. */
export function endReplaysOf(tx: Transaction, endpointId: string, nowMs: number): void {
  const sql = `UPDATE portrait.replay SET state = 'failed', reason = 'endpoint-deleted', finished_at_ms = $2 WHERE endpoint_id = $1 AND ${IS_OPEN}`;
  tx.send(sql, [endpointId, nowMs]);
}

/** Jobs of an app that is removed. */
export function forgetReplays(tx: Transaction, sdkAppId: number): void {
  tx.send(
    'DELETE FROM portrait.replay_lane WHERE job_no IN (SELECT job_no FROM portrait.replay WHERE sdk_app_id = $1)',
    [sdkAppId],
  );
  tx.send('DELETE FROM portrait.replay WHERE sdk_app_id = $1', [sdkAppId]);
}

/** @returns undefined if there is no such job */
export async function getReplay(db: Queryable, jobId: string): Promise<Replay | undefined> {
  const [replay] = await withLanes(db, await db.query('SELECT * FROM portrait.replay WHERE job_id = $1', [jobId]));
  return replay;
}

/** Newest first. */
export async function listReplays(
  db: Queryable,
  query: Parameters<ReplayStore['listReplays']>[0],
): Promise<Page<Replay>> {
  const { sdkAppId, limit, cursor } = query;
  const before = Number(cursor ?? Number.MAX_SAFE_INTEGER);
  const sql = 'SELECT * FROM portrait.replay WHERE sdk_app_id = $1 AND job_no < $2 ORDER BY job_no DESC LIMIT $3';
  const rows = await db.query(sql, [sdkAppId, Number.isSafeInteger(before) ? before : 0, limit + 1]);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const items = await withLanes(db, shown);
  return rows.length > limit && last ? { items, nextCursor: String(last.job_no) } : { items };
}

/** Oldest first. */
export async function listOpenReplays(db: Queryable): Promise<readonly Replay[]> {
  return await withLanes(db, await db.query(`SELECT * FROM portrait.replay WHERE ${IS_OPEN} ORDER BY job_no`));
}

/** Per lane the lowest seq that open jobs of the app still need. */
export async function heldByReplays(db: Queryable, sdkAppId: number): Promise<{ lane: number; seq: number }[]> {
  return (await db.query(HELD, [sdkAppId])).map((row) => ({ lane: row.lane as number, seq: row.seq as number }));
}

/** @returns the endpoint's number */
async function admit(tx: Transaction, claim: LaneClaim): Promise<number> {
  const [result] = await checkClaims(tx, [claim]);
  if (result && 'value' in result) return result.value;
  throw result?.error ?? new StoreError('lease-lost');
}

async function withLanes(db: Queryable, jobs: readonly SqlRow[]): Promise<Replay[]> {
  if (jobs.length === 0) return [];
  const sql = 'SELECT * FROM portrait.replay_lane WHERE job_no = ANY($1::bigint[]) ORDER BY lane';
  const lanes = Map.groupBy(await db.query(sql, [jobs.map((row) => row.job_no as number)]), (row) => row.job_no);
  return jobs.map((row) => replayOf(row, lanes.get(row.job_no) ?? []));
}

function replayOf(row: SqlRow, lanes: readonly SqlRow[]): Replay {
  const settings = JSON.parse(row.settings as string) as ReplaySettings;
  return {
    jobId: row.job_id as string,
    sdkAppId: row.sdk_app_id as number,
    endpointId: row.endpoint_id as string,
    ...settings,
    state: row.state as ReplayState,
    ...(row.reason !== null && { reason: row.reason as string }),
    ...countsOf(lanes),
    ...(row.started_at_ms !== null && { startedAtMs: row.started_at_ms as number }),
    ...(row.finished_at_ms !== null && { finishedAtMs: row.finished_at_ms as number }),
    lanes: lanes.map(replayLaneOf),
  };
}

function countsOf(lanes: readonly SqlRow[]): ReplayCounts {
  const sum = (name: keyof ReplayCounts): number => lanes.reduce((total, lane) => total + (lane[name] as number), 0);
  return { delivered: sum('delivered'), failed: sum('failed'), skipped: sum('skipped') };
}

function replayLaneOf(row: SqlRow): ReplayLane {
  return {
    lane: row.lane as number,
    afterSeq: row.after_seq as number,
    toSeq: row.to_seq as number,
    seq: row.seq as number,
    doneAhead: JSON.parse(row.done_ahead as string),
    tried: JSON.parse(row.tried as string),
  };
}

function settingsOf({
  fromMs,
  toMs,
  userId,
  deliveryState,
  ratePerSecond,
  total,
  createdAtMs,
}: Replay): ReplaySettings {
  return {
    fromMs,
    toMs,
    ...(userId !== undefined && { userId }),
    ...(deliveryState !== undefined && { deliveryState }),
    ratePerSecond,
    total,
    createdAtMs,
  };
}
