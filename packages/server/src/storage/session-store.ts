/** What nodes tell each other of the sessions on them: a row each, written before its login is answered. */
import type { OptPlatform } from '@portrait/wire';

/** A session, but for the way to its client. */
export interface SessionRecord {
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
}

/** Names a row. */
export interface SessionKey {
  readonly sdkAppId: number;
  readonly userId: string;
  readonly instId: number;
  /** that has the connection */
  readonly node: string;
  /** of the connection, never given twice by its node: who is back on another connection has another row */
  readonly no: number;
}

/** A login that asks for its place. */
export interface SessionEntry
  extends SessionKey,
    Omit<SessionRecord, keyof SessionKey | 'loginAtMs' | 'connectedAtMs'> {
  /** absent = now, by the store's clock, which all nodes share */
  readonly loginAtMs?: number;
  /** absent = now. Given: it had its place before, and has lost it if the client has connected elsewhere since */
  readonly connectedAtMs?: number;
  /** sessions of the user on this platform, 0 = as many as come */
  readonly maxPerPlatform: number;
}

/** What another login is known by, to the one that it ends. */
export type Successor = Pick<SessionRecord, 'instId' | 'platform' | 'platformNumber'>;

/** A session that has to give way. */
export interface EndedSession extends SessionKey {
  readonly by: Successor;
}

/** What came of an entry. `moved`: the client has a later connection elsewhere. */
export type Entered =
  | { readonly kind: 'moved' }
  | {
      readonly kind: 'entered';
      readonly loginAtMs: number;
      readonly connectedAtMs: number;
      /** beyond the limit, oldest login first gone; the entry itself may be among them */
      readonly ended: readonly EndedSession[];
    };

/** Sessions of all nodes. Those of a node that was not heard of for 6 s do not count. */
export interface SessionStore {
  /** Take a session in, and end those beyond the limit wherever they are: one login of a user after the other. */
  enterSession(entry: SessionEntry): Promise<Entered>;
  /** Let a session go; one that is not there is no fault. `asker` may let go only what is its own, or a dead node's. */
  leaveSession(key: SessionKey, asker: string): Promise<void>;
  /** Sessions of users, of each oldest login first. Those that end, but do not know yet, are left out; `asker`'s own node lives. */
  readSessions(query: {
    readonly sdkAppId: number;
    readonly userIds: readonly string[];
    readonly asker: string;
  }): Promise<readonly (readonly SessionRecord[])[]>;
  /** Sessions of a node that logins elsewhere have ended. */
  readEndedSessions(node: string): Promise<readonly EndedSession[]>;
  /** Rows that `node` has to see to: its own, and those of nodes that do not count for 5 s. */
  readNodeSessions(query: { readonly node: string; readonly lanes: readonly number[] }): Promise<readonly SessionKey[]>;
  /** All sessions of a node that stops. */
  forgetSessionsOf(node: string): Promise<void>;
  /** Nodes that do not count for 5 s were seen to. */
  forgetDeadNodes(): Promise<void>;
}
