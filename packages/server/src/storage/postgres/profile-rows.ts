/** Rows of the table `profile`. */
import type { Page, Profile } from '../store.ts';
import type { Database, SqlRow, SqlValue, Transaction } from './database.ts';
import { prepared } from './prepared.ts';

/** Whose record. */
export interface ProfileKey {
  readonly lane: number;
  readonly sdkAppId: number;
  readonly userId: string;
}

const READ =
  prepared(`SELECT k.no, p.version, p.fields, p.is_deleted, p.revoked_at_ms, p.last_seq, p.created_at_ms, p.updated_at_ms
  FROM unnest($1::int[], $2::bigint[], $3::text[]) WITH ORDINALITY AS k (lane, sdk_app_id, user_id, no)
  CROSS JOIN LATERAL (SELECT * FROM portrait.profile WHERE lane = k.lane AND sdk_app_id = k.sdk_app_id AND user_id = k.user_id LIMIT 1) AS p`);

const PUT =
  prepared(`INSERT INTO portrait.profile (lane, sdk_app_id, user_id, version, fields, is_deleted, revoked_at_ms, last_seq, created_at_ms, updated_at_ms)
  SELECT * FROM unnest($1::int[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::boolean[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[])
  ON CONFLICT (lane, sdk_app_id, user_id) DO UPDATE SET version = excluded.version, fields = excluded.fields,
    is_deleted = excluded.is_deleted, revoked_at_ms = excluded.revoked_at_ms, last_seq = excluded.last_seq,
    created_at_ms = excluded.created_at_ms, updated_at_ms = excluded.updated_at_ms`);

/** Cheaper than PUT for those that are known to be there. */
const UPDATE =
  prepared(`UPDATE portrait.profile AS p SET version = k.version, fields = k.fields, is_deleted = k.is_deleted,
    revoked_at_ms = k.revoked_at_ms, last_seq = k.last_seq, created_at_ms = k.created_at_ms, updated_at_ms = k.updated_at_ms
  FROM unnest($1::int[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::boolean[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[])
    AS k (lane, sdk_app_id, user_id, version, fields, is_deleted, revoked_at_ms, last_seq, created_at_ms, updated_at_ms)
  WHERE p.lane = k.lane AND p.sdk_app_id = k.sdk_app_id AND p.user_id = k.user_id`);

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

/** Replace or make the records; each user once. */
export function putProfiles(tx: Transaction, profiles: readonly (Profile & { readonly lane: number })[]): void {
  if (profiles.length > 0) tx.send(PUT, columnsOf(profiles));
}

/** Replace records that are known to be there; each user once. */
export function updateProfiles(tx: Transaction, profiles: readonly (Profile & { readonly lane: number })[]): void {
  if (profiles.length > 0) tx.send(UPDATE, columnsOf(profiles));
}

function columnsOf(profiles: readonly (Profile & { readonly lane: number })[]): SqlValue[] {
  return [
    profiles.map(({ lane }) => lane),
    profiles.map(({ sdkAppId }) => sdkAppId),
    profiles.map(({ userId }) => userId),
    profiles.map(({ version }) => version),
    profiles.map(({ fields }) => JSON.stringify(fields)),
    profiles.map(({ isDeleted }) => isDeleted),
    profiles.map(({ revokedAtMs }) => revokedAtMs),
    profiles.map(({ lastSeq }) => lastSeq),
    profiles.map(({ createdAtMs }) => createdAtMs),
    profiles.map(({ updatedAtMs }) => updatedAtMs),
  ];
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
