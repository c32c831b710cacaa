/**
 * Profiles as this process read or wrote them last, so that a change of one need not read it again.
 *
 * They are believed as long as they turn out to be right, which is the rule where a process is alone, or where each user keeps to one. What is
 * believed wrongly does no harm, but has cost time: who writes asks for the revision that he knows, and writes nothing if there is another one.
 */
import { LRUCache } from 'lru-cache';
import type { StoredProfile } from './profile-rows.ts';

/** Characters of all values together, about: with 10,000 usual profiles it is not full. */
const MAX_SIZE = 8_000_000;
/** What an entry without values takes, in the same measure. */
const ENTRY_SIZE = 300;
/** Weight of the last batch in the share of those that were wrong. */
const WEIGHT = 0.1;
/** A batch that was believed wrongly is done twice; one that is not believed is read first. */
const MAX_WRONG_SHARE = 0.15;
/** After a wrong belief: a dozen batches in turn have to be right. */
const SHARE_AFTER_FAULT = 0.5;

/** What is known of users, and whether it may be used. */
export class KnownProfiles {
  readonly #profiles = new LRUCache<string, StoredProfile>({ maxSize: MAX_SIZE, sizeCalculation: sizeOf });
  /** of batches, those in which somebody was not what he was known as */
  #wrongShare = 0;

  get isTrusted(): boolean {
    return this.#wrongShare < MAX_WRONG_SHARE;
  }

  get(user: string): StoredProfile | undefined {
    return this.#profiles.get(user);
  }

  /** What was written, or read. */
  set(user: string, stored: StoredProfile): void {
    this.#profiles.set(user, stored);
  }

  /** What was read for a batch, whatever was known of it. */
  compare(read: ReadonlyMap<string, StoredProfile>): void {
    let known = 0;
    let wrong = 0;
    for (const [user, stored] of read) {
      const before = this.#profiles.peek(user);
      if (before) known += 1;
      if (before && before.revision !== stored.revision) wrong += 1;
      this.set(user, stored);
    }
    if (known > 0) this.#learn(wrong > 0);
  }

  /** A batch was worked out from what was known, and was right. */
  wasRight(): void {
    this.#learn(false);
  }

  /** A batch was worked out from what was known of these, and was wrong. */
  wasWrong(users: Iterable<string>): void {
    this.#wrongShare = Math.max(this.#wrongShare, SHARE_AFTER_FAULT);
    for (const user of users) this.#profiles.delete(user);
  }

  #learn(isWrong: boolean): void {
    this.#wrongShare = this.#wrongShare * (1 - WEIGHT) + (isWrong ? WEIGHT : 0);
  }
}

function sizeOf({ profile }: StoredProfile): number {
  let size = ENTRY_SIZE;
  if (profile) for (const value of Object.values(profile.fields)) size += 40 + String(value).length;
  return size;
}
