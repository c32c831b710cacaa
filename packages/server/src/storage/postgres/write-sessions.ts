/**
 * Writes rows of the table `session`, as many as wait in one transaction.
 *
 * Who writes locks the rows of the lanes first, in their order: so the logins of a user go one after the other, each sees what those before it
 * have done, and nobody waits for somebody who waits for him. All of it is one way to the server and back: what is to be ended is worked out there.
 */
import { instancePlatformOf } from '@portrait/wire';
import { laneOf } from '../lane.ts';
import type { EndedSession, Entered, SessionEntry, SessionKey } from '../session-store.ts';
import type { JobResult } from './batch-queue.ts';
import type { SqlRow, Transaction } from './database.ts';
import { nowSql } from './now.ts';
import { prepared } from './prepared.ts';
import { countsSql, endedOf, nodesSinceSql, type SessionRowsOptions } from './session-rows.ts';

/** What a client calls its platform is kept up to this length. */
const MAX_PLATFORM_CHARACTERS = 32;

const KEY = '(lane, sdk_app_id, user_id, inst_id)';
const sameKey = (a: string, b: string): string =>
  `${a}.lane = ${b}.lane AND ${a}.sdk_app_id = ${b}.sdk_app_id AND ${a}.user_id = ${b}.user_id AND ${a}.inst_id = ${b}.inst_id`;

const LOCK = prepared('SELECT lane FROM portrait.session_lane WHERE lane = ANY($1::int[]) ORDER BY lane FOR UPDATE');

const LEAVE = prepared(`DELETE FROM portrait.session AS s
  USING unnest($1::int[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::text[])
    AS k (lane, sdk_app_id, user_id, inst_id, node, no, asker)
  WHERE ${sameKey('s', 'k')} AND s.node = k.node AND s.no = k.no
    AND (s.node = k.asker OR s.node <> ALL (${nodesSinceSql(nowSql('$8'))}))`);

const ENTER =
  prepared(`INSERT INTO portrait.session (lane, sdk_app_id, user_id, inst_id, node, no, kind, platform, platform_number, client_ip,
    login_at_ms, connected_at_ms)
  SELECT lane, sdk_app_id, user_id, inst_id, node, no, kind, platform, platform_number, client_ip,
    coalesce(login_at_ms, ${nowSql('$13')}), coalesce(connected_at_ms, ${nowSql('$13')})
  FROM unnest($1::int[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::text[], $8::text[], $9::text[], $10::text[],
    $11::bigint[], $12::bigint[]) AS k (lane, sdk_app_id, user_id, inst_id, node, no, kind, platform, platform_number, client_ip,
    login_at_ms, connected_at_ms)
  ON CONFLICT ${KEY} DO UPDATE SET node = excluded.node, no = excluded.no, kind = excluded.kind, platform = excluded.platform,
    platform_number = excluded.platform_number, client_ip = excluded.client_ip, login_at_ms = excluded.login_at_ms,
    connected_at_ms = excluded.connected_at_ms, ended_by = NULL, ended_by_platform = NULL, ended_by_number = NULL
  WHERE NOT $14::boolean OR portrait.session.connected_at_ms <= excluded.connected_at_ms
  RETURNING no, login_at_ms, connected_at_ms`);

/** The oldest logins beyond the limit. They give way to the one that has just come, or that one to the newest. */
const END = prepared(`WITH placed AS (
    SELECT s.lane, s.sdk_app_id, s.user_id, s.inst_id, s.kind, s.platform, s.platform_number, k.opened, k.most,
      row_number() OVER (PARTITION BY s.lane, s.sdk_app_id, s.user_id, s.kind ORDER BY s.login_at_ms DESC, s.no DESC, s.inst_id DESC) AS place
    FROM unnest($1::int[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::bigint[]) AS k (lane, sdk_app_id, user_id, opened, kind, most)
    JOIN portrait.session AS s ON s.lane = k.lane AND s.sdk_app_id = k.sdk_app_id AND s.user_id = k.user_id AND s.kind = k.kind
    WHERE ${countsSql({ node: '$7', now: '$8' })}
  )
  UPDATE portrait.session AS s SET ended_by = b.inst_id, ended_by_platform = b.platform, ended_by_number = b.platform_number
  FROM placed AS e JOIN placed AS b ON b.lane = e.lane AND b.sdk_app_id = e.sdk_app_id AND b.user_id = e.user_id AND b.kind = e.kind
    AND CASE WHEN e.inst_id = e.opened THEN b.place = 1 ELSE b.inst_id = b.opened END
  WHERE e.place > e.most AND ${sameKey('s', 'e')}
  RETURNING s.sdk_app_id, s.user_id, s.inst_id, s.node, s.no, s.ended_by, s.ended_by_platform, s.ended_by_number`);

/** Something to write. */
export type SessionJob =
  | { readonly kind: 'enter'; readonly entry: SessionEntry }
  | { readonly kind: 'leave'; readonly key: SessionKey; readonly asker: string };

/** The user whose session it is. */
export function ownerOf(job: SessionJob): SessionKey {
  return job.kind === 'enter' ? job.entry : job.key;
}

/**
 * All of them in one transaction, those who leave first.
 *
 * @returns a result for each, in order; undefined of those that leave
 * @throws StoreError the transaction failed as a whole
 */
export async function writeSessions(
  options: SessionRowsOptions,
  jobs: readonly SessionJob[],
): Promise<readonly JobResult<Entered | undefined>[]> {
  const { database, time, laneCount } = options;
  const place = <T extends SessionKey>(one: T): T & { lane: number } => {
    return { ...one, lane: laneOf(one.sdkAppId, one.userId, laneCount) };
  };
  const entries = jobs.flatMap((job) => (job.kind === 'enter' ? [place(job.entry)] : []));
  const leaves = jobs.flatMap((job) => (job.kind === 'leave' ? [{ ...place(job.key), asker: job.asker }] : []));
  const lanes = [...new Set([...entries, ...leaves].map(({ lane }) => lane))].sort((a, b) => a - b);
  // nothing is waited for before the COMMIT is sent
  const { rows } = await database.transaction(async (tx) => {
    const nowMs = time() ?? null;
    tx.send(LOCK, [lanes]);
    if (leaves.length > 0) tx.send(LEAVE, [...keyColumns(leaves), leaves.map(({ asker }) => asker), nowMs]);
    const sent = Promise.all([enter(tx, lastOfEach(entries), nowMs), end(tx, entries, nowMs)]);
    sent.catch(() => undefined); // the transaction tells
    return { rows: sent };
  });
  const [entered, ended] = await rows;
  return jobs.map((job) => ({ value: job.kind === 'enter' ? resultOf(job.entry, entered, ended) : undefined }));
}

type PlacedKey = SessionKey & { readonly lane: number };
type PlacedEntry = SessionEntry & { readonly lane: number };

async function enter(
  tx: Transaction,
  entries: readonly PlacedEntry[],
  nowMs: number | null,
): Promise<ReadonlyMap<number, SqlRow>> {
  const [before, now] = [entries.filter(wasThere), entries.filter((entry) => !wasThere(entry))];
  const rows = await Promise.all([
    put(tx, now, { nowMs, mayHaveMoved: false }),
    put(tx, before, { nowMs, mayHaveMoved: true }),
  ]);
  return new Map(rows.flat().map((row) => [row.no as number, row]));
}

async function put(
  tx: Transaction,
  entries: readonly PlacedEntry[],
  { nowMs, mayHaveMoved }: { readonly nowMs: number | null; readonly mayHaveMoved: boolean },
): Promise<readonly SqlRow[]> {
  if (entries.length === 0) return [];
  return await tx.query(ENTER, [
    ...keyColumns(entries),
    entries.map(kindOf),
    entries.map(({ platform }) => platform),
    entries.map(({ platformNumber }) => platformText(platformNumber)),
    entries.map(({ clientIp }) => clientIp),
    entries.map(({ loginAtMs }) => loginAtMs ?? null),
    entries.map(({ connectedAtMs }) => connectedAtMs ?? null),
    nowMs,
    mayHaveMoved,
  ]);
}

async function end(
  tx: Transaction,
  entries: readonly PlacedEntry[],
  nowMs: number | null,
): Promise<readonly EndedSession[]> {
  const limited = entries.filter(({ maxPerPlatform }) => maxPerPlatform > 0);
  const last = [...new Map(limited.map((entry) => [placeOf(entry), entry])).values()];
  const [first] = last;
  if (!first) return [];
  const rows = await tx.query(END, [
    last.map(({ lane }) => lane),
    last.map(({ sdkAppId }) => sdkAppId),
    last.map(({ userId }) => userId),
    last.map(({ instId }) => instId),
    last.map(kindOf),
    last.map(({ maxPerPlatform }) => maxPerPlatform),
    first.node,
    nowMs,
  ]);
  return rows.map(endedOf);
}

/** What was ended is told to each entry of its user and platform. */
function resultOf(entry: SessionEntry, entered: ReadonlyMap<number, SqlRow>, ended: readonly EndedSession[]): Entered {
  const row = entered.get(entry.no);
  if (!row) return { kind: 'moved' };
  return {
    kind: 'entered',
    loginAtMs: row.login_at_ms as number,
    connectedAtMs: row.connected_at_ms as number,
    ended: ended.filter(({ sdkAppId, userId }) => sdkAppId === entry.sdkAppId && userId === entry.userId),
  };
}

/** A client that comes twice at once stays on its later connection. */
function lastOfEach(entries: readonly PlacedEntry[]): PlacedEntry[] {
  return [...new Map(entries.map((entry) => [`${entry.sdkAppId}/${entry.instId}/${entry.userId}`, entry])).values()];
}

function wasThere({ connectedAtMs }: SessionEntry): boolean {
  return connectedAtMs !== undefined;
}

function placeOf(entry: SessionEntry): string {
  return `${entry.sdkAppId}/${kindOf(entry)}/${entry.userId}`;
}

function kindOf({ platformNumber }: SessionEntry): string {
  return instancePlatformOf(platformNumber);
}

function keyColumns(keys: readonly PlacedKey[]): (number[] | string[])[] {
  return [
    keys.map(({ lane }) => lane),
    keys.map(({ sdkAppId }) => sdkAppId),
    keys.map(({ userId }) => userId),
    keys.map(({ instId }) => instId),
    keys.map(({ node }) => node),
    keys.map(({ no }) => no),
  ];
}

/** JSON of a number or a short text; of all else that a frame can hold, nothing. */
function platformText(raw: unknown): string | null {
  const isShort = typeof raw === 'string' && raw.length <= MAX_PLATFORM_CHARACTERS;
  return isShort || typeof raw === 'number' ? JSON.stringify(raw) : null;
}
