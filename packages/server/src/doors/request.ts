/** What a door makes of a call, whichever way it came. From here on the door is only data. */
import type { CommandName, FieldRole } from '@portrait/wire';
import type { App, Origin, ProfileCommand } from '../storage/store.ts';

/** A UserSig, and whose it is said to be: not checked yet. */
export interface UserSigCredentials {
  readonly kind: 'userSig';
  readonly sdkAppId: unknown;
  readonly identifier: unknown;
  readonly userSig: unknown;
}

/** What a client that is logged in shows with every frame (a2.ts): not checked yet. */
export interface A2Credentials {
  readonly kind: 'a2';
  readonly sdkAppId: number;
  readonly a2: unknown;
}

/** Who says he calls. */
export type Credentials = UserSigCredentials | A2Credentials;

/** A call as it came in. */
export interface DoorRequest {
  readonly door: 'rest' | 'client';
  readonly service: string;
  readonly command: string;
  readonly credentials: Credentials;
  /** the JSON text's value; throws ApiError 60003 if it is none. Read after the caller is known. */
  readonly readBody: () => unknown;
  readonly clientIp: string;
  /** OptPlatform */
  readonly platform: string;
}

/** Who calls: proven. */
export interface Caller {
  readonly app: App;
  readonly userId: string;
  readonly isAdministrator: boolean;
  /** of the UserSig that he shows, or logged in with */
  readonly issuedAtSeconds: number;
  /** the client's session, if he came with an a2 */
  readonly instId?: number;
}

/** A call that may be carried out. */
export interface Call {
  readonly command: CommandName;
  readonly app: App;
  /** in which role the caller acts: a user only on himself */
  readonly role: FieldRole;
  readonly body: unknown;
  /** who calls, and from where */
  readonly origin: Origin;
  /** of a call that is one change: who shows what the store has yet to say is not revoked */
  readonly asker?: NonNullable<ProfileCommand['asker']>;
}
