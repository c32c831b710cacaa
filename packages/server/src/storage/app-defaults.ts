import { STANDARD_TAGS } from '@portrait/wire';
import type { App } from './store.ts';

/**
 * What an app has in members that were added after the first version: of a new app what is not said, of one that an
 * earlier version stored all of them. Each default is what Portrait did before the member was there.
 */
export const APP_DEFAULTS: Pick<App, 'userWritableFields' | 'maxSessionsPerPlatform'> = {
  userWritableFields: STANDARD_TAGS.map(({ tag }) => tag),
  maxSessionsPerPlatform: 0,
};

/** An app as it was stored, by this version or an earlier one. */
type StoredApp = Omit<App, keyof typeof APP_DEFAULTS> & Partial<App>;

/** Fill in what an earlier version did not know; for every engine, wherever it reads an app. */
export function completeApp(stored: StoredApp): App {
  return { ...APP_DEFAULTS, ...stored };
}
