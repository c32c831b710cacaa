import { formatOk, parseAccountImport, type Reply } from '@portrait/wire';
import type { Call } from '../request.ts';
import type { HandlerContext } from './handler.ts';
import { importAccount } from './import-account.ts';
import { parsedOrThrow } from './parsed-or-throw.ts';

/** im_open_login_svc/account_import. @see Tencent Cloud Chat, "Importing a Single Account", document 1047/34953 */
export async function accountImport(call: Call, context: HandlerContext): Promise<Reply> {
  await importAccount(parsedOrThrow(parseAccountImport(call.body)), call, context);
  return formatOk();
}
