/** What a reader sees of a profile. */
import type { ProfileItem } from '@portrait/wire';
import type { Profile } from '../storage/store.ts';

/** The tags that were set, in the order asked for: one that never was has no item. */
export function visibleItems(profile: Profile, tags: readonly string[]): readonly ProfileItem[] {
  const items: ProfileItem[] = [];
  for (const tag of tags) {
    const value = profile.fields[tag];
    if (value !== undefined) items.push({ tag, value });
  }
  return items;
}

/** Whether there is an account: imported, and not deleted since. */
export function isAccount(profile: Profile | undefined): profile is Profile {
  return profile !== undefined && !profile.isDeleted;
}
