/** Rows of the table `profile`, with the newest in memory. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { LRUCache } from 'lru-cache';
import type { Page, Profile } from '../store.ts';
import type { Staged } from './group-commit.ts';

/** About 1 kB each. The process is the file's only writer, so that what is here is what is stored. */
const MAX_CACHED_PROFILES = 10_000;

type Row = Record<string, string | number>;

/** Reads and writes profiles; writes are visible to `get` at once, and kept only if their transaction commits. */
export class Profiles implements Staged {
  readonly #cache = new LRUCache<string, Profile>({ max: MAX_CACHED_PROFILES });
  readonly #staged = new Map<string, Profile>();
  readonly #select: StatementSync;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #list: StatementSync;

  constructor(db: DatabaseSync) {
    this.#select = db.prepare('SELECT * FROM profile WHERE lane = 0 AND sdk_app_id = ? AND user_id = ?');
    this.#insert =
      db.prepare(`INSERT INTO profile (lane, version, fields, is_deleted, revoked_at_ms, last_seq, created_at_ms,
      updated_at_ms, sdk_app_id, user_id) VALUES (0, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#update =
      db.prepare(`UPDATE profile SET version = ?, fields = ?, is_deleted = ?, revoked_at_ms = ?, last_seq = ?,
      created_at_ms = ?, updated_at_ms = ? WHERE lane = 0 AND sdk_app_id = ? AND user_id = ?`);
    this.#list = db.prepare(`SELECT * FROM profile WHERE lane = 0 AND sdk_app_id = ? AND user_id > ? AND user_id >= ?
      AND substr(user_id, 1, length(?3)) = ?3 AND is_deleted = 0 ORDER BY user_id LIMIT ?`);
  }

  get(sdkAppId: number, userId: string): Profile | undefined {
    const key = `${sdkAppId}:${userId}`;
    const known = this.#staged.get(key) ?? this.#cache.get(key);
    if (known) return known;
    const row = this.#select.get(sdkAppId, userId) as Row | undefined;
    if (!row) return undefined;
    const profile = profileOf(row);
    this.#cache.set(key, profile);
    return profile;
  }

  /** @param current  what `get` gave: undefined makes a new row */
  put(current: Profile | undefined, profile: Profile): void {
    const { sdkAppId, userId, version, fields, isDeleted, revokedAtMs, lastSeq, createdAtMs, updatedAtMs } = profile;
    (current ? this.#update : this.#insert).run(
      version,
      JSON.stringify(fields),
      isDeleted ? 1 : 0,
      revokedAtMs,
      lastSeq,
      createdAtMs,
      updatedAtMs,
      sdkAppId,
      userId,
    );
    this.#staged.set(`${sdkAppId}:${userId}`, profile);
  }

  list(query: { sdkAppId: number; limit: number; cursor?: string; prefix?: string }): Page<Profile> {
    const { sdkAppId, limit, cursor = '', prefix = '' } = query;
    const rows = this.#list.all(sdkAppId, cursor, prefix, limit + 1) as Row[];
    const items = rows.slice(0, limit).map(profileOf);
    const last = items.at(-1);
    return rows.length > limit && last ? { items, nextCursor: last.userId } : { items };
  }

  /** Forget the profiles of an app whose rows are gone. */
  forget(sdkAppId: number): void {
    for (const key of this.#cache.keys()) {
      if (key.startsWith(`${sdkAppId}:`)) this.#cache.delete(key);
    }
  }

  publish(): void {
    for (const [key, profile] of this.#staged) this.#cache.set(key, profile);
    this.#staged.clear();
  }

  discard(): void {
    this.#staged.clear();
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
