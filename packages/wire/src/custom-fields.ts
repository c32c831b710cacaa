/** Who reads or writes: a user through a client (for his own profile), or an administrator through REST. */
export type FieldRole = 'user' | 'admin';

/**
 * A profile field that an app declares for itself.
 *
 * Values of both types are JSON strings of at most 500 UTF-8 bytes; `bytes` is kept apart only because the documents do.
 *
 * @see Tencent Cloud Chat, "User Profile", document 1047/33520, custom fields
 */
export interface CustomField {
  /** Full tag, as in isCustomTagName. */
  readonly tag: string;
  readonly type: 'string' | 'bytes';
  readonly read: readonly FieldRole[];
  readonly write: readonly FieldRole[];
}

/** Custom fields an app may declare. */
export const MAX_CUSTOM_FIELDS = 20;

/** What every custom tag begins with. */
export const CUSTOM_TAG_PREFIX = 'Tag_Profile_Custom_';

const CUSTOM_KEYWORD = /^[A-Za-z0-9]{1,8}$/;

/** Whether a tag stands in the name space of custom fields, declared or not. */
export function isCustomTag(tag: string): boolean {
  return tag.startsWith(CUSTOM_TAG_PREFIX);
}

/**
 * Whether a tag may be declared: the prefix and a keyword of 1 to 8 letters or digits.
 *
 * The documents ask for letters only, but the Web SDK's own sample has a digit.
 */
export function isCustomTagName(tag: string): boolean {
  return isCustomTag(tag) && CUSTOM_KEYWORD.test(tag.slice(CUSTOM_TAG_PREFIX.length));
}
