/**
 * Carries out profile commands, as many as wait, in one transaction.
 *
 * What they are worked out from is known from the writes before, or read first, without a lock; then all that came of it goes to the server in one
 * piece, which is a transaction, so that no lock is held while the server waits for this process. Heads are moved in the order of their keys; the
 * lock on the head of (lane, app) is the lock on all users of it. If a profile is no longer what it was taken for, nothing is written, and all is
 * done anew with the heads locked before the profiles are read.
 */
import type { Clock } from '../../clock.ts';
import { laneOf } from '../lane.ts';
import type { CommittedChange, ProfileCommand } from '../store.ts';
import type { JobResult } from './batch-queue.ts';
import { headsMoved, isStale, lockHeads, lockOf, type Moved, writesOf } from './change-rows.ts';
import type { Database } from './database.ts';
import { DatabaseClock } from './database-clock.ts';
import { KnownProfiles } from './known-profiles.ts';
import type { DatabaseTime } from './now.ts';
import { type ChangePlan, headKey, type MovedHead, planChanges, resultsOf, storedBy } from './plan-changes.ts';
import { storeErrorFrom } from './postgres-error.ts';
import { type ProfileKey, type ReadForChange, readForChange, type StoredProfile, userKey } from './profile-rows.ts';

/** What it works with. */
export interface CommitOptions {
  readonly database: Database;
  readonly laneCount: number;
  readonly clock: Clock;
  readonly time: DatabaseTime;
}

type Results = readonly JobResult<CommittedChange>[];

/** A plan that was written, and where the heads stand then. */
interface Written {
  readonly plan: ChangePlan;
  readonly heads: readonly MovedHead[];
}

/** A command with the key of its user. */
interface Keyed {
  readonly key: ProfileKey;
  readonly command: ProfileCommand;
}

/** All commits of a process. Two at a time have no lane in common. */
export class ChangeCommits {
  readonly #options: CommitOptions;
  readonly #known = new KnownProfiles();
  readonly #clock: DatabaseClock;

  constructor(options: CommitOptions) {
    this.#options = options;
    this.#clock = new DatabaseClock(options.clock);
  }

  /**
   * @returns a result for each command, in order, worked out when it is asked for; a command that breaks a rule fails alone
   * @throws StoreError the transaction failed as a whole
   */
  async commit(commands: readonly ProfileCommand[]): Promise<() => Results> {
    const all = commands.map((command) => ({ key: this.#keyOf(command.sdkAppId, command.userId), command }));
    let written: Written;
    try {
      written = await this.#commitUnlocked(all);
    } catch (error) {
      if (!isStale(error)) throw error;
      written = await this.#commitLocked(all);
      return () => resultsOf(written.plan, written.heads);
    }
    const { plan, heads } = written;
    // why a command is refused may be a thing of the past since it was read, or its app is gone
    const refused = plan.results.flatMap((result, at) => ('error' in result ? [at] : []));
    if (refused.length === 0) return () => resultsOf(plan, heads);
    const again = await this.#commitAlone(refused.map((at) => all[at] as Keyed));
    const placeOf = new Map(refused.map((at, index) => [at, index]));
    return () => resultsOf(plan, heads).map((result, at) => again[placeOf.get(at) ?? -1] ?? result);
  }

  /** Never rejects: what else came in the batch is committed. */
  async #commitAlone(all: readonly Keyed[]): Promise<Results> {
    try {
      const { plan, heads } = await this.#commitLocked(all);
      return resultsOf(plan, heads);
    } catch (thrown) {
      const error = storeErrorFrom(thrown);
      return all.map(() => ({ error }));
    }
  }

  async #commitUnlocked(all: readonly Keyed[]): Promise<Written> {
    const { database } = this.#options;
    const { read, believed } = await this.#knownOrRead(all);
    const plan = planChanges(read, all, { believed });
    const writes = writesOf(plan);
    if (writes.length === 0) return this.#end(plan, headsMoved(plan, []));
    // a server that plans the writing itself may move heads in any order
    const locks = database.prepares || plan.moves.length === 0 ? [] : [lockOf(plan.moves)];
    const rows = await this.#judged(believed, () => database.send([...locks, ...writes]));
    return this.#end(plan, headsMoved(plan, rows[locks.length] ?? []));
  }

  /** @param believed  users whose records were not read for it */
  async #judged<T>(believed: ReadonlyMap<string, ProfileKey>, write: () => Promise<T>): Promise<T> {
    try {
      const result = await write();
      if (believed.size > 0) this.#known.wasRight();
      return result;
    } catch (error) {
      if (believed.size > 0 && isStale(error)) this.#known.wasWrong(believed.keys());
      throw error;
    }
  }

  /** With the heads locked first, nothing can come between. */
  async #commitLocked(all: readonly Keyed[]): Promise<Written> {
    const { database, time } = this.#options;
    const users = [...this.#usersOf(all).values()];
    const heads = [...new Map(all.map(({ key }) => [headKey(key), key])).values()];
    const { plan, rows } = await database.transaction(async (tx) => {
      const [there, read] = await Promise.all([lockHeads(tx, heads), readForChange(tx, users, time())]);
      const plan = planChanges(read, all, { heads: new Set(there.map(headKey)) });
      const [rows] = writesOf(plan).map(([sql, values]) => tx.query(sql, values));
      // sent together with the COMMIT: if one fails, so does that
      return { plan, rows: [rows] };
    });
    return this.#end(plan, headsMoved(plan, (await rows[0]) ?? []));
  }

  #end(plan: ChangePlan, { heads, nowMs }: Moved): Written {
    if (nowMs !== undefined) this.#clock.learn(nowMs);
    for (const [user, stored] of storedBy(plan, heads)) this.#known.set(user, stored);
    return { plan, heads };
  }

  /** What is needed of all users who are concerned. `believed`: those that were not read. */
  async #knownOrRead(
    all: readonly Keyed[],
  ): Promise<{ readonly read: ReadForChange; readonly believed: ReadonlyMap<string, ProfileKey> }> {
    const { database, time } = this.#options;
    const users = this.#usersOf(all);
    const nowMs = time() ?? this.#clock.now();
    const isTrusted = this.#known.isTrusted && nowMs !== undefined;
    const profiles = new Map<string, StoredProfile>();
    const believed = new Map<string, ProfileKey>();
    const missing: ProfileKey[] = [];
    for (const [user, key] of users) {
      const known = isTrusted ? this.#known.get(user) : undefined;
      if (!known) {
        missing.push(key);
        continue;
      }
      profiles.set(user, known);
      believed.set(user, key);
    }
    if (missing.length === 0) return { read: { nowMs: nowMs as number, profiles }, believed };
    const read = await readForChange(database, missing, time());
    this.#clock.learn(read.nowMs);
    this.#known.compare(read.profiles);
    for (const [user, stored] of read.profiles) profiles.set(user, stored);
    return { read: { nowMs: read.nowMs, profiles }, believed };
  }

  #usersOf(all: readonly Keyed[]): Map<string, ProfileKey> {
    const users = new Map<string, ProfileKey>();
    for (const { key, command } of all) {
      users.set(userKey(key), key);
      const asker = command.asker && { sdkAppId: key.sdkAppId, userId: command.asker.userId };
      if (asker && !users.has(userKey(asker))) users.set(userKey(asker), this.#keyOf(asker.sdkAppId, asker.userId));
    }
    return users;
  }

  #keyOf(sdkAppId: number, userId: string): ProfileKey {
    return { lane: laneOf(sdkAppId, userId, this.#options.laneCount), sdkAppId, userId };
  }
}
