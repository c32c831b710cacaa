import {
  errorText,
  formatQueryOnlineStatusReply,
  instancePlatformOf,
  type PlatformStatus,
  parseQueryOnlineStatus,
  type Reply,
} from '@portrait/wire';
import { isAccount } from '../../profile/visible-items.ts';
import type { SessionRecord } from '../../storage/session-store.ts';
import type { Call } from '../request.ts';
import type { HandlerContext } from './handler.ts';
import { parsedOrThrow } from './parsed-or-throw.ts';

const NO_ACCOUNT = { code: 70107, message: errorText(70107) } as const;

/** openim/query_online_status: online is who has a session. @see Tencent Cloud Chat, "Querying Account Online Status", document 1047/35477 */
export async function queryOnlineStatus({ app, body }: Call, { store, online }: HandlerContext): Promise<Reply> {
  const { userIds, needsDetail } = parsedOrThrow(parseQueryOnlineStatus(body));
  const [profiles, sessions] = await Promise.all([
    store.getProfiles(app.sdkAppId, userIds),
    online.of(app.sdkAppId, userIds),
  ]);
  const results = userIds.map((userId, index) => {
    if (!isAccount(profiles[index])) return { userId, fault: NO_ACCOUNT };
    const open = sessions[index] ?? [];
    const status = open.length > 0 ? ('Online' as const) : ('Offline' as const);
    return { userId, status, ...(needsDetail && { detail: platformsOf(open) }) };
  });
  return formatQueryOnlineStatusReply(results);
}

/** Each platform once. */
function platformsOf(sessions: readonly SessionRecord[]): readonly PlatformStatus[] {
  const platforms = new Set(sessions.map(({ platformNumber }) => instancePlatformOf(platformNumber)));
  return [...platforms].map((platform) => ({ platform, status: 'Online' }));
}
