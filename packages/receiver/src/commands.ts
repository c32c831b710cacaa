/**
 * Every callback that Tencent Cloud Chat documents or that maintained client libraries know, by family.
 *
 * @see Tencent Cloud Chat, "Webhook Command List", documents 1047/34355 (English) and 269/1521 (Chinese)
 */
const FAMILIES = {
  Alert: ['RequestOverLimit'],
  State: ['StateChange'],
  Profile: ['CallbackPortraitSet'],
  Sns: [
    'CallbackPrevFriendAdd',
    'CallbackPrevFriendResponse',
    'CallbackFriendAdd',
    'CallbackFriendDelete',
    'CallbackBlackListAdd',
    'CallbackBlackListDelete',
  ],
  Follow: ['CallbackAfterFollowAdd', 'CallbackAfterFollowDelete'],
  C2C: [
    'CallbackBeforeSendMsg',
    'CallbackAfterSendMsg',
    'CallbackAfterMsgReport',
    'CallbackAfterMsgWithDraw',
    'CallbackAfterC2CMsgExtension',
    'CallbackAfterMsgReadReceipt',
    'CallbackAfterModifyMsg',
    'CallbackAfterMsgReadAll',
  ],
  Group: [
    'CallbackBeforeCreateGroup',
    'CallbackAfterCreateGroup',
    'CallbackBeforeApplyJoinGroup',
    'CallbackBeforeInviteJoinGroup',
    'CallbackAfterNewMemberJoin',
    'CallbackAfterMemberExit',
    'CallbackBeforeSendMsg',
    'CallbackAfterSendMsg',
    'CallbackAfterGroupFull',
    'CallbackAfterGroupDestroyed',
    'CallbackAfterGroupInfoChanged',
    'CallbackOnMemberStateChange',
    'CallbackSendMsgException',
    'CallbackAfterRecallMsg',
    'CallbackBeforeCreateTopic',
    'CallbackAfterCreateTopic',
    'CallbackAfterTopicDestroyed',
    'CallbackAfterTopicInfoChanged',
    'CallbackAfterMemberFieldChanged',
    'CallbackAfterGroupAttrChanged',
    'CallbackAfterReadReceipt',
    'CallbackAfterChangeGroupOwner',
    'CallbackAfterModifyMsg',
    'CallbackOnDailyGroupQuotaAlarm',
  ],
  Bot: ['OnC2CMessage', 'OnGroupMessage'],
  Chatbot: ['OnC2CSignalMessage'],
  ContentCallback: ['ResultNotify'],
  OfficialAccount: [
    'CallbackBeforeCreateOfficialAccount',
    'CallbackAfterCreateOfficialAccount',
    'CallbackAfterOfficialAccountInfoChanged',
    'CallbackAfterOfficialAccountDestroyed',
    'CallbackBeforeAddSubscriber',
    'CallbackAfterAddSubscriber',
    'CallbackAfterOfficialAccountFull',
    'CallbackAfterDeleteSubscriber',
    'CallbackBeforeSendMsg',
    'CallbackAfterSendMsg',
    'CallbackAfterMsgWithDraw',
  ],
  Push: ['OfflinePush', 'AllMemberPush'],
} as const;

type Families = typeof FAMILIES;

/** Name of a callback that this library knows. */
export type CallbackCommand = {
  [Family in keyof Families]: `${Family}.${Families[Family][number]}`;
}[keyof Families];

const FAMILY_OF: ReadonlyMap<string, readonly string[]> = /* @__PURE__ */ new Map(Object.entries(FAMILIES));

/** Whether it is one of them. */
export function isKnownCommand(command: string): command is CallbackCommand {
  const [family = '', name = '', ...more] = command.split('.');
  return more.length === 0 && (FAMILY_OF.get(family)?.includes(name) ?? false);
}

/** Whether the sender waits for a decision and goes on without one: such callbacks are never sent twice. */
export function isBeforeCommand(command: string): boolean {
  return /\.Callback(Before|Prev)/.test(command);
}
