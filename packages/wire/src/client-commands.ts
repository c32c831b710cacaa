/**
 * What Tencent's Web SDK asks of a server beside logins and profiles. It asks for friends, groups and conversations at
 * every login, whether the app uses them or not; the wrong reply to some of these makes it ask again without end.
 *
 * Found by running the packages `@tencentcloud/chat` 3.6.6 and `tim-js-sdk` 2.27.6.
 */
import { formatFault, formatOk, type Reply } from './reply.ts';

/** One row of EMPTY_REPLIES. */
interface EmptyReply {
  /** Members beside those of the envelope. */
  readonly members?: object;
  /** Why these members have to be there. */
  readonly because?: string;
  /** Asked before login and after logout too. */
  readonly isOpen?: true;
}

/** Success with nothing in it, by servcmd. */
const EMPTY_REPLIES: Readonly<Record<string, EmptyReply>> = {
  'sns.black_list_get': {
    members: { BlackListItem: [], StartIndex: 0 },
    because: 'only StartIndex 0 ends it: over 5,000 requests in 1.5 s else',
  },
  'recentcontact.page_get': {
    members: {
      CompleteFlag: 1,
      SessionItem: [],
      TimeStamp: 0,
      StartIndex: 0,
      TopTimeStamp: 0,
      TopStartIndex: 0,
    },
    because: 'only CompleteFlag 1 ends it: over 8,000 requests in 1.5 s else',
  },
  'recentcontact.get_contact_group': {
    members: { CompleteFlag: 1, NextStartIndex: 0, GroupItem: [], ContactItem: [] },
    because: 'CompleteFlag 0 repeats it',
  },
  'group_open_http_svc.get_joined_group_list': { members: { TotalCount: 0, GroupIdList: [] } },
  'million_group_open_http_svc.get_joined_group_list': { members: { TotalCount: 0, GroupIdList: [] } },
  'openim.getmsg': {
    members: { Cookie: '', SyncFlag: 2, MsgList: [] },
    because: 'an empty Cookie ends the synchronisation',
  },
  'sns.friend_get': {
    members: {
      FriendNum: 0,
      CompleteFlag: 1,
      NextStartIndex: 0,
      StandardSequence: 0,
      CustomSequence: 0,
      UserDataItem: [],
    },
    because: 'CompleteFlag 0 repeats it',
  },
  'sns.group_get': { members: { ResultItem: [] } },
  'sns.pendency_get': { members: { PendencyItem: [], UnreadPendencyCount: 0 } },
  'im_sdk_config_mgr.fetch_config': {
    members: {
      int32_error_code: 0,
      str_error_message: '',
      str_json_config: '{}',
      uint32_expired_time: 86_400,
      uint64_version: 1,
    },
  },
  'im_sdk_config_mgr.fetch_imsdk_purchase_bitsv2': {
    members: { int32_error_code: 0, str_purchase_bits: '0', uint32_expired_time: 86_400 },
    because: 'an error repeats it every second, a bare success is logged as an error',
  },
  'imopenstat.tim_web_report_v2': { because: 'telemetry; thrown away', isOpen: true },
  // asked at login by tim-js-sdk only
  'openim.authkey': {},
  'openim.get_c2c_peer_mute_notifications': {},
};

/** Whether a command is answered without a login. */
export function isOpenClientCommand(servcmd: string): boolean {
  return Object.hasOwn(EMPTY_REPLIES, servcmd) && EMPTY_REPLIES[servcmd]?.isOpen === true;
}

/** The empty success of a command that clients send at start or by themselves; undefined for any other. */
export function formatEmptyReply(servcmd: string): Reply | undefined {
  if (!Object.hasOwn(EMPTY_REPLIES, servcmd)) return undefined;
  return formatOk(EMPTY_REPLIES[servcmd]?.members);
}

const REFUSED = 60009;

/** What the services that Portrait does not offer are about. */
const SERVICES: Readonly<Record<string, string>> = {
  openim: 'messages',
  openim_msg_ext_http_svc: 'messages',
  im_long_msg: 'messages',
  im_msg_db_logic: 'messages',
  im_msg_audit_mgr: 'messages',
  sns: 'friends or block lists',
  recentcontact: 'conversations',
  group_open_http_svc: 'groups',
  million_group_open_http_svc: 'groups',
  group_open_avchatroom_http_svc: 'groups',
  group_open_avchatroom_http_noauth_svc: 'groups',
  group_open_attr_http_svc: 'groups',
  group_open_http_noauth_svc: 'groups',
  group_open_long_polling_http_svc: 'groups',
  group_open_long_polling_http_noauth_svc: 'groups',
  follow: 'followers',
  im_open_status: 'user status',
  message_search: 'search',
  user_search: 'search',
  group_search: 'search',
  group_member_search: 'search',
  im_open_translate: 'translation',
  im_open_speech: 'speech recognition',
  im_cos_sign_svr: 'files',
  im_cos_msg: 'files',
  openpic: 'files',
};

/** Services whose replies the SDK judges by a code of their own; without it, it throws a TypeError of its own. */
const OWN_CODE: ReadonlySet<string> = new Set(['im_open_translate', 'im_open_speech']);

/** The refusal of a command that Portrait does not serve; its text is all that the app's developer sees. */
export function formatRefusal({ service, servcmd }: { readonly service: string; readonly servcmd: string }): Reply {
  const topic = Object.hasOwn(SERVICES, service) ? SERVICES[service] : undefined;
  const what = topic === undefined ? `it has no command ${servcmd}` : `it has no ${topic} (${servcmd})`;
  const refusal = formatFault({ code: REFUSED, message: `This server keeps profiles only: ${what}` });
  if (!OWN_CODE.has(service)) return refusal;
  return { ...refusal, CmdErrorCode: { ErrorCode: refusal.ErrorCode, ErrorInfo: refusal.ErrorInfo } };
}
