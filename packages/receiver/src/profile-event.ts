import { type CALLBACK_PORTRAIT_SET, type ProfileItem, readPortraitSetCallback } from '@portrait/wire';
import type { TypedProfileItem } from './profile-values.ts';

/**
 * A profile was updated.
 *
 * The types are those of the documents, on the word of a sender that was verified: a tag that is newer than this library may
 * stand among the items, which profilePatch leaves out.
 *
 * @see Tencent Cloud Chat, "After a Profile Is Updated", document 1047/48733
 */
export interface ProfileEvent {
  readonly command: typeof CALLBACK_PORTRAIT_SET;
  /** Who made the change: the user himself, or an administrator. */
  readonly operatorId: string;
  /** Whose profile changed. */
  readonly userId: string;
  /** When, in Unix milliseconds. */
  readonly atMs: number;
  /** What was written, in the order of the request. */
  readonly items: readonly TypedProfileItem[];
  /** Members of Portrait's extended payload; absent with the plain one, and from Tencent. */
  readonly eventId?: string;
  /** Version of the profile after the change; inside the signed body, other than the header `portrait-sequence`. */
  readonly sequence?: number;
  /** Values before the change, of those changed fields that had one. */
  readonly previousItems?: readonly ProfileItem[];
  /** The parsed body as it came. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Read the parsed body of a profile callback. @returns the event, or what is wrong with it */
export function readProfileEvent(command: ProfileEvent['command'], body: ProfileEvent['body']): ProfileEvent | string {
  const parsed = readPortraitSetCallback(body);
  return parsed.ok ? ({ command, ...parsed.value, body } as ProfileEvent) : parsed.fault.message;
}
