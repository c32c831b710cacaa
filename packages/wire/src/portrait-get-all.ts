import { describeValue } from './describe-value.ts';
import { type Parsed, parsedFault, parsedOk } from './parsed.ts';
import { MAX_GET_ACCOUNTS } from './portrait-get.ts';
import type { ProfileItem } from './profile-tags.ts';
import { isRawObject } from './raw-object.ts';
import { formatOk, type Reply } from './reply.ts';
import { formatItems } from './wire-items.ts';

const INVALID = 40001;
const NO_ACCOUNT = 40002;
const NOT_A_STRING = 60015;

/** What the SDK looks for to leave a user out of its result; it does not look at result codes. */
const NOT_FOUND = '@TLS#NOT_FOUND';

/**
 * Read the body of `profile.portrait_get_all`: whose profiles a client wants, with all fields it may read.
 *
 * `From_Account` and the sequences, which are always 0, are not looked at.
 *
 * @param body  any JSON value
 * The SDK sends any text for a UserID: one that can be none is for the reply to leave out, like one that is not there, so that it does
 * not bring down the other 99.
 *
 * @returns 1 to 100 texts; 40002 without any, 60015 for one that is not a string, else 40001
 */
export function parsePortraitGetAll(body: unknown): Parsed<{ readonly userIds: readonly string[] }> {
  if (!isRawObject(body)) return parsedFault(INVALID, `body: expected a JSON object, got ${describeValue(body)}`);
  const { UserItem: items } = body;
  if (items === undefined) return parsedFault(NO_ACCOUNT, 'UserItem: the member is missing');
  if (!Array.isArray(items)) return parsedFault(INVALID, `UserItem: expected an array, got ${describeValue(items)}`);
  if (items.length === 0) return parsedFault(NO_ACCOUNT, 'UserItem: the list is empty');
  if (items.length > MAX_GET_ACCOUNTS) {
    return parsedFault(INVALID, `UserItem: at most ${MAX_GET_ACCOUNTS} accounts, got ${items.length}`);
  }
  const userIds = items.map((item: unknown) => (isRawObject(item) ? item.To_Account : undefined));
  const at = userIds.findIndex((userId) => typeof userId !== 'string');
  if (at < 0) return parsedOk({ userIds: userIds as string[] });
  return parsedFault(NOT_A_STRING, `UserItem[${at}]: expected a string, got ${describeValue(userIds[at])}`);
}

/** What was found for one user; without items there is no such account. */
export interface PortraitGetAllResult {
  readonly userId: string;
  readonly items: readonly ProfileItem[] | undefined;
}

/** Answer of `profile.portrait_get_all`: one entry per result, in their order. */
export function formatPortraitGetAllReply(results: readonly PortraitGetAllResult[]): Reply {
  return formatOk({ UserProfileItem: results.map(formatResult) }, { errorDisplay: true });
}

function formatResult({ userId, items }: PortraitGetAllResult): object {
  if (items === undefined) {
    return { To_Account: NOT_FOUND, ResultCode: 40003, ResultInfo: 'Err_Profile_Invalid_Account' };
  }
  return { To_Account: userId, ProfileItem: formatItems(items), ResultCode: 0, ResultInfo: '' };
}
