/**
 * Who is online: the sessions of this process. What is to follow a user's state (a log, a callback of its own) is handed
 * every transition, in the order they happened.
 */
import { instancePlatformOf, type KickType } from '@portrait/wire';
import type { SessionRecord, Successor } from '../storage/session-store.ts';
import type { Session, SessionTransition } from './session.ts';

/** What a session that is opened must fit in. */
export interface OpenOptions {
  /** sessions of one user on one platform, 0 = as many as come */
  readonly maxPerPlatform: number;
}

const NONE: readonly Session[] = [];

/** Sessions by user. */
export class SessionRegistry {
  readonly #sessions = new Map<string, readonly Session[]>();
  readonly #onTransition: (transition: SessionTransition) => void;
  readonly #users = new Map<number, Set<string>>();
  #count = 0;

  /** @param onTransition  must neither throw nor wait */
  constructor(onTransition: (transition: SessionTransition) => void = () => undefined) {
    this.#onTransition = onTransition;
  }

  /** All sessions of this process. */
  get count(): number {
    return this.#count;
  }

  /** Sessions of a user, oldest login first. */
  of(sdkAppId: number, userId: string): readonly Session[] {
    return this.#sessions.get(keyOf(sdkAppId, userId)) ?? NONE;
  }

  /** Whether anybody of the app is online. */
  hasApp(sdkAppId: number): boolean {
    return this.#users.has(sdkAppId);
  }

  /** Users of an app who are online. */
  usersOf(sdkAppId: number): readonly string[] {
    return [...(this.#users.get(sdkAppId) ?? [])];
  }

  /**
   * Take a session in. One with the same `instId` is the same client on an older connection and makes room silently; those
   * beyond the limit, oldest login first, are kicked. A client that comes back late may itself be the oldest.
   *
   * @returns the session that took its place, if it could not stay
   */
  open(session: Session, { maxPerPlatform }: OpenOptions): Session | undefined {
    const all = this.#with(session);
    const ended = beyond(all, session, maxPerPlatform);
    if (!ended.includes(session)) {
      this.admit(session, ended);
      return undefined;
    }
    const kept = all.filter((one) => !ended.includes(one));
    this.#set(session, kept);
    return kept.findLast((one) => isSamePlatform(one, session));
  }

  /** Take a session in that may stay, and end those that have to give way. */
  admit(session: Session, ended: readonly Session[]): void {
    this.#set(
      session,
      this.#with(session).filter((one) => !ended.includes(one)),
    );
    for (const one of ended) one.link.kick(kickTypeOf(one, session), session);
    this.#onTransition({ kind: 'login', session, ended });
  }

  /** End a session whose place was taken by a login at another node. */
  giveWay(session: Session, by: Successor): void {
    if (!this.drop(session)) return;
    session.link.kick(kickTypeOf(session, by), by);
    this.#onTransition({ kind: 'replaced', session, by });
  }

  /** Let a session go without a word: its client has a later connection. @returns false if it is not there */
  drop(session: Session): boolean {
    const before = this.of(session.sdkAppId, session.userId);
    const kept = before.filter((one) => one !== session);
    if (kept.length === before.length) return false;
    this.#set(session, kept);
    return true;
  }

  /** Let a session go; one that is not there any more is no fault. */
  close(session: Session, how: 'logout' | 'closed' | 'timeout'): void {
    if (!this.drop(session)) return;
    if (how === 'logout') this.#onTransition({ kind: 'logout', session });
    else this.#onTransition({ kind: 'disconnect', session, cause: how });
  }

  /** End all sessions of a user by an administrator's word. */
  kickAll(sdkAppId: number, userId: string): void {
    this.kickOlder(sdkAppId, userId, Number.POSITIVE_INFINITY);
  }

  /** The same, spoken at a moment: who logged in later stays. @param revokedAtMs  Unix milliseconds */
  kickOlder(sdkAppId: number, userId: string, revokedAtMs: number): void {
    for (const session of this.of(sdkAppId, userId)) {
      if (session.loginAtMs > revokedAtMs) continue;
      this.close(session, 'logout');
      session.link.kick(3);
    }
  }

  /** The user's sessions with this one, oldest login first; one with the same `instId` is left out. */
  #with(session: Session): readonly Session[] {
    const others = this.of(session.sdkAppId, session.userId).filter(({ instId }) => instId !== session.instId);
    return [...others, session].sort((a, b) => a.loginAtMs - b.loginAtMs);
  }

  #set({ sdkAppId, userId }: Session, kept: readonly Session[]): void {
    const key = keyOf(sdkAppId, userId);
    this.#count += kept.length - (this.#sessions.get(key)?.length ?? 0);
    const users = this.#users.get(sdkAppId) ?? new Set();
    if (kept.length === 0) {
      this.#sessions.delete(key);
      users.delete(userId);
    } else {
      this.#sessions.set(key, kept);
      users.add(userId);
    }
    if (users.size === 0) this.#users.delete(sdkAppId);
    else this.#users.set(sdkAppId, users);
  }
}

/** The oldest of the new one's platform that are too many. */
function beyond(all: readonly Session[], opened: Session, maxPerPlatform: number): readonly Session[] {
  if (maxPerPlatform === 0) return NONE;
  const alike = all.filter((one) => isSamePlatform(one, opened));
  return alike.slice(0, Math.max(0, alike.length - maxPerPlatform));
}

function isSamePlatform(one: Session, other: Session): boolean {
  return instancePlatformOf(one.platformNumber) === instancePlatformOf(other.platformNumber);
}

/** The SDK tells a second page of the same kind from another device. */
export function kickTypeOf(ended: Pick<SessionRecord, 'platformNumber'>, by: Successor): KickType {
  return ended.platformNumber === by.platformNumber ? 1 : 2;
}

/** The SDKAppID is a number: its end is where the slash is. */
function keyOf(sdkAppId: number, userId: string): string {
  return `${sdkAppId}/${userId}`;
}
