/**
 * Pushes a user's whole profile behind a login.
 *
 * Browsers keep the own profile for a day and do not ask for it after a reload, and no client asks for it after a reconnect: what
 * was changed elsewhere meanwhile would not be seen.
 */
import { type ProfileItem, STANDARD_TAGS } from '@portrait/wire';
import { isRevoked } from '../../profile/refuse-revoked.ts';
import type { Session } from '../../sessions/session.ts';
import type { Profile } from '../../storage/store.ts';
import type { A2Claims } from '../a2.ts';
import type { Connection } from './connection.ts';
import type { GatewayContext } from './gateway-context.ts';

/** @throws StoreError: the client is to be cut off, since it would go on with what it had */
export async function pushOwnProfile(
  login: { readonly connection: Connection; readonly session: Session; readonly claims: A2Claims },
  { store, sessions }: GatewayContext,
): Promise<void> {
  const { connection, session, claims } = login;
  let profile: Profile | undefined;
  let seen: number;
  do {
    seen = connection.pushCount;
    [profile] = await store.getProfiles(session.sdkAppId, [session.userId]);
    if (connection.session !== session) return;
    // a change that was pushed meanwhile is newer than what was read
  } while (connection.pushCount !== seen);
  if (!profile) return;
  if (!isRevoked(profile, claims)) return connection.pushItems(wholeProfile(profile));
  // kicked between the proof and the login
  sessions.close(session, 'logout');
  connection.kick(3);
}

/** Standard fields that were never set are named as well: the account may have been deleted and made anew since. */
function wholeProfile({ fields }: Profile): readonly ProfileItem[] {
  const standard = STANDARD_TAGS.map(({ tag, unset }) => ({ tag, value: fields[tag] ?? unset }));
  const custom = Object.entries(fields).filter(([tag]) => !STANDARD_TAGS.some((row) => row.tag === tag));
  return [...standard, ...custom.map(([tag, value]) => ({ tag, value }))];
}
