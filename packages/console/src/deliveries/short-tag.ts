/** @returns `Nick` of `Tag_Profile_IM_Nick`, the keyword of a custom field */
export function shortTag(tag: string): string {
  return tag.replace(/^Tag_Profile_(IM_|Custom_)/, '');
}
