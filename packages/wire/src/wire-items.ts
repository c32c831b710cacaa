import type { ProfileItem, ProfileValue } from './profile-tags.ts';

/** A profile item as the wire spells it. */
export interface WireItem {
  readonly Tag: string;
  readonly Value: ProfileValue;
}

/** Profile items in their wire spelling, in the same order. */
export function formatItems(items: readonly ProfileItem[]): readonly WireItem[] {
  return items.map(({ tag, value }) => ({ Tag: tag, Value: value }));
}
