import { formatAccountCheckReply, parseAccountCheck, type Reply } from '@portrait/wire';
import { isAccount } from '../../profile/visible-items.ts';
import type { Call } from '../request.ts';
import type { HandlerContext } from './handler.ts';
import { parsedOrThrow } from './parsed-or-throw.ts';

/** im_open_login_svc/account_check. @see Tencent Cloud Chat, "Querying Accounts", document 1047/34956 */
export async function accountCheck({ app, body }: Call, { store }: HandlerContext): Promise<Reply> {
  const { userIds } = parsedOrThrow(parseAccountCheck(body));
  const profiles = await store.getProfiles(app.sdkAppId, userIds);
  return formatAccountCheckReply(userIds.map((userId, index) => ({ userId, isImported: isAccount(profiles[index]) })));
}
