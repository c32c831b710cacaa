import {
  CALLBACK_PORTRAIT_SET,
  CUSTOM_TAG_PREFIX,
  findStandardTag,
  isCustomTag,
  type ProfileItem,
  parsePortraitSetCallback,
} from '@portrait/wire';
import type { ProfilePatch, TypedProfileItem } from './profile-values.ts';

/**
 * A profile was updated.
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
  /** Items with a tag that this version does not know, or a value that the tag does not allow; mostly empty. */
  readonly otherItems: readonly ProfileItem[];
  /** Members of Portrait's extended payload; absent with the plain one, and from Tencent. */
  readonly eventId?: string;
  /** Version of the profile after the change; inside the signed body, other than the header `portrait-sequence`. */
  readonly sequence?: number;
  /** Values before the change, of those changed fields that had one. */
  readonly previousItems?: readonly ProfileItem[];
  /** The parsed body as it came. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Read the raw text of a profile callback. @returns the event, or what is wrong with the body */
export function readProfileEvent(text: string, body: ProfileEvent['body']): ProfileEvent | string {
  const parsed = parsePortraitSetCallback(text);
  if (!parsed.ok) return parsed.fault.message;
  const { items, ...rest } = parsed.value;
  return {
    command: CALLBACK_PORTRAIT_SET,
    ...rest,
    items: items.filter(isTyped),
    otherItems: items.filter((item) => !isTyped(item)),
    body,
  };
}

function isTyped(item: ProfileItem): item is TypedProfileItem {
  const { tag, value } = item;
  if (isCustomTag(tag)) return typeof value === 'string';
  const row = findStandardTag(tag);
  if (row === undefined) return false;
  if (row.values !== undefined) return row.values.some((legal) => legal === value);
  return typeof value === (row.type === 'uint32' ? 'number' : 'string');
}

/**
 * What changed, by the names that the Web SDK has for the fields: `{ nick, gender, birthday, … custom: { keyword } }`. Only
 * what the event names is there, so it can be merged into a stored profile; of a tag that stands twice the last counts.
 */
export function profilePatch({ items }: Pick<ProfileEvent, 'items'>): ProfilePatch {
  const standard: [string, string | number][] = [];
  const custom: [string, string][] = [];
  for (const { tag, value } of items) {
    const row = findStandardTag(tag);
    if (row) standard.push([row.option, value]);
    else custom.push([tag.slice(CUSTOM_TAG_PREFIX.length), String(value)]);
  }
  // fromEntries makes members of its own whatever their name is
  return { ...Object.fromEntries(standard), ...(custom.length > 0 && { custom: Object.fromEntries(custom) }) };
}
