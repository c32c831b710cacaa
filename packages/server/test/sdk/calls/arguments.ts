/** Plausible arguments for every method of the official packages. */

/** A message of the SDK; it takes no copies. */
export type Message = object;

/** Members set on a message before it is used. */
type Members = Readonly<Record<string, unknown>>;

/** What arguments are made of. */
export interface Stage {
  /** `TYPES` of the package */
  readonly types: Readonly<Record<string, string | number>>;
  readonly login: { readonly userID: string; readonly userSig: string };
  /** What methods with callbacks call at their end. */
  readonly onSuccess: (value: unknown) => void;
  readonly onError: (code: number, message: string) => void;
  /** Make a message by a method of the SDK, and set members as the server or a failure would have. */
  message(create: string, options: object, members?: Members): Message;
}

/** Another user; the account exists. */
export const PEER = 'peer';
const GROUP = '@TGS#2GROUP';
const COMMUNITY = '@TGS#_COMMUNITY';
const TOPIC = '@TGS#_COMMUNITY@TOPIC#_1';
const TO_PEER = `C2C${PEER}`;
const PEERS = { userIDList: [PEER] };
const CONVERSATIONS = { conversationIDList: [TO_PEER] };

/** Makes the arguments of a call. */
export type MakeArguments = (stage: Stage) => readonly unknown[];

const none: MakeArguments = () => [];
const toPeer = (payload: object): MakeArguments => {
  return ({ types }) => [{ to: PEER, conversationType: types.CONV_C2C, payload }];
};
const file = (name: string, type: string): MakeArguments => {
  return (stage) => toPeer({ file: new File(['content'], name, { type }) })(stage);
};
function nothing(): void {}

const SENT = { status: 'success', time: 1_795_440_360, sequence: 1_001, random: 12_345_678 };
const options = (to: string, conversationType: unknown): object => ({
  to,
  conversationType,
  payload: { text: 'hello' },
});

/** A text to another user. */
function text({ types, message }: Stage, members?: Members, more?: object): Message {
  return message('createTextMessage', { ...options(PEER, types.CONV_C2C), ...more }, members);
}

const sent = (stage: Stage, more?: object): Message => text(stage, { ...SENT, flow: 'out' }, more);
const received = (stage: Stage, more?: object): Message => text(stage, { ...SENT, flow: 'in', from: PEER }, more);

function sentToGroup({ types, message }: Stage): Message {
  return message('createTextMessage', options(GROUP, types.CONV_GROUP), { ...SENT, flow: 'out' });
}

/** A sound of another user. */
function sound({ types, message }: Stage): Message {
  const payload = { file: new File(['content'], 'a.mp3', { type: 'audio/mp3' }) };
  const heard = { url: 'https://files.invalid/a.mp3' };
  const made = { to: PEER, conversationType: types.CONV_C2C, payload };
  return message('createAudioMessage', made, { ...SENT, flow: 'in', from: PEER, payload: heard });
}

/** By method, in the order in which they are called: what ends the session comes last. */
export const ARGUMENTS: Readonly<Record<string, MakeArguments>> = {
  // login and life cycle
  login: ({ login }) => [login],
  getLoginUser: none,
  getServerTime: none,
  isReady: none,
  on: () => ['onProfileUpdated', nothing],
  once: () => ['onProfileUpdated', nothing],
  off: () => ['onProfileUpdated', nothing],
  registerPlugin: () => [{ 'tim-upload-plugin': class {} }],
  setLogLevel: () => [0],
  callExperimentalAPI: () => ['isCommercialAbilityEnabled', 32],

  // profile
  getMyProfile: none,
  getUserProfile: () => [PEERS],
  updateMyProfile: () => [{ nick: 'Caller' }],
  getBlacklist: none,
  addToBlacklist: () => [PEERS],
  removeFromBlacklist: () => [PEERS],

  // user status
  setSelfStatus: () => [{ customStatus: 'busy' }],
  getUserStatus: () => [PEERS],
  subscribeUserStatus: () => [PEERS],
  unsubscribeUserStatus: () => [PEERS],

  // messages
  createTextMessage: toPeer({ text: 'hello' }),
  createTextAtMessage: ({ types }) => [
    { to: GROUP, conversationType: types.CONV_GROUP, payload: { text: 'hello', atUserList: [PEER] } },
  ],
  createImageMessage: file('a.png', 'image/png'),
  createAudioMessage: file('a.mp3', 'audio/mp3'),
  createVideoMessage: file('a.mp4', 'video/mp4'),
  createCustomMessage: toPeer({ data: '{}', description: '', extension: '' }),
  createFaceMessage: toPeer({ index: 1, data: 'smile' }),
  createFileMessage: file('a.txt', 'text/plain'),
  createLocationMessage: toPeer({ description: 'here', longitude: 1.5, latitude: 2.5 }),
  createMergerMessage: (stage) =>
    toPeer({ messageList: [received(stage)], title: 'talk', abstractList: ['hello'], compatibleText: 'old' })(stage),
  createForwardMessage: (stage) => toPeer(received(stage))(stage),
  sendMessage: (stage) => [text(stage)],
  resendMessage: (stage) => [text(stage, { status: 'fail' })],
  revokeMessage: (stage) => [sent(stage)],
  deleteMessage: (stage) => [[sent(stage)]],
  modifyMessage: (stage) => [sent(stage)],
  downloadMergerMessage: (stage) => [
    text(stage, { ...SENT, type: stage.types.MSG_MERGER, payload: { downloadKey: 'key', pbDownloadKey: 'key' } }),
  ],
  findMessage: () => ['144115200093307097-1795440360-12345678'],
  translateText: () => [{ sourceTextList: ['hello'], sourceLanguage: 'en', targetLanguage: 'zh' }],
  convertVoiceToText: (stage) => [{ message: sound(stage), language: 'en-US' }],
  setMessageExtensions: (stage) => [sent(stage, { isSupportExtension: true }), [{ key: 'a', value: 'b' }]],
  getMessageExtensions: (stage) => [sent(stage, { isSupportExtension: true })],
  deleteMessageExtensions: (stage) => [sent(stage, { isSupportExtension: true }), ['a']],
  addMessageReaction: (stage) => [received(stage), 'smile'],
  removeMessageReaction: (stage) => [received(stage), 'smile'],
  getMessageReactions: (stage) => [{ messageList: [received(stage)], maxUserCountPerReaction: 5 }],
  getAllUserListOfMessageReaction: (stage) => [
    { message: received(stage), reactionID: 'smile', nextSeq: 0, count: 20 },
  ],
  sendMessageReadReceipt: (stage) => [[received(stage, { needReadReceipt: true })]],
  getMessageReadReceiptList: (stage) => [[sent(stage, { needReadReceipt: true })]],
  getGroupMessageReadMemberList: (stage) => [{ message: sentToGroup(stage), filter: 0, cursor: '', count: 10 }],
  searchCloudMessages: () => [{ keywordList: ['hello'] }],
  searchCloudUsers: () => [{ keywordList: ['peer'] }],
  searchCloudGroups: () => [{ keywordList: ['group'] }],
  searchCloudGroupMembers: () => [{ keywordList: ['peer'] }],

  // conversations
  getMessageList: () => [{ conversationID: TO_PEER }],
  getMessageListHopping: () => [{ conversationID: TO_PEER, time: 1_795_440_360, direction: 0 }],
  setMessageRead: () => [{ conversationID: TO_PEER }],
  setAllMessageRead: ({ types }) => [{ scope: types.READ_ALL_MSG }],
  getConversationList: none,
  getConversationProfile: () => [TO_PEER],
  deleteConversation: () => [TO_PEER],
  setConversationDraft: () => [{ conversationID: TO_PEER, draftText: 'hel' }],
  clearHistoryMessage: () => [TO_PEER],
  pinConversation: () => [{ conversationID: TO_PEER, isPinned: true }],
  setMessageRemindType: ({ types }) => [{ userIDList: [PEER], messageRemindType: types.MSG_REMIND_DISCARD }],
  setAllReceiveMessageOpt: ({ types }) => [
    {
      messageRemindType: types.MSG_REMIND_ACPT_NOT_NOTE,
      startHour: 1,
      startMinute: 0,
      startSecond: 0,
      duration: 3_600,
      isRepeated: true,
    },
  ],
  getAllReceiveMessageOpt: none,
  getTotalUnreadMessageCount: none,
  setConversationCustomData: () => [{ ...CONVERSATIONS, customData: 'data' }],
  markConversation: ({ types }) => [{ ...CONVERSATIONS, markType: types.CONV_MARK_TYPE_STAR ?? 1, enableMark: true }],
  getConversationGroupList: none,
  createConversationGroup: () => [{ ...CONVERSATIONS, groupName: 'work' }],
  deleteConversationGroup: () => ['work'],
  renameConversationGroup: () => [{ oldName: 'work', newName: 'home' }],
  addConversationsToGroup: () => [{ ...CONVERSATIONS, groupName: 'work' }],
  deleteConversationsFromGroup: () => [{ ...CONVERSATIONS, groupName: 'work' }],

  // friends
  getFriendList: none,
  addFriend: ({ types }) => [
    { to: PEER, source: 'AddSource_Type_Web', wording: 'hello', type: types.SNS_ADD_TYPE_BOTH },
  ],
  deleteFriend: ({ types }) => [{ ...PEERS, type: types.SNS_DELETE_TYPE_BOTH }],
  checkFriend: ({ types }) => [{ ...PEERS, type: types.SNS_CHECK_TYPE_BOTH }],
  getFriendProfile: () => [PEERS],
  updateFriend: () => [{ userID: PEER, remark: 'friend' }],
  getFriendApplicationList: none,
  acceptFriendApplication: ({ types }) => [{ userID: PEER, type: types.SNS_APPLICATION_AGREE }],
  refuseFriendApplication: () => [{ userID: PEER }],
  deleteFriendApplication: ({ types }) => [{ userID: PEER, type: types.SNS_APPLICATION_SENT_TO_ME }],
  setFriendApplicationRead: none,
  getFriendGroupList: none,
  createFriendGroup: () => [{ ...PEERS, name: 'work' }],
  deleteFriendGroup: () => [{ name: 'work' }],
  addToFriendGroup: () => [{ ...PEERS, name: 'work' }],
  removeFromFriendGroup: () => [{ ...PEERS, name: 'work' }],
  renameFriendGroup: () => [{ oldName: 'work', newName: 'home' }],

  // following
  followUser: () => [[PEER]],
  unfollowUser: () => [[PEER]],
  getMyFollowersList: none,
  getMyFollowingList: none,
  getMutualFollowersList: none,
  getUserFollowInfo: () => [[PEER]],
  checkFollowType: () => [[PEER]],

  // groups
  getGroupList: none,
  getGroupProfile: () => [{ groupID: GROUP }],
  createGroup: ({ types }) => [{ type: types.GRP_PUBLIC, name: 'group', groupID: 'group' }],
  dismissGroup: () => [GROUP],
  updateGroupProfile: () => [{ groupID: GROUP, name: 'group' }],
  joinGroup: ({ types }) => [{ groupID: GROUP, type: types.GRP_PUBLIC }],
  quitGroup: () => [GROUP],
  pinGroupMessage: (stage) => [{ groupID: GROUP, message: sentToGroup(stage), isPinned: true }],
  getPinnedGroupMessageList: () => [GROUP],
  searchGroupByID: () => [GROUP],
  getGroupOnlineMemberCount: () => [GROUP],
  changeGroupOwner: () => [{ groupID: GROUP, newOwnerID: PEER }],
  getGroupApplicationList: none,
  handleGroupApplication: () => [
    {
      handleAction: 'Agree',
      application: { applicant: PEER, applicantNick: '', groupID: GROUP, groupName: '', applicationType: 0 },
    },
  ],
  initGroupAttributes: () => [{ groupID: GROUP, groupAttributes: { a: 'b' } }],
  setGroupAttributes: () => [{ groupID: GROUP, groupAttributes: { a: 'b' } }],
  deleteGroupAttributes: () => [{ groupID: GROUP, keyList: ['a'] }],
  getGroupAttributes: () => [{ groupID: GROUP, keyList: ['a'] }],
  setGroupCounters: () => [{ groupID: GROUP, counters: { a: 1 } }],
  increaseGroupCounter: () => [{ groupID: GROUP, key: 'a', value: 1 }],
  decreaseGroupCounter: () => [{ groupID: GROUP, key: 'a', value: 1 }],
  getGroupCounters: () => [{ groupID: GROUP, keyList: ['a'] }],
  getGroupMemberList: () => [{ groupID: GROUP, count: 15, offset: 0 }],
  getGroupMemberProfile: () => [{ groupID: GROUP, userIDList: [PEER] }],
  addGroupMember: () => [{ groupID: GROUP, userIDList: [PEER] }],
  deleteGroupMember: () => [{ groupID: GROUP, userIDList: [PEER] }],
  setGroupMemberMuteTime: () => [{ groupID: GROUP, userID: PEER, muteTime: 60 }],
  setGroupMemberRole: ({ types }) => [{ groupID: GROUP, userID: PEER, role: types.GRP_MBR_ROLE_ADMIN }],
  setGroupMemberNameCard: () => [{ groupID: GROUP, userID: PEER, nameCard: 'Peer' }],
  setGroupMemberCustomField: () => [{ groupID: GROUP, userID: PEER, memberCustomField: [{ key: 'a', value: 'b' }] }],
  markGroupMemberList: () => [{ groupID: GROUP, userIDList: [PEER], markType: 1_000, enableMark: true }],

  // communities and topics
  getJoinedCommunityList: none,
  createTopicInCommunity: () => [{ groupID: COMMUNITY, topicName: 'topic' }],
  deleteTopicFromCommunity: () => [{ groupID: COMMUNITY, topicIDList: [TOPIC] }],
  updateTopicProfile: () => [{ groupID: COMMUNITY, topicID: TOPIC, topicName: 'topic' }],
  getTopicList: () => [{ groupID: COMMUNITY }],

  // signaling
  addSignalingListener: () => ['ts_invitee_accepted', nothing],
  removeSignalingListener: () => ['ts_invitee_accepted', nothing],
  invite: () => [{ userID: PEER, data: 'call', timeout: 30 }],
  inviteSync: ({ onSuccess, onError }) => [{ userID: PEER, data: 'call', timeout: 30 }, onSuccess, onError],
  inviteInGroup: () => [{ groupID: GROUP, inviteeList: [PEER], data: 'call', timeout: 30 }],
  inviteInGroupSync: ({ onSuccess, onError }) => [
    { groupID: GROUP, inviteeList: [PEER], data: 'call', timeout: 30 },
    onSuccess,
    onError,
  ],
  cancel: () => [{ inviteID: 'invitation', data: 'call' }],
  accept: () => [{ inviteID: 'invitation', data: 'call' }],
  reject: () => [{ inviteID: 'invitation', data: 'call' }],
  getSignalingInfo: (stage) => [received(stage)],
  modifyInvitation: () => [{ inviteID: 'invitation', data: 'changed' }],

  // the end
  logout: none,
  destroy: none,
};
