/** What a door makes of a call, whichever way it came. From here on the door is only data. */
import type { FieldRole, RestCommandName } from '@portrait/wire';
import type { App } from '../storage/store.ts';

/** Who says he calls: not checked yet. */
export interface Credentials {
  readonly sdkAppId: unknown;
  readonly identifier: unknown;
  readonly userSig: unknown;
}

/** A call as it came in. */
export interface DoorRequest {
  readonly service: string;
  readonly command: string;
  readonly credentials: Credentials;
  /** the JSON text's value; throws ApiError 60003 if it is none. Read after the caller is known. */
  readonly readBody: () => unknown;
  readonly clientIp: string;
  /** OptPlatform */
  readonly platform: string;
}

/** Who calls: proven by a UserSig. */
export interface Caller {
  readonly app: App;
  readonly userId: string;
  readonly isAdministrator: boolean;
}

/** A call that may be carried out. */
export interface Call {
  readonly command: RestCommandName;
  readonly app: App;
  readonly callerId: string;
  /** in which role the caller acts: a user only on himself */
  readonly role: FieldRole;
  readonly body: unknown;
  readonly clientIp: string;
  readonly platform: string;
}
