import { errorText, formatQueryOnlineStatusReply, parseQueryOnlineStatus, type Reply } from '@portrait/wire';
import { isAccount } from '../../profile/visible-items.ts';
import type { Call } from '../request.ts';
import type { HandlerContext } from './handler.ts';
import { parsedOrThrow } from './parsed-or-throw.ts';

const NO_ACCOUNT = { code: 70107, message: errorText(70107) } as const;

/** openim/query_online_status. Without a client door nobody is online. @see Tencent Cloud Chat, "Querying Account Online Status", document 1047/35477 */
export async function queryOnlineStatus({ app, body }: Call, { store }: HandlerContext): Promise<Reply> {
  const { userIds, needsDetail } = parsedOrThrow(parseQueryOnlineStatus(body));
  const profiles = await store.getProfiles(app.sdkAppId, userIds);
  const results = userIds.map((userId, index) => {
    if (!isAccount(profiles[index])) return { userId, fault: NO_ACCOUNT };
    return { userId, status: 'Offline' as const, ...(needsDetail && { detail: [] }) };
  });
  return formatQueryOnlineStatusReply(results);
}
