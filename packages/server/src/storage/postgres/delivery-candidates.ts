/**
 * Where the deliveries of a query can be: for each lane the seqs that may fit, falling, some at a time. What is rare is found by the indexes of
 * what went wrong; all else is looked at one by one.
 */
import type { DeliveryQuery, DeliveryState } from '../store.ts';
import type { Database, SqlValue } from './database.ts';

/** A place in the log that may fit. */
export interface Candidate {
  readonly lane: number;
  readonly seq: number;
  readonly atMs: number;
}

/** Part of a lane that is still to be looked at, both ends included. */
export interface LaneRange {
  readonly lane: number;
  readonly low: number;
  readonly high: number;
}

/** What a search goes by. */
export interface CandidateQuery {
  readonly query: DeliveryQuery;
  readonly endpointNos: readonly number[];
  /** so many of each lane */
  readonly limit: number;
}

const PARKED_STATES: readonly DeliveryState[] = ['retrying', 'waiting', 'held'];
const INDEXED_STATES: readonly DeliveryState[] = [...PARKED_STATES, 'dead', 'pending'];

const HERE = 'lane = r.lane AND endpoint_no = ANY($5::bigint[]) AND seq BETWEEN r.low AND r.high';
const FAILED = `SELECT DISTINCT seq FROM portrait.attempt WHERE ${HERE} AND outcome <> 'delivered' AND reason = $6`;
const DEAD = `SELECT DISTINCT seq FROM portrait.attempt WHERE ${HERE} AND outcome = 'dead'`;
const PARKED = `SELECT DISTINCT seq FROM portrait.parked_event WHERE ${HERE}`;
const PENDING = `SELECT seq FROM portrait.event WHERE lane = r.lane AND sdk_app_id = $4 AND seq <= r.high AND seq > greatest(r.low - 1,
  (SELECT min(seq) FROM portrait.cursor WHERE lane = r.lane AND endpoint_no = ANY($5::bigint[])))`;
const ALL = 'SELECT seq FROM portrait.event WHERE lane = r.lane AND sdk_app_id = $4 AND seq BETWEEN r.low AND r.high';

/**
 * Down a user's history, from the event at the top of the range. LATERAL with a limit: one step down the key for each event, where a join was
 * planned as a look through the whole lane for each.
 */
const CHAIN = `WITH RECURSIVE chain AS (
    SELECT seq, at_ms, previous_seq, version, 1 AS steps FROM portrait.event WHERE lane = $1 AND sdk_app_id = $2 AND seq = $3
    UNION ALL
    SELECT e.seq, e.at_ms, e.previous_seq, e.version, chain.steps + 1 FROM chain
      CROSS JOIN LATERAL (SELECT * FROM portrait.event WHERE lane = $1 AND sdk_app_id = $2 AND seq = chain.previous_seq LIMIT 1) AS e
      WHERE chain.steps < $4 AND e.version >= $5
  ) SELECT seq, at_ms, previous_seq, version FROM chain ORDER BY seq DESC`;

/** @returns in each lane the highest seqs that may fit, at most `limit`, falling */
export async function readCandidates(
  db: Database,
  ranges: readonly LaneRange[],
  { query, endpointNos, limit }: CandidateQuery,
): Promise<Candidate[]> {
  const parts = partsOf(query);
  const isFiltered = parts.some((part) => part.includes('$5'));
  const values: SqlValue[] = [
    ranges.map(({ lane }) => lane),
    ranges.map(({ low }) => low),
    ranges.map(({ high }) => high),
    query.sdkAppId,
  ];
  if (isFiltered || query.reason !== undefined) values.push(endpointNos);
  if (query.reason !== undefined) values.push(query.reason);
  const found = parts.map((part) => `(${part} ORDER BY seq DESC LIMIT ${Math.trunc(limit)})`).join(' UNION ');
  const sql = `SELECT e.lane, e.seq, e.at_ms FROM unnest($1::int[], $2::bigint[], $3::bigint[]) AS r (lane, low, high)
    CROSS JOIN LATERAL (SELECT DISTINCT seq FROM (${found}) AS f ORDER BY seq DESC LIMIT ${Math.trunc(limit)}) AS c
    CROSS JOIN LATERAL (SELECT lane, seq, at_ms FROM portrait.event WHERE lane = r.lane AND sdk_app_id = $4 AND seq = c.seq LIMIT 1) AS e ORDER BY e.lane, e.seq DESC`;
  return (await db.query(sql, values)).map((row) => ({
    lane: row.lane as number,
    seq: row.seq as number,
    atMs: row.at_ms as number,
  }));
}

/** @returns the next events of the user whose event stands at `range.high`, and where his history goes on; 0 = it ends */
export async function followChain(
  db: Database,
  { lane, high }: LaneRange,
  { query, limit }: CandidateQuery,
): Promise<{ readonly candidates: Candidate[]; readonly next: number }> {
  const { sdkAppId, sequence } = query;
  const rows = await db.query(CHAIN, [lane, sdkAppId, high, limit, sequence ?? 0]);
  const fitting = rows.filter((row) => sequence === undefined || row.version === sequence);
  const candidates = fitting.map((row) => ({ lane, seq: row.seq as number, atMs: row.at_ms as number }));
  return { candidates, next: rows.length < limit ? 0 : ((rows.at(-1)?.previous_seq as number | undefined) ?? 0) };
}

function partsOf({ states, reason }: DeliveryQuery): readonly string[] {
  if (reason !== undefined) return [FAILED];
  if (!states?.every((state) => INDEXED_STATES.includes(state))) return [ALL];
  const parts: string[] = [];
  if (states.includes('dead')) parts.push(DEAD);
  if (states.includes('pending')) parts.push(PENDING);
  if (states.some((state) => PARKED_STATES.includes(state))) parts.push(PARKED);
  return parts;
}
