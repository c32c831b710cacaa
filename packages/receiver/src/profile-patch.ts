import { CUSTOM_TAG_PREFIX, findStandardTag, isCustomTag, type ProfileItem, type StandardTag } from '@portrait/wire';
import type { ProfilePatch } from './profile-values.ts';

/**
 * What changed, by the names that the Web SDK has for the fields: `{ nick, gender, birthday, … custom: { keyword } }`. Only
 * what the event names is there, so it can be merged into a stored profile; of a tag that stands twice the last counts.
 *
 * A tag that this version does not know, and a value that its tag does not allow, are left out.
 */
export function profilePatch({ items }: { readonly items: readonly ProfileItem[] }): ProfilePatch {
  const standard: [string, string | number][] = [];
  const custom: [string, string][] = [];
  for (const { tag, value } of items) {
    const row = findStandardTag(tag);
    if (row && isAllowed(row, value)) standard.push([row.option, value]);
    if (isCustomTag(tag) && typeof value === 'string') custom.push([tag.slice(CUSTOM_TAG_PREFIX.length), value]);
  }
  // fromEntries makes members of its own whatever their name is
  return { ...Object.fromEntries(standard), ...(custom.length > 0 && { custom: Object.fromEntries(custom) }) };
}

function isAllowed({ type, values }: StandardTag, value: string | number): boolean {
  if (values) return values.some((legal) => legal === value);
  return typeof value === (type === 'uint32' ? 'number' : 'string');
}
