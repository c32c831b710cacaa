/**
 * Name of a callback that Tencent Cloud Chat documents, or that maintained client libraries know.
 *
 * Types alone: what comes with a newer name is handled like the others here, so the list costs a bundle nothing.
 *
 * @see Tencent Cloud Chat, "Webhook Command List", documents 1047/34355 (English) and 269/1521 (Chinese)
 */
export type CallbackCommand =
  | 'Alert.RequestOverLimit'
  | 'State.StateChange'
  | 'Profile.CallbackPortraitSet'
  | `Sns.Callback${'Prev' | ''}FriendAdd`
  | 'Sns.CallbackPrevFriendResponse'
  | 'Sns.CallbackFriendDelete'
  | `Sns.CallbackBlackList${'Add' | 'Delete'}`
  | `Follow.CallbackAfterFollow${'Add' | 'Delete'}`
  | `C2C.Callback${C2cCallback}`
  | `Group.Callback${GroupCallback}`
  | `Bot.On${'C2C' | 'Group'}Message`
  | 'Chatbot.OnC2CSignalMessage'
  | 'ContentCallback.ResultNotify'
  | `OfficialAccount.Callback${OfficialAccountCallback}`
  | `Push.${'Offline' | 'AllMember'}Push`;

type C2cCallback =
  | 'BeforeSendMsg'
  | `After${'SendMsg' | 'MsgReport' | 'MsgWithDraw' | 'C2CMsgExtension' | 'MsgReadReceipt' | 'ModifyMsg' | 'MsgReadAll'}`;

type GroupCallback =
  | `Before${'CreateGroup' | 'ApplyJoinGroup' | 'InviteJoinGroup' | 'SendMsg' | 'CreateTopic'}`
  | `After${'CreateGroup' | 'NewMemberJoin' | 'MemberExit' | 'SendMsg' | 'RecallMsg' | 'ModifyMsg' | 'ReadReceipt'}`
  | `AfterGroup${'Full' | 'Destroyed' | 'InfoChanged' | 'AttrChanged'}`
  | `After${'CreateTopic' | 'TopicDestroyed' | 'TopicInfoChanged' | 'MemberFieldChanged' | 'ChangeGroupOwner'}`
  | 'OnMemberStateChange'
  | 'OnDailyGroupQuotaAlarm'
  | 'SendMsgException';

type OfficialAccountCallback =
  | `Before${'CreateOfficialAccount' | 'AddSubscriber' | 'SendMsg'}`
  | `After${'CreateOfficialAccount' | 'AddSubscriber' | 'DeleteSubscriber' | 'SendMsg' | 'MsgWithDraw'}`
  | `AfterOfficialAccount${'InfoChanged' | 'Destroyed' | 'Full'}`;
