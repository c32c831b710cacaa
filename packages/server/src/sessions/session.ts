/** One login of a user through a client, for as long as its connection lasts. */
import type { KickType, NewInstance, OptPlatform, ProfileItem } from '@portrait/wire';

/** A session. */
export interface Session {
  readonly sdkAppId: number;
  readonly userId: string;
  /** number of the login; stays the same when the client connects again */
  readonly instId: number;
  readonly platform: OptPlatform;
  /** the client's own number of its platform, finer than `platform` */
  readonly platformNumber: unknown;
  readonly clientIp: string;
  /** Unix milliseconds of the login itself, not of a later reconnect */
  readonly loginAtMs: number;
  /** Unix milliseconds */
  readonly connectedAtMs: number;
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
 */
export type SessionTransition =
  | { readonly kind: 'login'; readonly session: Session; readonly ended: readonly Session[] }
  | { readonly kind: 'logout'; readonly session: Session }
  | { readonly kind: 'disconnect'; readonly session: Session; readonly cause: 'closed' | 'timeout' };
