/** The rule: what a command does to a profile. */
import { CALLBACK_PORTRAIT_SET, formatPortraitSetCallback, type ProfileItem, type ProfileValue } from '@portrait/wire';
import { ApiError } from '../errors.ts';
import type { Origin, Profile, ProfileChange, ProfileCommand } from '../storage/store.ts';

type Fields = Profile['fields'];
type NextProfile = ProfileChange['profile'];

/**
 * Work out what a command does to a record.
 *
 * Pure; runs inside the write transaction, after tags, values and permissions were checked.
 *
 * @param current  stored record, or undefined if there never was one
 * @param command  `set` has one item or more, tags unique
 * @param nowMs    commit time, Unix milliseconds
 * @returns next record, and the event if the change is announced
 * @throws ApiError 40003 `set` for an account that isn't there; 70107 `delete` or `revoke` for such a one
 * @see Tencent Cloud Chat, "Setting Profiles", document 1047/34916
 */
export function changeProfile(current: Profile | undefined, command: ProfileCommand, nowMs: number): ProfileChange {
  switch (command.kind) {
    case 'set':
      return announced(existing(current, command.userId, 40003), command.items, command.origin, nowMs);
    case 'import':
      return importAccount(current, command, nowMs);
    case 'delete': {
      const { version, revokedAtMs, createdAtMs } = existing(current, command.userId, 70107);
      const { sdkAppId, userId } = command;
      const erased = { sdkAppId, userId, version, fields: {}, isDeleted: true, createdAtMs, updatedAtMs: nowMs };
      return { profile: { ...erased, revokedAtMs: Math.max(nowMs, revokedAtMs) } };
    }
    case 'revoke': {
      const profile = existing(current, command.userId, 70107);
      return { profile: { ...profile, revokedAtMs: Math.max(nowMs, profile.revokedAtMs) } };
    }
  }
}

function existing(current: Profile | undefined, userId: string, code: number): Profile {
  if (current && !current.isDeleted) return current;
  const name = code === 40003 ? 'Err_Profile_Invalid_Account' : 'Err_TLS_PT_Open_Login_Account_Not_Exist';
  throw new ApiError(code, `${name}: there is no account "${userId}"; import it first`);
}

function importAccount(
  current: Profile | undefined,
  command: Extract<ProfileCommand, { kind: 'import' }>,
  nowMs: number,
): ProfileChange {
  const { sdkAppId, userId, items, origin, announce } = command;
  const profile: NextProfile =
    current && !current.isDeleted
      ? current
      : {
          sdkAppId,
          userId,
          // An account that was deleted goes on counting: to the receiver a second 1 would look like a late repeat.
          version: current?.version ?? 0,
          fields: {},
          isDeleted: false,
          revokedAtMs: current?.revokedAtMs ?? 0,
          createdAtMs: nowMs,
          updatedAtMs: nowMs,
        };
  if (items.length === 0) return { profile };
  if (announce) return announced(profile, items, origin, nowMs);
  return { profile: { ...profile, fields: merged(profile.fields, items), updatedAtMs: nowMs } };
}

function announced(
  profile: NextProfile,
  items: readonly ProfileItem[],
  { operatorId, clientIp, platform }: Origin,
  nowMs: number,
): ProfileChange {
  const { userId, fields } = profile;
  const version = profile.version + 1;
  return {
    profile: { ...profile, version, fields: merged(fields, items), updatedAtMs: nowMs },
    event: {
      userId,
      version,
      command: CALLBACK_PORTRAIT_SET,
      atMs: nowMs,
      clientIp,
      platform,
      body: formatPortraitSetCallback({ operatorId, userId, atMs: nowMs, items }),
      previousItems: previous(fields, items),
    },
  };
}

function merged(fields: Fields, items: readonly ProfileItem[]): Fields {
  const next: Record<string, ProfileValue> = { ...fields };
  for (const { tag, value } of items) next[tag] = value;
  return next;
}

function previous(fields: Fields, items: readonly ProfileItem[]): readonly ProfileItem[] {
  const before: ProfileItem[] = [];
  for (const { tag } of items) {
    const value = fields[tag];
    if (value !== undefined) before.push({ tag, value });
  }
  return before;
}
