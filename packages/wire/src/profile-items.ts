import { type CustomField, type FieldRole, isCustomTag } from './custom-fields.ts';
import { describeValue } from './describe-value.ts';
import { type Parsed, parsedFault, parsedOk, type WireFault } from './parsed.ts';
import { findStandardTag, type ProfileItem, type ProfileValue } from './profile-tags.ts';
import { checkProfileValue, type ProfileField } from './profile-value.ts';

const SAME_TAG_TWICE = 40001;
const MAY_NOT_READ = 40007;
const MAY_NOT_WRITE = 40008;
const UNKNOWN_TAG = 40009;

/** The app's custom fields, and in which role the caller acts. */
export interface FieldAccess {
  readonly customFields: readonly CustomField[];
  readonly role: FieldRole;
}

/** What a writer's rights follow from. */
export interface WriteAccess extends FieldAccess {
  /** Standard tags that the role `user` may write; administrators may write all, and custom fields say it themselves. */
  readonly userWritableFields: readonly string[];
}

/**
 * Check the items of a profile update: tags known and unique, caller allowed to write, values legal.
 *
 * The order of the items is kept. The first fault ends the check: an update is applied whole or not at all.
 *
 * @param items  as parsePortraitSet gives them
 * @returns the items, or 40001 (same tag twice), 40008, 40009, 40601, 40605, 40610
 * @see Tencent Cloud Chat, "Setting Profiles", document 1047/34916
 */
export function checkWritableItems(
  items: readonly { readonly tag: string; readonly value: unknown }[],
  options: WriteAccess,
): Parsed<readonly ProfileItem[]> {
  const fields: ProfileField[] = [];
  const checked: ProfileItem[] = [];
  for (const { tag, value } of items) {
    const field = findField(tag, options.customFields);
    if (field === undefined) return parsedFault(UNKNOWN_TAG, unknownTag(tag));
    const fault = checkWritable(field, fields, options) ?? checkProfileValue(field, value);
    if (fault !== undefined) return { ok: false, fault };
    fields.push(field);
    checked.push({ tag: field.tag, value: value as ProfileValue });
  }
  return parsedOk(checked);
}

/**
 * Check the tags of a profile query. A tag that stands twice is answered once.
 *
 * @returns the tags in their order, or 40007, 40009
 * @see Tencent Cloud Chat, "Pulling Profiles", document 1047/34917
 */
export function checkReadableTags(tags: readonly string[], options: FieldAccess): Parsed<readonly string[]> {
  const checked: string[] = [];
  for (const tag of tags) {
    const field = findField(tag, options.customFields);
    if (field === undefined) return parsedFault(UNKNOWN_TAG, unknownTag(tag));
    if (!mayRead(field, options)) {
      return parsedFault(MAY_NOT_READ, `${field.tag}: the role "${options.role}" may not read this field`);
    }
    if (!checked.includes(field.tag)) checked.push(field.tag);
  }
  return parsedOk(checked);
}

/** At most 20 custom fields: a scan is as fast as a Map and needs no cache. */
function findField(tag: string, customFields: readonly CustomField[]): ProfileField | undefined {
  return isCustomTag(tag) ? customFields.find((field) => field.tag === tag) : findStandardTag(tag);
}

function checkWritable(
  field: ProfileField,
  before: readonly ProfileField[],
  options: WriteAccess,
): WireFault | undefined {
  if (before.includes(field)) return { code: SAME_TAG_TWICE, message: `ProfileItem: ${field.tag} stands in it twice` };
  if (mayWrite(field, options)) return undefined;
  return { code: MAY_NOT_WRITE, message: `${field.tag}: the role "${options.role}" may not write this field` };
}

function mayRead(field: ProfileField, { role }: FieldAccess): boolean {
  return !('read' in field) || field.read.includes(role);
}

function mayWrite(field: ProfileField, { role, userWritableFields }: WriteAccess): boolean {
  if ('write' in field) return field.write.includes(role);
  return role === 'admin' || userWritableFields.includes(field.tag);
}

function unknownTag(tag: string): string {
  return `Tag: the app has no profile field ${describeValue(tag)}`;
}
