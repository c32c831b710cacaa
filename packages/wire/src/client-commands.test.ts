import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatEmptyReply, formatRefusal, isOpenClientCommand } from './client-commands.ts';

const OK = { ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' };
const NO_CONVERSATIONS = {
  CompleteFlag: 1,
  SessionItem: [],
  TimeStamp: 0,
  StartIndex: 0,
  TopTimeStamp: 0,
  TopStartIndex: 0,
};
const NO_FRIENDS = {
  FriendNum: 0,
  CompleteFlag: 1,
  NextStartIndex: 0,
  StandardSequence: 0,
  CustomSequence: 0,
  UserDataItem: [],
};
const NO_CONFIG = {
  int32_error_code: 0,
  str_error_message: '',
  str_json_config: '{}',
  uint32_expired_time: 86_400,
  uint64_version: 1,
};

/** What the SDK was seen to go on with, after login and later. */
const REPLIES: readonly (readonly [servcmd: string, members: object])[] = [
  ['sns.black_list_get', { BlackListItem: [], StartIndex: 0 }],
  ['recentcontact.page_get', NO_CONVERSATIONS],
  ['recentcontact.get_contact_group', { CompleteFlag: 1, NextStartIndex: 0, GroupItem: [], ContactItem: [] }],
  ['group_open_http_svc.get_joined_group_list', { TotalCount: 0, GroupIdList: [] }],
  ['million_group_open_http_svc.get_joined_group_list', { TotalCount: 0, GroupIdList: [] }],
  ['openim.getmsg', { Cookie: '', SyncFlag: 2, MsgList: [] }],
  ['sns.friend_get', NO_FRIENDS],
  ['sns.group_get', { ResultItem: [] }],
  ['sns.pendency_get', { PendencyItem: [], UnreadPendencyCount: 0 }],
  ['im_sdk_config_mgr.fetch_config', NO_CONFIG],
  [
    'im_sdk_config_mgr.fetch_imsdk_purchase_bitsv2',
    { int32_error_code: 0, str_purchase_bits: '0', uint32_expired_time: 86_400 },
  ],
  ['imopenstat.tim_web_report_v2', {}],
  ['openim.authkey', {}],
  ['openim.get_c2c_peer_mute_notifications', {}],
];

/** Commands that are none, such as a table that is an object would know all the same. */
const UNKNOWN = [
  '',
  'openim.sendmsg',
  'SNS.friend_get',
  '__proto__.x',
  '__proto__',
  'constructor',
  'constructor.name',
  'toString',
  'hasOwnProperty.call',
];

describe('formatEmptyReply', () => {
  for (const [servcmd, members] of REPLIES) {
    test(servcmd, () => assert.deepEqual(formatEmptyReply(servcmd), { ...OK, ...members }));
  }
  for (const servcmd of UNKNOWN) {
    test(`"${servcmd}" has none`, () => assert.equal(formatEmptyReply(servcmd), undefined));
  }
});

test('without a login only telemetry is answered', () => {
  const open = [...REPLIES.map(([servcmd]) => servcmd), ...UNKNOWN].filter(isOpenClientCommand);
  assert.deepEqual(open, ['imopenstat.tim_web_report_v2']);
});

const TOPICS: Readonly<Record<string, string>> = {
  openim: 'no messages',
  openim_msg_ext_http_svc: 'no messages',
  im_long_msg: 'no messages',
  im_msg_db_logic: 'no messages',
  im_msg_audit_mgr: 'no messages',
  sns: 'no friends or block lists',
  recentcontact: 'no conversations',
  group_open_http_svc: 'no groups',
  million_group_open_http_svc: 'no groups',
  group_open_avchatroom_http_svc: 'no groups',
  group_open_avchatroom_http_noauth_svc: 'no groups',
  group_open_attr_http_svc: 'no groups',
  group_open_http_noauth_svc: 'no groups',
  group_open_long_polling_http_svc: 'no groups',
  group_open_long_polling_http_noauth_svc: 'no groups',
  follow: 'no followers',
  im_open_status: 'no user status',
  message_search: 'no search',
  user_search: 'no search',
  group_search: 'no search',
  group_member_search: 'no search',
  im_open_translate: 'no translation',
  im_open_speech: 'no speech recognition',
  im_cos_sign_svr: 'no files',
  im_cos_msg: 'no files',
  openpic: 'no files',
};

describe('formatRefusal', () => {
  for (const [service, topic] of Object.entries(TOPICS)) {
    test(`${service}: ${topic}`, () => {
      const { ActionStatus, ErrorCode, ErrorInfo } = formatRefusal({ service, servcmd: `${service}.x` });
      const text = `This server keeps profiles only: it has ${topic} (${service}.x)`;
      assert.deepEqual([ActionStatus, ErrorCode, ErrorInfo], ['FAIL', 60009, text]);
    });
  }

  for (const service of ['other', '__proto__', 'constructor']) {
    test(`${service}: the command itself`, () => {
      assert.deepEqual(formatRefusal({ service, servcmd: `${service}.x` }), {
        ActionStatus: 'FAIL',
        ErrorCode: 60009,
        ErrorInfo: `This server keeps profiles only: it has no command ${service}.x`,
      });
    });
  }

  test('where the SDK looks for a code of its own, that is there too', () => {
    for (const service of ['im_open_translate', 'im_open_speech']) {
      const { CmdErrorCode, ErrorInfo } = formatRefusal({ service, servcmd: `${service}.x` }) as Record<
        string,
        unknown
      >;
      assert.deepEqual(CmdErrorCode, { ErrorCode: 60009, ErrorInfo });
    }
  });
});
