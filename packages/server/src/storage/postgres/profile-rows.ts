/** Rows of the table `profile`. */
import type { Page, Profile } from '../store.ts';
import type { Database, SqlRow, Transaction } from './database.ts';
import { nowSql } from './now.ts';
import { prepared } from './prepared.ts';

/** Whose record. */
export interface ProfileKey {
  readonly lane: number;
  readonly sdkAppId: number;
  readonly userId: string;
}

/** A record, or that there is none, and a number that each write of it raises; -1 = none. */
export interface StoredProfile {
  readonly profile: Profile | undefined;
  readonly revision: number;
}

/** Of a record that is not there. */
export const NO_REVISION = -1;

/** What changes are worked out from. */
export interface ReadForChange {
  readonly nowMs: number;
  /** by {@link userKey} */
  readonly profiles: ReadonlyMap<string, StoredProfile>;
}

const READ =
  prepared(`SELECT k.no, p.version, p.fields, p.is_deleted, p.revoked_at_ms, p.last_seq, p.created_at_ms, p.updated_at_ms
  FROM unnest($1::int[], $2::bigint[], $3::text[]) WITH ORDINALITY AS k (lane, sdk_app_id, user_id, no)
  CROSS JOIN LATERAL (SELECT * FROM portrait.profile WHERE lane = k.lane AND sdk_app_id = k.sdk_app_id AND user_id = k.user_id LIMIT 1) AS p`);

/** The same with the time and the row's revision; a row of nothing for a user who has none. */
const READ_FOR_CHANGE = prepared(`SELECT k.no, CASE k.no WHEN 1 THEN ${nowSql('$4')} END AS now_ms,
    p.version, p.fields, p.is_deleted, p.revoked_at_ms, p.last_seq, p.created_at_ms, p.updated_at_ms, p.revision
  FROM unnest($1::int[], $2::bigint[], $3::text[]) WITH ORDINALITY AS k (lane, sdk_app_id, user_id, no)
  LEFT JOIN LATERAL (SELECT * FROM portrait.profile
    WHERE lane = k.lane AND sdk_app_id = k.sdk_app_id AND user_id = k.user_id LIMIT 1) AS p ON true ORDER BY k.no`);

/** Of all of a store's users. */
export function userKey({ sdkAppId, userId }: { readonly sdkAppId: number; readonly userId: string }): string {
  return `${sdkAppId}:${userId}`;
}

/** By UserID in the order of its bytes; each lane gives its first ones. */
const LIST = `SELECT p.* FROM unnest($1::int[]) AS l (lane) CROSS JOIN LATERAL (
    SELECT * FROM portrait.profile WHERE lane = l.lane AND sdk_app_id = $2 AND user_id > $3 AND user_id >= $4
      AND left(user_id, length($4)) = $4 AND NOT is_deleted ORDER BY user_id LIMIT $5) AS p
  ORDER BY p.user_id LIMIT $5`;

/** The records in the order asked for, undefined where there is none. */
export async function readProfiles(
  db: Pick<Database | Transaction, 'query'>,
  keys: readonly ProfileKey[],
): Promise<(Profile | undefined)[]> {
  const profiles = new Array<Profile | undefined>(keys.length).fill(undefined);
  const columns = [
    keys.map(({ lane }) => lane),
    keys.map(({ sdkAppId }) => sdkAppId),
    keys.map(({ userId }) => userId),
  ];
  for (const row of await db.query(READ, columns)) {
    const at = (row.no as number) - 1;
    const { sdkAppId, userId } = keys[at] as ProfileKey;
    profiles[at] = profileOf(row, { sdkAppId, userId });
  }
  return profiles;
}

/** What the rule needs to know: the records there are, and the database's time. @param nowMs  in place of that time */
export async function readForChange(
  db: Pick<Database | Transaction, 'query'>,
  keys: readonly ProfileKey[],
  nowMs: number | undefined,
): Promise<ReadForChange> {
  const rows = await db.query(READ_FOR_CHANGE, [
    keys.map(({ lane }) => lane),
    keys.map(({ sdkAppId }) => sdkAppId),
    keys.map(({ userId }) => userId),
    nowMs ?? null,
  ]);
  const profiles = new Map<string, StoredProfile>();
  for (const row of rows) {
    const { sdkAppId, userId } = keys[(row.no as number) - 1] as ProfileKey;
    const profile = row.version === null ? undefined : profileOf(row, { sdkAppId, userId });
    const revision = profile ? (row.revision as number) : NO_REVISION;
    profiles.set(userKey({ sdkAppId, userId }), { profile, revision });
  }
  return { nowMs: rows[0]?.now_ms as number, profiles };
}

/** Accounts that are not deleted, by UserID. */
export async function listProfiles(
  db: Database,
  lanes: readonly number[],
  query: { sdkAppId: number; limit: number; cursor?: string; prefix?: string },
): Promise<Page<Profile>> {
  const { sdkAppId, limit, cursor = '', prefix = '' } = query;
  const rows = await db.query(LIST, [lanes, sdkAppId, cursor, prefix, limit + 1]);
  const items = rows.slice(0, limit).map((row) => profileOf(row, { sdkAppId, userId: row.user_id as string }));
  const last = items.at(-1);
  return rows.length > limit && last ? { items, nextCursor: last.userId } : { items };
}

function profileOf(row: SqlRow, key: Pick<Profile, 'sdkAppId' | 'userId'>): Profile {
  return {
    ...key,
    version: row.version as number,
    fields: JSON.parse(row.fields as string),
    isDeleted: row.is_deleted as boolean,
    revokedAtMs: row.revoked_at_ms as number,
    lastSeq: row.last_seq as number,
    createdAtMs: row.created_at_ms as number,
    updatedAtMs: row.updated_at_ms as number,
  };
}
