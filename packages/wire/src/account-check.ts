import { type AccountRowsRequest, parseAccountRows } from './account-rows.ts';
import type { Parsed } from './parsed.ts';
import { formatOk, type Reply } from './reply.ts';

/** Whether one account exists. */
export interface AccountCheckResult {
  readonly userId: string;
  readonly isImported: boolean;
}

/**
 * Read the body of `im_open_login_svc/account_check`: 1 to 100 accounts.
 *
 * @param body  any JSON value
 * @returns the UserIDs; 60015 for one that is not a string, else 70402
 * @see Tencent Cloud Chat, "Querying Accounts", document 1047/34956
 */
export function parseAccountCheck(body: unknown): Parsed<AccountRowsRequest> {
  return parseAccountRows(body, 'CheckItem');
}

/**
 * Answer of `im_open_login_svc/account_check`; an account that does not exist is no failure.
 *
 * @see Tencent Cloud Chat, "Querying Accounts", document 1047/34956
 */
export function formatAccountCheckReply(results: readonly AccountCheckResult[]): Reply {
  return formatOk({
    ResultItem: results.map(({ userId, isImported }) => ({
      UserID: userId,
      ResultCode: 0,
      ResultInfo: '',
      AccountStatus: isImported ? 'Imported' : 'NotImported',
    })),
  });
}
