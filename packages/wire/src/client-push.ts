/** What a server tells Tencent's Web SDK unasked: a profile changed, or the session was ended. */
import type { ClientPush } from './client-frame.ts';
import type { ProfileItem } from './profile-tags.ts';

/** Any number but 14, 16, 24, 26 and 100, which the SDK takes for something else. The real one is not known. */
const PROFILE_CHANGED = 8;
const KICKED_OUT = 10;

/**
 * The push that fields of a profile have new values. The SDK fires PROFILE_UPDATED if a value it holds really differs.
 *
 * Text goes into `ValueBytes` and numbers into `ValueNum`; both SDK lines of Tencent read these.
 */
export function formatProfilePush(userId: string, items: readonly ProfileItem[]): ClientPush {
  const list = items.map(({ tag, value }) =>
    typeof value === 'number' ? { Tag: tag, ValueNum: value } : { Tag: tag, ValueBytes: value },
  );
  const change = { Profile_Account: userId, ProfileList: list };
  return {
    servcmd: 'im_open_push.msg_push',
    body: { EventArray: [{ Event: PROFILE_CHANGED, ProfileDataMod: [change] }] },
  };
}

/**
 * Why a session was ended, as `KickType` says it: 1 another login on the same platform (the SDK's `multipleAccount`), 2
 * another login elsewhere (`multipleDevice`), 3 an administrator over REST (`REST_API_Kick`).
 */
export type KickType = 1 | 2 | 3;

/** The session that took another one's place. */
export interface NewInstance {
  readonly instId: number;
  /** OptPlatform */
  readonly platform: string;
}

/** Members of a kick: of the push, and of the reply 1002 to a client that missed it. */
export interface KickNotice {
  readonly KickType: KickType;
  readonly NewInstInfo?: { readonly InstId: number; readonly Platform: string };
}

/** @param by  absent when no other session took the place */
export function formatKickNotice(kickType: KickType, by?: NewInstance): KickNotice {
  return { KickType: kickType, ...(by && { NewInstInfo: { InstId: by.instId, Platform: by.platform } }) };
}

/** The push that a session was ended: the SDK fires KICKED_OUT. */
export function formatKickPush(notice: KickNotice): ClientPush {
  const event = { Event: KICKED_OUT, C2cNotifyMsgArray: [{ KickoutMsgNotify: notice }] };
  return { servcmd: 'im_open_status.stat_forceoffline', body: { EventArray: [event] } };
}
