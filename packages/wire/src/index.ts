export { type AccountCheckResult, formatAccountCheckReply, parseAccountCheck } from './account-check.ts';
export { type AccountDeleteResult, formatAccountDeleteReply, parseAccountDelete } from './account-delete.ts';
export { parseAccountImport } from './account-import.ts';
export { type AccountRowsRequest, MAX_ACCOUNT_ROWS } from './account-rows.ts';
export {
  CALLBACK_COMMANDS,
  CALLBACK_PORTRAIT_SET,
  type CallbackExtension,
  extendCallback,
  formatPortraitSetCallback,
  type PortraitSetEvent,
  parsePortraitSetCallback,
  type ReceivedPortraitSet,
  readPortraitSetCallback,
} from './callback.ts';
export {
  type AnswerVerdict,
  type CallbackAnswer,
  formatCallbackAnswer,
  judgeCallbackAnswer,
  type SuccessRule,
} from './callback-answer.ts';
export {
  CALLBACK_SIGN_WINDOW_SECONDS,
  type CallbackSignInput,
  callbackSignContent,
  signCallback,
  verifyCallbackSign,
} from './callback-sign.ts';
export {
  type CallbackUrlQuery,
  type CallbackUrlSign,
  formatCallbackUrl,
  type ParsedCallbackUrl,
  parseCallbackUrl,
} from './callback-url.ts';
export { formatEmptyReply, formatRefusal, isOpenClientCommand } from './client-commands.ts';
export {
  type ClientFrame,
  type ClientPush,
  formatPushFrame,
  formatReplyFrame,
  parseClientFrame,
} from './client-frame.ts';
export { formatLoginReply, type LoginReply } from './client-login.ts';
export {
  CLIENT_PLATFORMS,
  type ClientPlatform,
  instancePlatformOf,
  optPlatformOf,
  type StatusPlatform,
} from './client-platforms.ts';
export {
  formatKickNotice,
  formatKickPush,
  formatProfilePush,
  type KickNotice,
  type KickType,
  type NewInstance,
} from './client-push.ts';
export {
  CLIENT_COMMANDS,
  type CommandName,
  type CommandRow,
  findClientCommand,
  findRestCommand,
  REST_COMMANDS,
  type RestCommand,
  type RestCommandName,
} from './commands.ts';
export {
  CUSTOM_TAG_PREFIX,
  type CustomField,
  type FieldRole,
  isCustomTag,
  isCustomTagName,
  MAX_CUSTOM_FIELDS,
} from './custom-fields.ts';
export { describeValue } from './describe-value.ts';
export {
  decodeSigningKey,
  decodeVerificationKey,
  formatSigningKey,
  formatVerificationKey,
  pkcs8OfSeed,
  type SigningKey,
} from './ed25519-keys.ts';
export { equalText } from './equal-text.ts';
export { ERROR_CODES, type ErrorCode, errorInfo, errorText, findErrorCode } from './error-codes.ts';
export { sha256Hex } from './hash.ts';
export type { ImportedAccount } from './imported-account.ts';
export { parseKick } from './kick.ts';
export {
  formatMultiaccountImportReply,
  MAX_IMPORT_ACCOUNTS,
  type MultiaccountEntry,
  type MultiaccountImportRequest,
  parseMultiaccountImport,
} from './multiaccount-import.ts';
export { type Parsed, parsedFault, parsedOk, type WireFault } from './parsed.ts';
export { OPT_PLATFORMS, type OptPlatform, parseOptPlatform } from './platforms.ts';
export {
  formatPortraitGetReply,
  MAX_GET_ACCOUNTS,
  MAX_GET_TAGS,
  type PortraitGetRequest,
  type PortraitGetResult,
  parsePortraitGet,
} from './portrait-get.ts';
export {
  formatPortraitGetAllReply,
  type PortraitGetAllResult,
  parsePortraitGetAll,
} from './portrait-get-all.ts';
export { MAX_SET_ITEMS, type PortraitSetRequest, parsePortraitSet, type UncheckedItem } from './portrait-set.ts';
export { checkReadableTags, checkWritableItems, type FieldAccess, type WriteAccess } from './profile-items.ts';
export {
  findStandardTag,
  MAX_VALUE_BYTES,
  MAX_VALUE_NUMBER,
  type ProfileItem,
  type ProfileValue,
  STANDARD_TAGS,
  type StandardTag,
} from './profile-tags.ts';
export { checkProfileText, checkProfileValue, type ProfileField } from './profile-value.ts';
export {
  formatQueryOnlineStatusReply,
  MAX_STATUS_ACCOUNTS,
  type OnlineStatus,
  type OnlineStatusResult,
  type PlatformStatus,
  parseQueryOnlineStatus,
  type QueryOnlineStatusRequest,
} from './query-online-status.ts';
export { isRawObject, type RawObject } from './raw-object.ts';
export { readableTags } from './readable-tags.ts';
export { formatFault, formatOk, type Reply, type ReplyOptions } from './reply.ts';
export type { SignatureCheck, SignatureFault } from './signature-check.ts';
export { decodeSigningSecret } from './signing-secret.ts';
export {
  type StandardWebhookInput,
  type StandardWebhookMessage,
  signStandardWebhook,
  verifyStandardWebhook,
} from './standard-webhooks.ts';
export { checkUserId, MAX_USER_ID_BYTES, parseUserId } from './user-id.ts';
export { parseUserSig, signUserSig, type UserSigExpectation, type UserSigInput, verifyUserSig } from './usersig.ts';
export { checkUserSigTime, type UserSigDocument } from './usersig-document.ts';
export { MAX_USER_SIG_BYTES, MAX_USER_SIG_CHARACTERS } from './usersig-text.ts';
export { fitsUtf8Bytes, utf8ByteLength } from './utf8.ts';
export { standardWebhookContent } from './webhook-content.ts';
export { importWebhookKeys, isWebhookKey, verifyWebhook, type WebhookInput, type WebhookKeys } from './webhook-keys.ts';
export { formatItems, type WireItem } from './wire-items.ts';
