/** What a call comes to, told by its requests and its end. */
import { formatEmptyReply } from '@portrait/wire';
import type { Observation, Request } from './observation.ts';

/** As docs/sdk-calls.md words it. */
export type Result = 'works' | 'answers empty' | 'refused' | 'refused by the SDK' | 'local' | 'absent';

/** What the server does with a servcmd, as docs/sdk-calls.md words it. */
export type Answer = 'works' | 'empty' | 'refused';

const REFUSED = 60009;

/** Calls that send nothing when they are made, but give what the login brought. */
const BROUGHT_BY_LOGIN: Readonly<Record<string, string>> = {
  getMyProfile: 'im_open_push.msg_push',
  getBlacklist: 'sns.black_list_get',
  getConversationList: 'recentcontact.page_get',
  getConversationProfile: 'recentcontact.page_get',
  getTotalUnreadMessageCount: 'recentcontact.page_get',
  getConversationGroupList: 'recentcontact.get_contact_group',
  getFriendList: 'sns.friend_get',
  getFriendGroupList: 'sns.group_get',
  getFriendApplicationList: 'sns.pendency_get',
  getGroupList: 'group_open_http_svc.get_joined_group_list',
  getGroupOnlineMemberCount: 'group_open_http_svc.get_joined_group_list',
  getGroupMemberList: 'group_open_http_svc.get_joined_group_list',
};

/** Servcmds that a call lives on. */
export function servcmdsOf({ method, requests }: Observation): readonly string[] {
  // the rest of what it asks for stands among the servcmds, and its order depends on the time it takes
  if (method === 'login') return requests.slice(0, 1).map(({ servcmd }) => servcmd);
  const source = BROUGHT_BY_LOGIN[method];
  return [...new Set([...requests.map(({ servcmd }) => servcmd), ...(source === undefined ? [] : [source])])];
}

/** What the server did with a request. @throws Error if it did something else than these three */
export function answerOf({ servcmd, code }: Request): Answer {
  if (code === REFUSED) return 'refused';
  if (code !== 0) throw new Error(`${servcmd} was answered ${code}`);
  return formatEmptyReply(servcmd) ? 'empty' : 'works';
}

/** @throws Error if it never ended, or the call succeeded although everything it asked for was refused */
export function resultOf(observation: Observation): Result {
  const { method, end, requests } = observation;
  if (end.kind === 'open') throw new Error(`${method} did not end`);
  const answers = requests.map(answerOf);
  if (end.kind === 'failed' || codesOf(observation).length > 0) {
    return answers.includes('refused') ? 'refused' : 'refused by the SDK';
  }
  if (answers.length > 0 && answers.every((answer) => answer === 'refused')) {
    throw new Error(`${method} succeeded, but was refused`);
  }
  const servcmds = servcmdsOf(observation);
  if (servcmds.length === 0) return 'local';
  return servcmds.every((servcmd) => !formatEmptyReply(servcmd)) && !answers.includes('refused')
    ? 'works'
    : 'answers empty';
}

/** Codes that the app gets, as rejection or for each user. */
export function codesOf({ end }: Observation): readonly number[] {
  if (end.kind === 'failed') return end.code === undefined ? [] : [end.code];
  const value = end.kind === 'ok' ? (end.value as Ended | null) : null;
  return (value?.data?.failureUserIDList ?? []).map(({ code }) => code);
}

interface Ended {
  readonly data?: { readonly failureUserIDList?: readonly { readonly code: number }[] };
}
