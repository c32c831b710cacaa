/**
 * Writes what a batch of changes came to.
 *
 * Places are counted from where the heads stand once they have moved: -1 is the head's own seq, -2 the one before it, and so on; 0 and above is a seq
 * that is known.
 */
import type { Profile } from '../store.ts';
import type { SqlRow, SqlValue, Statement, Transaction } from './database.ts';
import {
  type ChangePlan,
  type HeadMove,
  type MovedHead,
  type Place,
  type PlannedProfile,
  timeMember,
} from './plan-changes.ts';
import { sqlState } from './postgres-error.ts';
import { prepared } from './prepared.ts';

/**
 * division_by_zero: how a statement says that a profile is no longer what it was taken for, so that nothing is committed. Where an engine gets to
 * the check later than to the rows: integrity constraints.
 */
const STALE = /^(22012|23...)$/;

const LOCK_HEADS = prepared(`SELECT h.lane, h.sdk_app_id
  FROM unnest($1::int[], $2::bigint[]) AS k (lane, sdk_app_id)
  JOIN portrait.head AS h ON h.lane = k.lane AND h.sdk_app_id = k.sdk_app_id
  WHERE NOT h.is_removed ORDER BY h.lane, h.sdk_app_id FOR UPDATE OF h`);

const COLUMNS = 'version, fields, is_deleted, revoked_at_ms, last_seq, created_at_ms, updated_at_ms';
const place = (column: string): string => `CASE WHEN ${column} < 0 THEN k.head_seq + ${column} + 1 ELSE ${column} END`;
/** An event is not older than those before it: where the head was further on, it has the head's time. */
const UPDATED_AT = 'CASE WHEN k.last_seq < 0 THEN greatest(k.updated_at_ms, k.head_ms) ELSE k.updated_at_ms END';
/** Refuses by a division by zero, so that nothing is committed. */
const check = (condition: string): string => `1 / CASE WHEN ${condition} THEN 1 ELSE 0 END AS one`;

/** A row's lane and app, and where its head stands: `k.head` is the place of its move among all, from 1. */
const AT_HEAD =
  '($1::int[])[k.head] AS lane, ($2::bigint[])[k.head] AS sdk_app_id, h.seqs[k.head] AS head_seq, h.times[k.head] AS head_ms';

/**
 * Heads, events and profiles that were there before, in one statement: what the heads came to is known to the rest of it as arrays, without a
 * search. A profile has to be of the revision that is known, and of the last event, as a node of an older version counts no revisions.
 *
 * Heads move in the order of the arrays, as there is no other way to join them but by their index: nobody waits for another in another order. A
 * subquery with an OFFSET is not taken apart: each profile is sought by its whole key, also if the plan was made for an empty table.
 */
const WRITE = prepared(`WITH moved AS (
    UPDATE portrait.head AS h SET seq = h.seq + k.events, endings = h.endings + k.endings,
      at_ms = CASE WHEN k.events > 0 THEN greatest(h.at_ms, $5::bigint) ELSE h.at_ms END
    FROM unnest($1::int[], $2::bigint[], $3::bigint[], $4::bigint[]) WITH ORDINALITY AS k (lane, sdk_app_id, events, endings, no)
    WHERE h.lane = k.lane AND h.sdk_app_id = k.sdk_app_id AND NOT h.is_removed RETURNING k.no, h.seq, h.at_ms
  ), heads AS (
    SELECT array_agg(seq ORDER BY no) AS seqs, array_agg(at_ms ORDER BY no) AS times FROM moved
  ), logged AS (
    INSERT INTO portrait.event (lane, sdk_app_id, seq, previous_seq, at_ms, user_id, version, command, client_ip, platform, body, previous, is_erased)
    SELECT k.lane, k.sdk_app_id, ${place('k.seq')}, ${place('k.previous_seq')}, k.head_ms, k.user_id, k.version, k.command, k.client_ip, k.platform,
      CASE WHEN k.head_ms = $5::bigint THEN k.body ELSE replace(k.body, $6::text || $5::bigint, $6::text || k.head_ms) END, k.previous, false
    FROM (SELECT k.*, ${AT_HEAD}
      FROM unnest($7::int[], $8::bigint[], $9::bigint[], $10::text[], $11::bigint[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[])
        AS k (head, seq, previous_seq, user_id, version, command, client_ip, platform, body, previous), heads AS h) AS k
  ), written AS (
    UPDATE portrait.profile AS p SET version = k.version, fields = k.fields, is_deleted = k.is_deleted, revoked_at_ms = k.revoked_at_ms,
      last_seq = ${place('k.last_seq')}, created_at_ms = k.created_at_ms, updated_at_ms = ${UPDATED_AT}, revision = k.revision + 1
    FROM (SELECT k.*, ${AT_HEAD}
      FROM unnest($17::int[], $18::text[], $19::bigint[], $20::text[], $21::boolean[], $22::bigint[], $23::bigint[], $24::bigint[], $25::bigint[], $26::bigint[], $27::bigint[])
        AS k (head, user_id, ${COLUMNS}, revision, known_seq), heads AS h OFFSET 0) AS k
    WHERE p.lane = k.lane AND p.sdk_app_id = k.sdk_app_id AND p.user_id = k.user_id AND p.revision = k.revision
      AND p.last_seq = k.known_seq RETURNING 1
  ) SELECT array_to_string(seqs, ',') AS seqs, array_to_string(times, ',') AS times,
    (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms,
    ${check('cardinality(seqs) = cardinality($1::int[]) AND (SELECT count(*) FROM written) = cardinality($17::int[])')} FROM heads`);

/** Records that a plan rests on, but that it neither read nor writes. -1: there is none. */
const CHECK = prepared(`SELECT ${check('count(*) = cardinality($1::int[])')}
  FROM unnest($1::int[], $2::bigint[], $3::text[], $4::bigint[]) AS k (lane, sdk_app_id, user_id, revision)
  LEFT JOIN LATERAL (SELECT revision FROM portrait.profile
    WHERE lane = k.lane AND sdk_app_id = k.sdk_app_id AND user_id = k.user_id LIMIT 1) AS p ON true
  WHERE coalesce(p.revision, -1) = k.revision`);

const JOIN_HEAD = 'JOIN portrait.head AS h ON h.lane = k.lane AND h.sdk_app_id = k.sdk_app_id';
/** Profiles of users who had none, once the heads have moved. */
const INSERT_PROFILES = prepared(`WITH written AS (
    INSERT INTO portrait.profile (lane, sdk_app_id, user_id, ${COLUMNS}, revision)
    SELECT k.lane, k.sdk_app_id, k.user_id, k.version, k.fields, k.is_deleted, k.revoked_at_ms, ${place('k.last_seq')}, k.created_at_ms, ${UPDATED_AT},
      k.created_at_ms
    FROM (SELECT k.*, h.seq AS head_seq, h.at_ms AS head_ms
      FROM unnest($1::int[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::boolean[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[])
        AS k (lane, sdk_app_id, user_id, ${COLUMNS}) ${JOIN_HEAD}) AS k
    ON CONFLICT DO NOTHING RETURNING 1
  ) SELECT ${check('count(*) = cardinality($1::int[])')} FROM written`);

const PUT_ERASURES = prepared(`INSERT INTO portrait.erasure (lane, sdk_app_id, seq)
  SELECT k.lane, k.sdk_app_id, ${place('k.seq')}
  FROM (SELECT k.*, h.seq AS head_seq FROM unnest($1::int[], $2::bigint[], $3::bigint[]) AS k (lane, sdk_app_id, seq) ${JOIN_HEAD}) AS k
  ON CONFLICT DO NOTHING`);

/** What fails if a profile is no longer what the plan was made from. */
export function isStale(error: unknown): boolean {
  return STALE.test(sqlState((error as Error | undefined)?.cause) ?? '');
}

type HeadKey = Pick<HeadMove, 'lane' | 'sdkAppId'>;

/** Locks all users of these lanes, in the order of the heads' keys, until the transaction ends. */
export function lockOf(keys: readonly HeadKey[]): Statement {
  return [LOCK_HEADS, [keys.map(({ lane }) => lane), keys.map(({ sdkAppId }) => sdkAppId)]];
}

/** @returns those heads that are there */
export async function lockHeads(tx: Transaction, keys: readonly HeadKey[]): Promise<HeadKey[]> {
  const rows = await tx.query(...lockOf(keys));
  return rows.map((row) => ({ lane: row.lane as number, sdkAppId: row.sdk_app_id as number }));
}

/** The statements that write a plan: nothing of it if a profile is no longer what the plan was made from, see {@link isStale}. */
export function writesOf(plan: ChangePlan): readonly Statement[] {
  const checks: readonly Statement[] = plan.checks.length > 0 ? [checking(plan.checks)] : [];
  if (plan.profiles.length === 0) return checks;
  const found = plan.profiles.filter(({ found }) => found.profile);
  const made = plan.profiles.filter(({ found }) => !found.profile);
  return [
    [WRITE, [...headColumns(plan), ...eventColumns(plan), ...foundColumns(found)]],
    ...(made.length > 0 ? [insertion(made)] : []),
    ...(plan.erasures.length > 0 ? [erasure(plan)] : []),
    ...checks,
  ];
}

/** What a write came to. */
export interface Moved {
  /** in the order of the plan's moves */
  readonly heads: readonly MovedHead[];
  /** the database's time; undefined if nothing was written */
  readonly nowMs: number | undefined;
}

/** @param rows  what the first of the statements gave */
export function headsMoved({ moves }: ChangePlan, rows: readonly SqlRow[]): Moved {
  const [row] = rows;
  if (moves.length === 0 || !row) return { heads: [], nowMs: undefined };
  const [seqs, times] = [numbers(row.seqs), numbers(row.times)];
  const heads = moves.map(({ lane, sdkAppId }, at) => ({
    lane,
    sdkAppId,
    seq: seqs[at] as number,
    atMs: times[at] as number,
  }));
  return { heads, nowMs: row.now_ms as number };
}

function checking(checks: ChangePlan['checks']): Statement {
  const columns = [
    checks.map(({ lane }) => lane),
    checks.map(({ sdkAppId }) => sdkAppId),
    checks.map(({ userId }) => userId),
    checks.map(({ revision }) => revision),
  ];
  return [CHECK, columns];
}

function numbers(listed: SqlRow[string] | undefined): number[] {
  return String(listed).split(',').map(Number);
}

function headColumns({ moves, atMs }: ChangePlan): SqlValue[] {
  return [
    moves.map(({ lane }) => lane),
    moves.map(({ sdkAppId }) => sdkAppId),
    moves.map(({ events }) => events),
    moves.map(({ endings }) => endings),
    atMs,
    timeMember(''),
  ];
}

function eventColumns({ events }: ChangePlan): SqlValue[] {
  return [
    events.map(({ move }) => move.no),
    events.map(placeOf),
    events.map(({ previous }) => placeOf(previous)),
    events.map(({ made }) => made.userId),
    events.map(({ made }) => made.version),
    events.map(({ made }) => made.command),
    events.map(({ made }) => made.clientIp),
    events.map(({ made }) => made.platform),
    events.map(({ made }) => made.body),
    events.map(({ made }) => JSON.stringify(made.previousItems)),
  ];
}

function foundColumns(profiles: readonly PlannedProfile[]): SqlValue[] {
  return [
    profiles.map(({ move }) => move.no),
    profiles.map(({ key }) => key.userId),
    ...valueColumns(profiles),
    profiles.map(({ found }) => found.revision),
    profiles.map(({ found }) => found.profile?.lastSeq ?? 0),
  ];
}

function insertion(profiles: readonly PlannedProfile[]): Statement {
  const keys = [
    profiles.map(({ key }) => key.lane),
    profiles.map(({ key }) => key.sdkAppId),
    profiles.map(({ key }) => key.userId),
  ];
  return [INSERT_PROFILES, [...keys, ...valueColumns(profiles)]];
}

function valueColumns(profiles: readonly PlannedProfile[]): SqlValue[] {
  const values = profiles.map(({ current }) => current as Profile);
  return [
    values.map(({ version }) => version),
    values.map(({ fields }) => JSON.stringify(fields)),
    values.map(({ isDeleted }) => isDeleted),
    values.map(({ revokedAtMs }) => revokedAtMs),
    profiles.map(({ last }) => placeOf(last)),
    values.map(({ createdAtMs }) => createdAtMs),
    values.map(({ updatedAtMs }) => updatedAtMs),
  ];
}

function erasure({ erasures }: ChangePlan): Statement {
  return [
    PUT_ERASURES,
    [
      erasures.map(({ move }) => move.lane),
      erasures.map(({ move }) => move.sdkAppId),
      erasures.map(({ last }) => placeOf(last)),
    ],
  ];
}

function placeOf(place: Place): number {
  return typeof place === 'number' ? place : place.step - place.move.events - 1;
}
