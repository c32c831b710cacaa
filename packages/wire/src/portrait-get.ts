import { describeValue } from './describe-value.ts';
import { errorInfo } from './error-codes.ts';
import { type Parsed, parsedFault, parsedOk, type WireFault } from './parsed.ts';
import type { ProfileItem } from './profile-tags.ts';
import { isRawObject } from './raw-object.ts';
import { formatOk, type Reply } from './reply.ts';
import { parseUserId, parseUserIds } from './user-id.ts';
import { formatItems } from './wire-items.ts';

const INVALID = 40001;
const NO_ACCOUNT = 40002;

/** Accounts in one portrait_get. */
export const MAX_GET_ACCOUNTS = 100;

/** Tags in one portrait_get. */
export const MAX_GET_TAGS = 64;

/** A `portrait_get` request: 1 to 100 users, 1 to 64 tags (not yet checked, see checkReadableTags). */
export interface PortraitGetRequest {
  /** `From_Account`, which only old web clients send. */
  readonly requesterId: string | undefined;
  readonly userIds: readonly string[];
  readonly tags: readonly string[];
}

/** What was found for one user. */
export type PortraitGetResult =
  | { readonly userId: string; readonly items: readonly ProfileItem[] }
  | { readonly userId: string; readonly fault: WireFault };

/**
 * Read the body of `profile/portrait_get`.
 *
 * @param body  any JSON value
 * @returns the request; 40002 without accounts, 60015 for an account that is not a string, else 40001
 * @see Tencent Cloud Chat, "Pulling Profiles", document 1047/34917
 */
export function parsePortraitGet(body: unknown): Parsed<PortraitGetRequest> {
  if (!isRawObject(body)) return parsedFault(INVALID, `body: expected a JSON object, got ${describeValue(body)}`);
  const requesterId = parseRequester(body.From_Account);
  if (!requesterId.ok) return requesterId;
  const userIds = parseAccounts(body.To_Account);
  if (!userIds.ok) return userIds;
  const tags = parseTags(body.TagList);
  if (!tags.ok) return tags;
  return parsedOk({ requesterId: requesterId.value, userIds: userIds.value, tags: tags.value });
}

function parseRequester(raw: unknown): Parsed<string | undefined> {
  return raw === undefined ? parsedOk(undefined) : parseUserId(raw, 'From_Account', INVALID);
}

function parseAccounts(raw: unknown): Parsed<readonly string[]> {
  if (raw === undefined) return parsedFault(NO_ACCOUNT, 'To_Account: the member is missing');
  if (!Array.isArray(raw)) return parsedFault(INVALID, `To_Account: expected an array, got ${describeValue(raw)}`);
  if (raw.length === 0) return parsedFault(NO_ACCOUNT, 'To_Account: the list is empty');
  if (raw.length > MAX_GET_ACCOUNTS) {
    return parsedFault(INVALID, `To_Account: at most ${MAX_GET_ACCOUNTS} accounts, got ${raw.length}`);
  }
  return parseUserIds(raw, 'To_Account', INVALID);
}

function parseTags(raw: unknown): Parsed<readonly string[]> {
  if (!Array.isArray(raw) || raw.length === 0 || raw.length > MAX_GET_TAGS) {
    return parsedFault(INVALID, `TagList: expected an array of 1 to ${MAX_GET_TAGS} tags, got ${describeValue(raw)}`);
  }
  const at = raw.findIndex((tag) => typeof tag !== 'string');
  if (at < 0) return parsedOk(raw as string[]);
  return parsedFault(INVALID, `TagList[${at}]: expected a string, got ${describeValue(raw[at])}`);
}

/**
 * Answer of `profile/portrait_get`: one entry per result, in their order.
 *
 * Failed accounts leave the envelope at OK; they carry their own code, have no `ProfileItem` and stand in
 * `Fail_Account`, which is there only then.
 *
 * @see Tencent Cloud Chat, "Pulling Profiles", document 1047/34917
 */
export function formatPortraitGetReply(results: readonly PortraitGetResult[]): Reply {
  const failed = results.filter((result) => 'fault' in result).map((result) => result.userId);
  const extra = { UserProfileItem: results.map(formatResult) };
  return formatOk(failed.length === 0 ? extra : { ...extra, Fail_Account: failed }, { errorDisplay: true });
}

function formatResult(result: PortraitGetResult): object {
  if ('fault' in result) {
    return { To_Account: result.userId, ResultCode: result.fault.code, ResultInfo: errorInfo(result.fault) };
  }
  return { To_Account: result.userId, ProfileItem: formatItems(result.items), ResultCode: 0, ResultInfo: '' };
}
