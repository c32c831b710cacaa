import { describeValue } from './describe-value.ts';
import { errorText } from './error-codes.ts';
import { type Parsed, parsedFault, parsedOk, type WireFault } from './parsed.ts';
import { isRawObject } from './raw-object.ts';
import { formatFault, formatOk, type Reply } from './reply.ts';
import { parseUserIds } from './user-id.ts';

const MALFORMED = 90001;
const BAD_ACCOUNT = 90003;
const TOO_MANY = 90011;
const NOT_IMPORTED = 70107;

/** Accounts in one query_online_status. */
export const MAX_STATUS_ACCOUNTS = 500;

/** State of a user or of one of his devices; `PushOnline` is reachable by offline push only. */
export type OnlineStatus = 'Online' | 'PushOnline' | 'Offline';

/** A `query_online_status` request: 1 to 500 users. */
export interface QueryOnlineStatusRequest {
  readonly userIds: readonly string[];
  /** Whether the answer lists the platforms. */
  readonly needsDetail: boolean;
}

/** State of one platform: iPhone, Android, Web, PC, iPad or Mac. */
export interface PlatformStatus {
  readonly platform: string;
  readonly status: OnlineStatus;
}

/** What was found for one user; `detail` only when it was asked for. */
export type OnlineStatusResult =
  | { readonly userId: string; readonly status: OnlineStatus; readonly detail?: readonly PlatformStatus[] | undefined }
  | { readonly userId: string; readonly fault: WireFault };

/**
 * Read the body of `openim/query_online_status`.
 *
 * @param body  any JSON value
 * @returns the request; 90011 over 500 accounts, 90003 for a bad one, 60015 for one that is not a string, else 90001
 * @see Tencent Cloud Chat, "Querying Account Online Status", document 1047/35477
 */
export function parseQueryOnlineStatus(body: unknown): Parsed<QueryOnlineStatusRequest> {
  if (!isRawObject(body)) return parsedFault(MALFORMED, `body: expected a JSON object, got ${describeValue(body)}`);
  const { To_Account: accounts, IsNeedDetail: detail } = body;
  if (!Array.isArray(accounts) || accounts.length === 0) {
    return parsedFault(MALFORMED, `To_Account: expected an array of accounts, got ${describeValue(accounts)}`);
  }
  if (accounts.length > MAX_STATUS_ACCOUNTS) {
    return parsedFault(TOO_MANY, `To_Account: at most ${MAX_STATUS_ACCOUNTS} accounts, got ${accounts.length}`);
  }
  if (detail !== undefined && detail !== 0 && detail !== 1) {
    return parsedFault(MALFORMED, `IsNeedDetail: expected 0 or 1, got ${describeValue(detail)}`);
  }
  const userIds = parseUserIds(accounts, 'To_Account', BAD_ACCOUNT);
  return userIds.ok ? parsedOk({ userIds: userIds.value, needsDetail: detail === 1 }) : userIds;
}

/**
 * Answer of `openim/query_online_status`.
 *
 * `ErrorList` is there only when an account failed. When all failed the envelope says so: FAIL, 70107.
 *
 * @see Tencent Cloud Chat, "Querying Account Online Status", document 1047/35477
 */
export function formatQueryOnlineStatusReply(results: readonly OnlineStatusResult[]): Reply {
  const found = [];
  const failed = [];
  for (const result of results) {
    if ('fault' in result) failed.push({ To_Account: result.userId, ErrorCode: result.fault.code });
    else found.push(formatStatus(result));
  }
  const extra = failed.length === 0 ? { QueryResult: found } : { QueryResult: found, ErrorList: failed };
  if (found.length > 0 || failed.length === 0) return formatOk(extra);
  return { ...formatFault({ code: NOT_IMPORTED, message: errorText(NOT_IMPORTED) }), ...extra };
}

function formatStatus(result: Exclude<OnlineStatusResult, { fault: WireFault }>): object {
  const row = { To_Account: result.userId, Status: result.status };
  if (result.detail === undefined) return row;
  return { ...row, Detail: result.detail.map(({ platform, status }) => ({ Platform: platform, Status: status })) };
}
