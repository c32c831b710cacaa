/**
 * Profiles in memory over their rows.
 *
 * A change that made an event is durable with the event: its row may follow later. Rows are scattered over the file, so that
 * writing each at once would put a page of 4 kB into every commit for each change: measured, that costs a quarter of the changes a second. So
 * rows are written in sweeps: once enough events have come, all rows that are behind, in the order of their pages, a slice in
 * each commit. `head.profile_seq` then says up to where the rows have the log; after a crash the events above it are replayed
 * (replay-log.ts). What made no event (import, delete, revoke) is written to its row at once.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { LRUCache } from 'lru-cache';
import type { LaneHead, Page, Profile } from '../store.ts';
import { ProfileRows } from './profile-rows.ts';

/** About 1 kB each. */
const MAX_CACHED_PROFILES = 20_000;
/**
 * A sweep begins after so many events, or when so many rows are behind: the first bounds what a start after a crash replays (about twice
 * that, 6 µs each), the second memory. Rarely is better: 10,000 busy users among 1,000,000 have a page of 4 kB each in every
 * sweep, which at 8,192 events halved the changes a second.
 */
const SWEEP_AFTER_EVENTS = 65_536;
const SWEEP_AFTER_ROWS = 16_384;
/** Rows that a sweep writes in one commit. */
const ROWS_PER_SLICE = 128;

interface Sweep {
  /** keys of rows to be written, last one first */
  readonly keys: string[];
  /** the rows have the log up to here when it is over */
  readonly heads: readonly LaneHead[];
}

/** Reads and writes profiles; `get` sees what `put` wrote; it is kept only if the transaction commits. */
export class Profiles {
  readonly #rows: ProfileRows;
  readonly #cache = new LRUCache<string, Profile | NoProfile>({ max: MAX_CACHED_PROFILES });
  /** of this transaction */
  readonly #staged = new Map<string, { readonly profile: Profile; readonly isInRow: boolean }>();
  /** committed, but their rows are behind */
  readonly #behind = new Map<string, Profile>();
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #mark: StatementSync;
  #sweep: Sweep | undefined;
  /** keys taken from the sweep in this transaction */
  #slice: string[] = [];
  #eventsSinceSweep = 0;
  #isSweepWanted = false;

  constructor(db: DatabaseSync) {
    this.#rows = new ProfileRows(db);
    this.#insert = db.prepare(`INSERT INTO profile (lane, version, fields, is_deleted, revoked_at_ms, last_seq,
      created_at_ms, updated_at_ms, sdk_app_id, user_id) VALUES (0, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#update =
      db.prepare(`UPDATE profile SET version = ?, fields = ?, is_deleted = ?, revoked_at_ms = ?, last_seq = ?,
      created_at_ms = ?, updated_at_ms = ? WHERE lane = 0 AND sdk_app_id = ? AND user_id = ?`);
    this.#mark = db.prepare('UPDATE head SET profile_seq = ? WHERE lane = 0 AND sdk_app_id = ?');
  }

  get(sdkAppId: number, userId: string): Profile | undefined {
    const key = `${sdkAppId}:${userId}`;
    const known =
      this.#staged.get(key)?.profile ?? this.#behind.get(key) ?? this.#cache.get(key) ?? this.#load(sdkAppId, userId);
    return 'userId' in known ? known : undefined;
  }

  /**
   * @param current   what `get` gave: undefined makes a new row
   * @param isLogged  an event of the same transaction holds the change
   */
  put(current: Profile | undefined, profile: Profile, isLogged: boolean): void {
    // that an account is there again is not in the log
    const isInRow = !isLogged || current === undefined || current.isDeleted;
    if (isInRow) this.#write(current ? this.#update : this.#insert, profile);
    if (isLogged) this.#eventsSinceSweep += 1;
    this.#staged.set(`${profile.sdkAppId}:${profile.userId}`, { profile, isInRow });
  }

  /** Accounts that are not deleted, by UserID. */
  list(query: { sdkAppId: number; limit: number; cursor?: string; prefix?: string }): Page<Profile> {
    const { items, nextCursor } = this.#rows.list(query);
    const newest = items.map((row) => this.#behind.get(`${row.sdkAppId}:${row.userId}`) ?? row);
    return nextCursor === undefined ? { items: newest } : { items: newest, nextCursor };
  }

  /**
   * Write a slice of the rows that are behind, if it is time for it: the last thing but one in a transaction.
   *
   * @param heads  of the log before this transaction
   * @param all    write all of them now
   */
  sweep(heads: () => readonly LaneHead[], all = false): void {
    if (all || (!this.#sweep && this.#isSweepDue)) {
      this.#sweep = { keys: [...this.#behind.keys()].sort().reverse(), heads: heads() };
      this.#eventsSinceSweep = 0;
      this.#isSweepWanted = false;
    }
    if (!this.#sweep) return;
    const { keys, heads: marks } = this.#sweep;
    this.#slice = keys.splice(all ? 0 : -ROWS_PER_SLICE);
    for (const key of this.#slice) {
      const profile = this.#behind.get(key);
      // what this transaction has written to the row itself is newer than what was committed before it
      if (profile && !this.#staged.get(key)?.isInRow) this.#write(this.#update, profile);
    }
    if (keys.length > 0) return;
    for (const { sdkAppId, seq } of marks) this.#mark.run(seq, sdkAppId);
  }

  /** Begin a sweep with the next commit, if none is under way: somebody waits for the rows. */
  sweepSoon(): void {
    this.#isSweepWanted = true;
  }

  get #isSweepDue(): boolean {
    if (this.#isSweepWanted) return true;
    return this.#eventsSinceSweep >= SWEEP_AFTER_EVENTS || this.#behind.size >= SWEEP_AFTER_ROWS;
  }

  /** The rows of an app are gone. */
  forget(sdkAppId: number): void {
    for (const map of [this.#cache, this.#behind, this.#staged]) {
      for (const key of map.keys()) if (key.startsWith(`${sdkAppId}:`)) map.delete(key);
    }
    // A new app of this number starts at seq 1: the mark of the old one would say that its rows have it all.
    if (this.#sweep)
      this.#sweep = { ...this.#sweep, heads: this.#sweep.heads.filter((head) => head.sdkAppId !== sdkAppId) };
  }

  /** The transaction is durable. */
  publish(): void {
    for (const key of this.#slice) this.#behind.delete(key);
    for (const [key, { profile, isInRow }] of this.#staged) {
      if (isInRow) this.#behind.delete(key);
      else this.#behind.set(key, profile);
      this.#cache.set(key, profile);
    }
    if (this.#sweep?.keys.length === 0) this.#sweep = undefined;
    this.#clear();
  }

  /** The transaction came to nothing. */
  discard(): void {
    this.#sweep?.keys.push(...this.#slice);
    this.#clear();
  }

  #clear(): void {
    this.#slice = [];
    this.#staged.clear();
  }

  #load(sdkAppId: number, userId: string): Profile | NoProfile {
    const profile = this.#rows.get(sdkAppId, userId) ?? NO_PROFILE;
    this.#cache.set(`${sdkAppId}:${userId}`, profile);
    return profile;
  }

  #write(statement: StatementSync, profile: Profile): void {
    const { sdkAppId, userId, version, fields, isDeleted, revokedAtMs, lastSeq, createdAtMs, updatedAtMs } = profile;
    const flags = [isDeleted ? 1 : 0, revokedAtMs, lastSeq, createdAtMs, updatedAtMs] as const;
    statement.run(version, JSON.stringify(fields), ...flags, sdkAppId, userId);
  }
}

/** Remembered of users who have none: administrators often are no accounts. */
interface NoProfile {
  readonly isMissing: true;
}
const NO_PROFILE: NoProfile = { isMissing: true };
