import type { CustomField, FieldRole } from './custom-fields.ts';
import { STANDARD_TAGS } from './profile-tags.ts';

const STANDARD: readonly string[] = STANDARD_TAGS.map(({ tag }) => tag);

/** All tags that a role may read: the standard ones, which have no permissions, and the custom ones that let it. */
export function readableTags(customFields: readonly CustomField[], role: FieldRole): readonly string[] {
  const custom = customFields.filter(({ read }) => read.includes(role)).map(({ tag }) => tag);
  return custom.length === 0 ? STANDARD : [...STANDARD, ...custom];
}
