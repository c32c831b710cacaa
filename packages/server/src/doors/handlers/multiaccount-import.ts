import { formatMultiaccountImportReply, parseMultiaccountImport, type Reply } from '@portrait/wire';
import { ApiError } from '../../errors.ts';
import type { Call } from '../request.ts';
import type { HandlerContext } from './handler.ts';
import { importAccount } from './import-account.ts';
import { parsedOrThrow } from './parsed-or-throw.ts';

/**
 * im_open_login_svc/multiaccount_import. An account that breaks a rule fails alone; a fault of ours fails the call, which may
 * be repeated.
 *
 * @see Tencent Cloud Chat, "Importing Multiple Accounts", document 1047/34954
 */
export async function multiaccountImport(call: Call, context: HandlerContext): Promise<Reply> {
  const { accounts } = parsedOrThrow(parseMultiaccountImport(call.body));
  const failed = await Promise.all(
    accounts.map(async (account) => {
      if ('fault' in account) return account.userId;
      try {
        await importAccount(account, call, context);
        return undefined;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return account.userId;
      }
    }),
  );
  return formatMultiaccountImportReply(failed.filter((userId) => userId !== undefined));
}
