/** Removes what is old: from the start of each lane's log, in small steps. */
import type { StepResult } from '../store.ts';
import type { Database, Transaction } from './database.ts';
import { endpointsOf } from './settings.ts';

/** Events and attempts that a step removes, more or less. */
const ROWS_PER_STEP = 1_000;
const LANES_PER_STEP = 32;

/** By lane the lowest seq that somebody still needs: a cursor, a parked user, a replay. */
const NEEDED = `SELECT lane, min(seq) AS seq FROM (
    SELECT lane, seq + 1 AS seq FROM portrait.cursor WHERE endpoint_no = ANY($2::bigint[])
    UNION ALL SELECT lane, first_seq FROM portrait.parked WHERE endpoint_no = ANY($2::bigint[]) AND first_seq IS NOT NULL
    UNION ALL SELECT l.lane, l.seq + 1 FROM portrait.replay AS r JOIN portrait.replay_lane AS l ON l.job_no = r.job_no
      WHERE r.sdk_app_id = $1 AND r.state IN ('queued', 'running') AND l.seq < l.to_seq
  ) AS n GROUP BY lane`;

/** Lanes whose first event may go: each of them makes the step come further. */
const CHOOSE = `SELECT h.lane FROM portrait.head AS h
  JOIN portrait.event AS e ON e.lane = h.lane AND e.sdk_app_id = h.sdk_app_id AND e.seq = h.first_seq
  LEFT JOIN (${NEEDED}) AS n ON n.lane = h.lane
  WHERE h.sdk_app_id = $1 AND e.at_ms < $3 AND (n.seq IS NULL OR n.seq > h.first_seq) AND NOT EXISTS (
    SELECT 1 FROM portrait.attempt AS a WHERE a.lane = h.lane AND a.endpoint_no = ANY($2::bigint[]) AND a.seq = h.first_seq AND a.at_ms >= $3)
  ORDER BY h.lane LIMIT ${LANES_PER_STEP}`;

const LOCK = 'SELECT lane FROM portrait.head WHERE lane = ANY($1::int[]) AND sdk_app_id = $2 ORDER BY lane FOR UPDATE';

/** What of these lanes goes: up to the first event that is young, was tried lately, or is needed. */
const BOUNDS = `SELECT h.lane, h.first_seq, least(h.seq, h.first_seq + $5 - 1, n.seq - 1,
    (SELECT min(e.seq) - 1 FROM portrait.event AS e WHERE e.lane = h.lane AND e.sdk_app_id = $1
      AND e.seq BETWEEN h.first_seq AND h.first_seq + $5 - 1 AND e.at_ms >= $3),
    (SELECT min(a.seq) - 1 FROM portrait.attempt AS a WHERE a.lane = h.lane AND a.endpoint_no = ANY($2::bigint[])
      AND a.seq BETWEEN h.first_seq AND h.first_seq + $5 - 1 AND a.at_ms >= $3)) AS last_seq
  FROM portrait.head AS h LEFT JOIN (${NEEDED}) AS n ON n.lane = h.lane
  WHERE h.lane = ANY($4::int[]) AND h.sdk_app_id = $1`;

const RANGES = 'unnest($1::int[], $2::bigint[], $3::bigint[]) AS k (lane, first_seq, last_seq)';
const DROP_EVENTS = `DELETE FROM portrait.event AS e USING ${RANGES}
  WHERE e.lane = k.lane AND e.sdk_app_id = $4 AND e.seq BETWEEN k.first_seq AND k.last_seq`;
const DROP_ATTEMPTS = `DELETE FROM portrait.attempt AS a USING ${RANGES}
  WHERE a.lane = k.lane AND a.endpoint_no = ANY($4::bigint[]) AND a.seq BETWEEN k.first_seq AND k.last_seq`;
const DROP_PASSED = `DELETE FROM portrait.passed AS p USING ${RANGES}
  WHERE p.lane = k.lane AND p.endpoint_no = ANY($4::bigint[]) AND p.to_seq <= k.last_seq AND k.first_seq > 0`;
const MOVE = `UPDATE portrait.head AS h SET first_seq = k.last_seq + 1 FROM ${RANGES}
  WHERE h.lane = k.lane AND h.sdk_app_id = $4 AND k.first_seq > 0`;

/** One step: see `Store.removeExpired`. */
export function removeExpired(
  database: Database,
  { sdkAppId, beforeMs }: { readonly sdkAppId: number; readonly beforeMs: number },
): Promise<StepResult> {
  return database.transaction(async (tx) => {
    const endpointNos = (await endpointsOf(tx, sdkAppId)).map(({ endpointNo }) => endpointNo);
    const chosen = (await tx.query(CHOOSE, [sdkAppId, endpointNos, beforeMs])).map((row) => row.lane as number);
    if (chosen.length === 0) return { events: 0, isDone: true };
    // with the heads locked no endpoint is made that would begin there
    tx.send(LOCK, [chosen, sdkAppId]);
    const perLane = Math.max(1, Math.floor(ROWS_PER_STEP / chosen.length / (1 + endpointNos.length)));
    const bounds = await tx.query(BOUNDS, [sdkAppId, endpointNos, beforeMs, chosen, perLane]);
    const ranges = bounds
      .map((row) => ({ lane: row.lane as number, first: row.first_seq as number, last: row.last_seq as number }))
      .filter(({ first, last }) => last >= first);
    drop(tx, ranges, { sdkAppId, endpointNos });
    return { events: ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0), isDone: false };
  });
}

function drop(
  tx: Transaction,
  ranges: readonly { readonly lane: number; readonly first: number; readonly last: number }[],
  { sdkAppId, endpointNos }: { readonly sdkAppId: number; readonly endpointNos: readonly number[] },
): void {
  if (ranges.length === 0) return;
  const columns = [ranges.map(({ lane }) => lane), ranges.map(({ first }) => first), ranges.map(({ last }) => last)];
  tx.send(DROP_EVENTS, [...columns, sdkAppId]);
  tx.send(DROP_ATTEMPTS, [...columns, endpointNos]);
  tx.send(DROP_PASSED, [...columns, endpointNos]);
  tx.send(MOVE, [...columns, sdkAppId]);
}
