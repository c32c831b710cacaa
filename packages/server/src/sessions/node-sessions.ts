/**
 * The sessions of one of several nodes. Each has a row in the store, which is written before its login is answered and removed when it ends; whoever
 * asks who is online reads rows.
 *
 * | a row is wrong because                          | it is put right                                              |
 * |-------------------------------------------------|--------------------------------------------------------------|
 * | the session ended, and that could not be stored | at the next look                                             |
 * | the node died                                   | it does not count after 6 s, others remove it 5 s later      |
 * | the node stood still, and was taken for dead    | when it goes on: its sessions enter anew, under the limit    |
 * | the client came back at another node            | the row is that node's; this one lets its session go         |
 * | of anything else                                | within minutes: some lanes are looked over all the time      |
 */
import type { Clock } from '../clock.ts';
import { ApiError } from '../errors.ts';
import type { Log } from '../log.ts';
import type {
  EndedSession,
  Entered,
  SessionEntry,
  SessionKey,
  SessionRecord,
  Successor,
} from '../storage/session-store.ts';
import type { News, SharedStore } from '../storage/shared-store.ts';
import type { FollowSessions } from './follow-sessions.ts';
import type { OnlineSessions } from './online-sessions.ts';
import { RowRounds } from './row-rounds.ts';
import type { Session, SessionTransition } from './session.ts';
import type { SessionRegistry } from './session-registry.ts';

const INTERNAL = 70500;

/** What it works with. */
export interface NodeSessionsOptions {
  readonly store: SharedStore;
  readonly registry: SessionRegistry;
  readonly followed: Pick<FollowSessions, 'hold'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Pick<Log, 'error'>;
  /** limit of an app on sessions of a user on one platform, 0 = as many as come */
  readonly limitOf: (sdkAppId: number) => number;
  /** name of this node */
  readonly node: string;
}

/** A login before it has its place; without `loginAtMs` it logs in now. */
export type Arriving = Omit<SessionRecord, 'loginAtMs' | 'connectedAtMs'> & { readonly loginAtMs?: number };

/** A place among the user's sessions. Exactly one of the two is to be called, at once. */
export interface Place {
  /** by the store's clock, Unix milliseconds */
  readonly loginAtMs: number;
  readonly connectedAtMs: number;
  /** Take the session in, and end those of this node that give way. @returns the session that took its place, if it could not stay */
  enter(session: Session): Successor | undefined;
  /** The client has gone. */
  giveBack(): void;
}

/** Rows of this node's sessions. */
export class NodeSessions implements OnlineSessions {
  readonly #options: NodeSessionsOptions;
  /** number of each session's row */
  readonly #nos = new Map<Session, number>();
  /** rows whose login is not answered yet */
  readonly #arriving = new Set<number>();
  readonly #left = new WeakMap<Session, Promise<void>>();
  #lastNo = 0;
  readonly #underWay = new Set<Promise<void>>();
  readonly #rounds: RowRounds;
  #isClosed = false;

  constructor(options: NodeSessionsOptions) {
    const { store, clock, node } = options;
    this.#options = options;
    this.#rounds = new RowRounds({
      store,
      clock,
      node,
      sessions: this.#nos,
      arriving: this.#arriving,
      lastNo: () => this.#lastNo,
      enterAgain: (session, no) => this.#enterAgain(session, no),
      watched: (work) => this.#watched(work),
    });
  }

  of(sdkAppId: number, userIds: readonly string[]): Promise<readonly (readonly SessionRecord[])[]> {
    const { store, node } = this.#options;
    return store.readSessions({ sdkAppId, userIds, asker: node });
  }

  /**
   * Ask for a login's place. From when this resolves on, whatever is changed anywhere is pushed to it.
   *
   * @throws StoreError; ApiError 70500 if the client has connected anew meanwhile: there is no session of it
   */
  async takePlace(arriving: Arriving, maxPerPlatform: number): Promise<Place> {
    const { store, followed, node } = this.#options;
    this.#lastNo += 1;
    const key = {
      sdkAppId: arriving.sdkAppId,
      userId: arriving.userId,
      instId: arriving.instId,
      node,
      no: this.#lastNo,
    };
    this.#arriving.add(key.no);
    const [held, asked] = await Promise.allSettled([
      followed.hold(key.sdkAppId),
      store.enterSession({ ...arriving, ...key, maxPerPlatform }),
    ]);
    const release = (): void => {
      this.#arriving.delete(key.no);
      if (held.status === 'fulfilled') held.value();
    };
    const giveBack = (): void => {
      release();
      void this.#leave(key);
    };
    if (held.status === 'fulfilled' && asked.status === 'fulfilled' && asked.value.kind === 'entered') {
      const { loginAtMs, connectedAtMs, ended } = asked.value;
      const enter = (session: Session): Successor | undefined => {
        const by = this.#enter(session, key, ended);
        release();
        return by;
      };
      return { loginAtMs, connectedAtMs, enter, giveBack };
    }
    giveBack(); // it may have been stored all the same,
    this.doubt(); // over that of an older connection
    if (held.status === 'rejected') throw held.reason;
    if (asked.status === 'rejected') throw asked.reason;
    throw new ApiError(INTERNAL, 'the client has connected anew meanwhile');
  }

  /** What has become of a session of this node. */
  follow(transition: SessionTransition): void {
    const gone = transition.kind === 'login' ? transition.ended : [transition.session];
    for (const session of gone) {
      const key = this.#forget(session);
      if (key) this.#left.set(session, this.#leave(key));
    }
  }

  /** Wait until nobody is told any more that a session is online, which has ended here. Never rejects. */
  async untilLeft(session: Session): Promise<void> {
    await this.#left.get(session);
  }

  /** This node has looked what there is, and was heard of. @param askedAt  monotonic time before it. Never throws */
  looked(news: News, askedAt: number): void {
    if (news.hasEndedSessions) this.endTold();
    this.#rounds.looked(news, askedAt);
  }

  /** The store was away: what was written before may be lost. */
  doubt(): void {
    this.#rounds.doubt();
  }

  /** Logins elsewhere have ended sessions of this node: tell their clients. Never throws. */
  endTold(): void {
    void this.#watched(async () => {
      const { store, node } = this.#options;
      for (const ended of await store.readEndedSessions(node)) this.#end(ended);
    });
  }

  /** Take back all that is stored. Never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#underWay);
    await this.#options.store.forgetSessionsOf(this.#options.node).catch(() => undefined); // else its lease runs out
  }

  #enter(session: Session, { no }: SessionKey, ended: readonly EndedSession[]): Successor | undefined {
    const { registry, node } = this.#options;
    const own = ended.filter((one) => one.node === node);
    for (const older of registry.of(session.sdkAppId, session.userId)) {
      // the same client on an older connection: the row is the new one's
      if (older.instId === session.instId && registry.drop(older)) this.#nos.delete(older);
    }
    const self = own.find((one) => one.no === no);
    const others = own.filter((one) => one.no !== no);
    const isBySession = ({ by }: EndedSession): boolean => !self && by.instId === session.instId;
    for (const one of others) if (!isBySession(one)) this.#end(one);
    if (self) {
      void this.#leave(self);
      return self.by;
    }
    this.#nos.set(session, no);
    registry.admit(
      session,
      others.filter(isBySession).flatMap((one) => this.#find(one) ?? []),
    );
    return undefined;
  }

  /** One that is still arriving is ended at the next look. */
  #end(ended: EndedSession): void {
    const session = this.#find(ended);
    if (session) this.#options.registry.giveWay(session, ended.by);
    else if (!this.#arriving.has(ended.no)) void this.#leave(ended);
  }

  #find({ sdkAppId, userId, no }: SessionKey): Session | undefined {
    return this.#options.registry.of(sdkAppId, userId).find((session) => this.#nos.get(session) === no);
  }

  #forget(session: Session): SessionKey | undefined {
    const no = this.#nos.get(session);
    this.#nos.delete(session);
    return no === undefined ? undefined : this.#keyOf(session, no);
  }

  #keyOf({ sdkAppId, userId, instId }: Session, no: number): SessionKey {
    return { sdkAppId, userId, instId, node: this.#options.node, no };
  }

  /** Never rejects: what could not be removed is found by the next look. */
  #leave({ sdkAppId, userId, instId, node, no }: SessionKey): Promise<void> {
    return this.#watched(() =>
      this.#options.store.leaveSession({ sdkAppId, userId, instId, node, no }, this.#options.node),
    );
  }

  async #enterAgain(session: Session, no: number): Promise<void> {
    const { store, limitOf, registry, node } = this.#options;
    if (this.#isClosed) return;
    const { link: _, ...record } = session;
    const maxPerPlatform = limitOf(session.sdkAppId);
    const entered: Entered = await store.enterSession({ ...record, node, no, maxPerPlatform } satisfies SessionEntry);
    if (this.#nos.get(session) !== no) await this.#leave(this.#keyOf(session, no));
    else if (entered.kind === 'entered') for (const one of entered.ended) if (one.node === node) this.#end(one);
    if (entered.kind === 'moved' && registry.drop(session)) this.#nos.delete(session);
  }

  /** The one place that watches. Never rejects. */
  #watched(work: () => Promise<void>): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    const watched: Promise<void> = work()
      .catch((error: unknown) => {
        // one line for all that fails until the next look
        if (!this.#rounds.isDoubtful) this.#options.log.error({ err: error }, 'session.place-fault');
        this.doubt();
      })
      .finally(() => this.#underWay.delete(watched));
    this.#underWay.add(watched);
    return watched;
  }
}
