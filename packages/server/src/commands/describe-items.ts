import { findStandardTag, type ProfileItem } from '@portrait/wire';

/**
 * Say what changed, one line per field: `nick = "Alice"`, or `nick = "Al" → "Alice"`.
 *
 * @param previousItems  what the fields held before, if that is known
 */
export function describeItems(
  items: readonly ProfileItem[],
  previousItems: readonly ProfileItem[] | undefined = [],
): readonly string[] {
  return items.map(({ tag, value }) => {
    const previous = previousItems.find((item) => item.tag === tag);
    const before = previous ? `${JSON.stringify(previous.value)} → ` : '';
    return `${shortName(tag)} = ${before}${JSON.stringify(value)}`;
  });
}

/** @returns the short name of a standard tag; of any other the tag itself */
export function shortName(tag: string): string {
  return findStandardTag(tag)?.option ?? tag;
}
