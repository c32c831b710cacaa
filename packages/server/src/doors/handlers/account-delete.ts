import { formatAccountDeleteReply, parseAccountDelete, type Reply } from '@portrait/wire';
import { ApiError } from '../../errors.ts';
import { commitChange } from '../../profile/commit.ts';
import type { Call } from '../request.ts';
import type { HandlerContext } from './handler.ts';
import { parsedOrThrow } from './parsed-or-throw.ts';

/**
 * im_open_login_svc/account_delete: wipes profiles, revokes UserSigs and ends sessions. No callback is documented for it, none is sent.
 *
 * @see Tencent Cloud Chat, "Deleting Accounts", document 1047/34955
 */
export async function accountDelete({ app, body }: Call, context: HandlerContext): Promise<Reply> {
  const { userIds } = parsedOrThrow(parseAccountDelete(body));
  const results = await Promise.all(
    userIds.map(async (userId) => {
      try {
        await commitChange({ kind: 'delete', sdkAppId: app.sdkAppId, userId }, context);
        return { userId };
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return { userId, fault: { code: error.code, message: error.message } };
      }
    }),
  );
  return formatAccountDeleteReply(results);
}
