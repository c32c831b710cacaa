import { type AccountRowsRequest, parseAccountRows } from './account-rows.ts';
import { errorInfo } from './error-codes.ts';
import type { Parsed, WireFault } from './parsed.ts';
import { formatOk, type Reply } from './reply.ts';

/** What became of one account; without `fault` it is deleted. */
export interface AccountDeleteResult {
  readonly userId: string;
  readonly fault?: WireFault | undefined;
}

/**
 * Read the body of `im_open_login_svc/account_delete`: 1 to 100 accounts.
 *
 * @param body  any JSON value
 * @returns the UserIDs; 60015 for one that is not a string, else 70402
 * @see Tencent Cloud Chat, "Deleting Accounts", document 1047/34955
 */
export function parseAccountDelete(body: unknown): Parsed<AccountRowsRequest> {
  return parseAccountRows(body, 'DeleteItem');
}

/**
 * Answer of `im_open_login_svc/account_delete`: OK whatever failed, each account with its own code.
 *
 * @see Tencent Cloud Chat, "Deleting Accounts", document 1047/34955
 */
export function formatAccountDeleteReply(results: readonly AccountDeleteResult[]): Reply {
  return formatOk({
    ResultItem: results.map(({ userId, fault }) => ({
      ResultCode: fault?.code ?? 0,
      ResultInfo: fault === undefined ? '' : errorInfo(fault),
      UserID: userId,
    })),
  });
}
