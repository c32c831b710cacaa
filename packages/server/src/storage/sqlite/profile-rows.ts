/** Rows of the table `profile`. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Page, Profile } from '../store.ts';

type Row = Record<string, string | number>;

/** Reads profiles. */
export class ProfileRows {
  readonly #select: StatementSync;
  readonly #list: StatementSync;

  constructor(db: DatabaseSync) {
    this.#select = db.prepare('SELECT * FROM profile WHERE lane = 0 AND sdk_app_id = ? AND user_id = ?');
    this.#list = db.prepare(`SELECT * FROM profile WHERE lane = 0 AND sdk_app_id = ? AND user_id > ? AND user_id >= ?3
      AND substr(user_id, 1, length(?3)) = ?3 AND is_deleted = 0 ORDER BY user_id LIMIT ?4`);
  }

  get(sdkAppId: number, userId: string): Profile | undefined {
    const row = this.#select.get(sdkAppId, userId) as Row | undefined;
    return row && profileOf(row);
  }

  list(query: { sdkAppId: number; limit: number; cursor?: string; prefix?: string }): Page<Profile> {
    const { sdkAppId, limit, cursor = '', prefix = '' } = query;
    const rows = this.#list.all(sdkAppId, cursor, prefix, limit + 1) as Row[];
    const items = rows.slice(0, limit).map(profileOf);
    const last = items.at(-1);
    return rows.length > limit && last ? { items, nextCursor: last.userId } : { items };
  }
}

function profileOf(row: Row): Profile {
  return {
    sdkAppId: row.sdk_app_id as number,
    userId: row.user_id as string,
    version: row.version as number,
    fields: JSON.parse(row.fields as string),
    isDeleted: row.is_deleted === 1,
    revokedAtMs: row.revoked_at_ms as number,
    lastSeq: row.last_seq as number,
    createdAtMs: row.created_at_ms as number,
    updatedAtMs: row.updated_at_ms as number,
  };
}
