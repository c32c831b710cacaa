/**
 * Tells the clients of this node what was changed through others: the log is the bus. A head that moved leads to the events behind it, their users to
 * the values they have now, which are pushed: so no push is older than one before it. A forced logout makes no event; the count of them in the head
 * leads to the users who are online here.
 */
import { type ProfileItem, parsePortraitSetCallback } from '@portrait/wire';
import type { Log } from '../log.ts';
import { laneOf } from '../storage/lane.ts';
import type { LaneNews, SharedStore } from '../storage/shared-store.ts';
import type { ChangeEvent, Profile } from '../storage/store.ts';
import type { SessionRegistry } from './session-registry.ts';

const EVENTS_PER_READ = 256;
/** Events of this node that its own clients were told of, and that were not met in the log yet. */
const MAX_OWN = 4_096;

/** What it works with. */
export interface FollowSessionsOptions {
  readonly store: Pick<SharedStore, 'laneCount' | 'readEvents' | 'getProfiles' | 'readLaneNews'>;
  readonly sessions: SessionRegistry;
  readonly log: Pick<Log, 'error'>;
}

/** An app that somebody is logged in to, or about to. */
interface FollowedApp {
  /** a lane that is missing is being looked up */
  readonly lanes: Map<number, Followed>;
  /** resolves when all heads are known from which on it is followed */
  readonly begun: Promise<void>;
}

interface Followed {
  seq: number;
  endings: number;
  isReading: boolean;
}

/** Pushes and logouts that come from other nodes. */
export class FollowSessions {
  readonly #options: FollowSessionsOptions;
  readonly #apps = new Map<number, FollowedApp>();
  /** logins under way, by app */
  readonly #held = new Map<number, number>();
  readonly #own = new Set<string>();

  constructor(options: FollowSessionsOptions) {
    this.#options = options;
  }

  /** This node made the event, and told its own clients. */
  isOwn(event: ChangeEvent): void {
    if (!this.#isWanted(event.sdkAppId)) return;
    this.#own.add(event.eventId);
    for (const oldest of this.#own) {
      if (this.#own.size <= MAX_OWN) return;
      this.#own.delete(oldest);
    }
  }

  /**
   * Somebody of the app logs in. What is committed after this has resolved is pushed, so the login is not answered before.
   *
   * @returns to be called when the session is there, or is not to be. @throws StoreError
   */
  async hold(sdkAppId: number): Promise<() => void> {
    this.#held.set(sdkAppId, (this.#held.get(sdkAppId) ?? 0) + 1);
    try {
      await this.#begin(sdkAppId);
    } catch (error) {
      this.#release(sdkAppId);
      throw error;
    }
    return () => this.#release(sdkAppId);
  }

  /** Heads as the store has them. Never throws. */
  headsAre(heads: readonly LaneNews[]): void {
    for (const sdkAppId of [...this.#apps.keys()]) if (!this.#isWanted(sdkAppId)) this.#apps.delete(sdkAppId);
    for (const head of heads) {
      const followed = this.#apps.get(head.sdkAppId)?.lanes.get(head.lane);
      if (followed && !followed.isReading && (head.seq > followed.seq || head.endings !== followed.endings)) {
        void this.#catchUp(followed, head);
      }
    }
  }

  #isWanted(sdkAppId: number): boolean {
    return this.#held.has(sdkAppId) || this.#options.sessions.hasApp(sdkAppId);
  }

  #release(sdkAppId: number): void {
    const count = (this.#held.get(sdkAppId) ?? 1) - 1;
    if (count === 0) this.#held.delete(sdkAppId);
    else this.#held.set(sdkAppId, count);
  }

  /** All who log in at once wait for one look. */
  #begin(sdkAppId: number): Promise<void> {
    const known = this.#apps.get(sdkAppId);
    if (known) return known.begun;
    const lanes = new Map<number, Followed>();
    const begun = this.#readHeads(sdkAppId, lanes);
    const app = { lanes, begun };
    this.#apps.set(sdkAppId, app);
    begun.catch(() => {
      if (this.#apps.get(sdkAppId) === app) this.#apps.delete(sdkAppId); // the next login looks again
    });
    return begun;
  }

  async #readHeads(sdkAppId: number, lanes: Map<number, Followed>): Promise<void> {
    const { store } = this.#options;
    const all = Array.from({ length: store.laneCount }, (_, lane) => lane);
    for (const { lane, seq, endings } of await store.readLaneNews({ lanes: all, sdkAppIds: [sdkAppId] })) {
      lanes.set(lane, { seq, endings, isReading: false });
    }
  }

  /** Never rejects: what could not be read is read when the head is seen again. */
  async #catchUp(followed: Followed, { sdkAppId, lane, seq, endings }: LaneNews): Promise<void> {
    followed.isReading = true;
    try {
      if (endings !== followed.endings) await this.#endSessions(sdkAppId, lane);
      followed.endings = endings;
      while (followed.seq < seq) {
        const events = await this.#options.store.readEvents({
          sdkAppId,
          lane,
          afterSeq: followed.seq,
          limit: EVENTS_PER_READ,
        });
        if (events.length === 0) break;
        await this.#push(sdkAppId, events);
        followed.seq = events.at(-1)?.seq ?? seq;
      }
      followed.seq = Math.max(followed.seq, seq);
    } catch (error) {
      this.#options.log.error({ err: error, sdkAppId, lane }, 'session.follow-fault');
    } finally {
      followed.isReading = false;
    }
  }

  async #push(sdkAppId: number, events: readonly ChangeEvent[]): Promise<void> {
    const { store, sessions } = this.#options;
    const foreign = events.filter(
      (event) => !this.#own.delete(event.eventId) && sessions.of(sdkAppId, event.userId).length > 0,
    );
    const users = [...new Set(foreign.map(({ userId }) => userId))];
    if (users.length === 0) return;
    const profiles = await store.getProfiles(sdkAppId, users);
    for (const [index, userId] of users.entries()) {
      const tags = new Set(foreign.filter((event) => event.userId === userId).flatMap(tagsOf));
      const items = itemsOf(profiles[index], tags);
      if (items.length > 0) for (const { link } of sessions.of(sdkAppId, userId)) link.pushItems(items);
    }
  }

  async #endSessions(sdkAppId: number, lane: number): Promise<void> {
    const { store, sessions } = this.#options;
    const users = sessions.usersOf(sdkAppId).filter((userId) => laneOf(sdkAppId, userId, store.laneCount) === lane);
    if (users.length === 0) return;
    const profiles = await store.getProfiles(sdkAppId, users);
    for (const [index, userId] of users.entries()) {
      const revokedAtMs = profiles[index]?.revokedAtMs ?? 0;
      if (revokedAtMs > 0) sessions.kickOlder(sdkAppId, userId, revokedAtMs);
    }
  }
}

function tagsOf({ body }: ChangeEvent): readonly string[] {
  const parsed = parsePortraitSetCallback(body);
  return parsed.ok ? parsed.value.items.map(({ tag }) => tag) : [];
}

function itemsOf(profile: Profile | undefined, tags: ReadonlySet<string>): readonly ProfileItem[] {
  if (!profile || profile.isDeleted) return [];
  return [...tags].flatMap((tag) => {
    const value = profile.fields[tag];
    return value === undefined ? [] : [{ tag, value }];
  });
}
