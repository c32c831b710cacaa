/** One login of a user through a client, for as long as its connection lasts. */
import type { KickType, NewInstance, ProfileItem } from '@portrait/wire';
import type { SessionRecord, Successor } from '../storage/session-store.ts';

/** A session of this process. */
export interface Session extends SessionRecord {
  readonly link: SessionLink;
}

/** The way to the client of a session. Nothing of it waits or throws: a client that does not keep up is dropped. */
export interface SessionLink {
  /** Tell of new values; those the user may not read are left out. */
  pushItems(items: readonly ProfileItem[]): void;
  /** Tell that the session is over. The registry has forgotten it already. */
  kick(kickType: KickType, by?: NewInstance): void;
}

/**
 * What happened to a session.
 *
 * `login`: also when a client is back after its connection broke; `ended` are those that had to give way.
 * `logout`: the client said so, or was kicked over REST. `disconnect`: the connection broke (`closed`) or fell silent (`timeout`).
 * `replaced`: it had to give way to a login at another node.
 */
export type SessionTransition =
  | { readonly kind: 'login'; readonly session: Session; readonly ended: readonly Session[] }
  | { readonly kind: 'logout'; readonly session: Session }
  | { readonly kind: 'disconnect'; readonly session: Session; readonly cause: 'closed' | 'timeout' }
  | { readonly kind: 'replaced'; readonly session: Session; readonly by: Successor };
