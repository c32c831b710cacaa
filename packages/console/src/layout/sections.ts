/** The sections of an app, in the order of the navigation. */
import type { MessageKey } from '../i18n/i18n.tsx';
import type { IconName } from '../ui/icon.tsx';

export interface Section {
  /** behind the SDKAppID in the address */
  readonly path: string;
  readonly icon: IconName;
  readonly label: MessageKey;
  /** opens it after "g" */
  readonly key: string;
}

export const SECTIONS: readonly Section[] = [
  { path: 'overview', icon: 'overview', label: 'nav.overview', key: 'o' },
  { path: 'deliveries', icon: 'deliveries', label: 'nav.deliveries', key: 'd' },
  { path: 'endpoints', icon: 'endpoints', label: 'nav.endpoints', key: 'e' },
  { path: 'replays', icon: 'replays', label: 'nav.replays', key: 'r' },
  { path: 'users', icon: 'users', label: 'nav.users', key: 'u' },
  { path: 'playground', icon: 'playground', label: 'nav.playground', key: 'p' },
  { path: 'usersig', icon: 'usersig', label: 'nav.usersig', key: 's' },
  { path: 'settings', icon: 'settings', label: 'nav.settings', key: 'a' },
];
