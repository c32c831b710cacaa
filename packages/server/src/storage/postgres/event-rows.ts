/** Rows of the tables `head` and `event`: the log. */
import { eventOfRow } from '../event-of-row.ts';
import type { ChangeEvent, LaneHead, LaneTail, LogBounds, Store } from '../store.ts';
import type { Database, Transaction } from './database.ts';
import { type PreparedSql, prepared } from './prepared.ts';

type Queryable = Pick<Database | Transaction, 'query'>;

/** Events of one lane above a seq. */
export interface EventsQuery {
  readonly sdkAppId: number;
  readonly lane: number;
  readonly afterSeq: number;
  readonly limit: number;
}

/** Bounds of the log in one lane of an app. */
export interface LaneBounds {
  readonly lane: number;
  /** first event that is asked for and there; above `headSeq` if there is none */
  readonly firstSeq: number;
  readonly headSeq: number;
}

const COLUMNS = [
  'lane',
  'sdk_app_id',
  'seq',
  'previous_seq',
  'at_ms',
  'user_id',
  'version',
  'command',
  'client_ip',
  'platform',
  'body',
  'previous',
  'is_erased',
].map((column) => `e.${column}`);
const READ_SQL = `SELECT k.no, ${COLUMNS.join()} FROM unnest($1::int[], $2::bigint[], $3::bigint[], $4::bigint[])
    WITH ORDINALITY AS k (lane, sdk_app_id, after_seq, most, no)
  CROSS JOIN LATERAL (SELECT * FROM portrait.event WHERE lane = k.lane AND sdk_app_id = k.sdk_app_id AND seq > k.after_seq
    AND seq <= k.after_seq + k.most ORDER BY seq LIMIT k.most) AS e ORDER BY k.no, e.seq`;
const READ = prepared(READ_SQL);
/** The same where the log may begin above `afterSeq`. */
const READ_ON = prepared(READ_SQL.replace('AND seq <= k.after_seq + k.most ', ''));

const INSERT =
  prepared(`INSERT INTO portrait.event (lane, sdk_app_id, seq, previous_seq, at_ms, user_id, version, command, client_ip, platform, body, previous, is_erased)
  SELECT *, false FROM unnest($1::int[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::bigint[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])`);

/**
 * Bisection in all lanes at once, log2 of the log: times never go back from one event of a lane to the next, and what is there has no hole.
 */
const FIRST_AT = `WITH RECURSIVE b (lane, low, high) AS (
    SELECT lane, first_seq, seq + 1 FROM portrait.head WHERE lane = ANY($1::int[]) AND sdk_app_id = $2 AND seq > 0
    UNION ALL
    SELECT b.lane, CASE WHEN e.at_ms < $3 THEN e.seq + 1 ELSE b.low END, CASE WHEN e.at_ms < $3 THEN b.high ELSE e.seq END
    FROM b CROSS JOIN LATERAL (SELECT seq, at_ms FROM portrait.event WHERE lane = b.lane AND sdk_app_id = $2 AND seq = (b.low + b.high) / 2 LIMIT 1) AS e
    WHERE b.low < b.high
  ) SELECT lane, low AS first_seq FROM b WHERE low >= high`;

/** For each query its events, in order. */
export async function readEvents(db: Queryable, queries: readonly EventsQuery[]): Promise<ChangeEvent[][]> {
  const found = await readWith(db, READ, queries);
  // nothing where something was asked for: the log may begin further up
  const empty = queries
    .map((query, at) => ({ query, at }))
    .filter(({ at, query }) => found[at]?.length === 0 && query.limit > 0);
  if (empty.length === 0) return found;
  const further = await readWith(
    db,
    READ_ON,
    empty.map(({ query }) => query),
  );
  for (const [index, { at }] of empty.entries()) found[at] = further[index] ?? [];
  return found;
}

async function readWith(db: Queryable, sql: PreparedSql, queries: readonly EventsQuery[]): Promise<ChangeEvent[][]> {
  const found: ChangeEvent[][] = queries.map(() => []);
  const rows = await db.query(sql, [
    queries.map(({ lane }) => lane),
    queries.map(({ sdkAppId }) => sdkAppId),
    queries.map(({ afterSeq }) => afterSeq),
    queries.map(({ limit }) => limit),
  ]);
  for (const row of rows) found[Number(row.no) - 1]?.push(eventOfRow(row));
  return found;
}

/** Those of some places, in their order; undefined where there is none. */
export async function getEvents(
  db: Queryable,
  sdkAppId: number,
  places: readonly { readonly lane: number; readonly seq: number }[],
): Promise<(ChangeEvent | undefined)[]> {
  const queries = places.map(({ lane, seq }) => ({ sdkAppId, lane, afterSeq: seq - 1, limit: 1 }));
  return (await readWith(db, READ, queries)).map(([event]) => event);
}

/** Append to the log. Each has its place already. */
export function insertEvents(tx: Transaction, events: readonly ChangeEvent[]): void {
  if (events.length === 0) return;
  tx.send(INSERT, [
    events.map(({ lane }) => lane),
    events.map(({ sdkAppId }) => sdkAppId),
    events.map(({ seq }) => seq),
    events.map(({ previousSeq }) => previousSeq),
    events.map(({ atMs }) => atMs),
    events.map(({ userId }) => userId),
    events.map(({ version }) => version),
    events.map(({ command }) => command),
    events.map(({ clientIp }) => clientIp),
    events.map(({ platform }) => platform),
    events.map(({ body }) => body),
    events.map(({ previousItems }) => JSON.stringify(previousItems)),
  ]);
}

/** Heads of all apps in these lanes. */
export async function readHeads(db: Queryable, lanes: readonly number[]): Promise<LaneHead[]> {
  if (lanes.length === 0) return [];
  const rows = await db.query(
    'SELECT sdk_app_id, lane, seq FROM portrait.head WHERE lane = ANY($1::int[]) AND seq > 0',
    [lanes],
  );
  return rows.map(({ sdk_app_id: sdkAppId, lane, seq }) => ({ sdkAppId, lane, seq }) as LaneHead);
}

/** Bounds of an app's log in those of `lanes` in which it ever had an event. @param fromMs  only what was made then or later */
export async function readBounds(
  db: Queryable,
  {
    sdkAppId,
    lanes,
    fromMs,
  }: { readonly sdkAppId: number; readonly lanes: readonly number[]; readonly fromMs?: number | undefined },
): Promise<LaneBounds[]> {
  const heads = await db.query(
    'SELECT lane, seq, first_seq FROM portrait.head WHERE lane = ANY($1::int[]) AND sdk_app_id = $2 AND seq > 0 ORDER BY lane',
    [lanes, sdkAppId],
  );
  const firsts =
    fromMs === undefined || heads.length === 0 ? undefined : await firstSeqsAt(db, { sdkAppId, lanes, atMs: fromMs });
  return heads.map((row) => {
    const [lane, headSeq] = [row.lane as number, row.seq as number];
    return { lane, headSeq, firstSeq: firsts?.get(lane) ?? (row.first_seq as number) };
  });
}

/** @returns by lane the first seq whose event is not older than `atMs`; head + 1 if there is none */
export async function firstSeqsAt(
  db: Queryable,
  { sdkAppId, lanes, atMs }: { readonly sdkAppId: number; readonly lanes: readonly number[]; readonly atMs: number },
): Promise<Map<number, number>> {
  const rows = await db.query(FIRST_AT, [lanes, sdkAppId, atMs]);
  return new Map(rows.map((row) => [row.lane as number, row.first_seq as number]));
}

/** What `Store.readLogBounds` gives. */
export async function readLogBounds(
  db: Queryable,
  lanes: readonly number[],
  { sdkAppId, fromMs }: Parameters<Store['readLogBounds']>[0],
): Promise<LogBounds[]> {
  const bounds = await readBounds(db, { sdkAppId, lanes, fromMs });
  return bounds.map(({ lane, firstSeq, headSeq }) => ({ lane, afterSeq: firstSeq - 1, headSeq }));
}

/** Where the lanes of an app begin. */
export async function readTails(db: Queryable, sdkAppId: number, lanes: readonly number[]): Promise<LaneTail[]> {
  const rows = await db.query(
    `SELECT h.lane, e.seq, e.at_ms FROM portrait.head AS h JOIN portrait.event AS e
      ON e.lane = h.lane AND e.sdk_app_id = h.sdk_app_id AND e.seq = h.first_seq
      WHERE h.lane = ANY($1::int[]) AND h.sdk_app_id = $2 ORDER BY h.lane`,
    [lanes, sdkAppId],
  );
  return rows.map((row) => ({ lane: row.lane as number, seq: row.seq as number, atMs: row.at_ms as number }));
}
