import {
  formatPortraitGetAllReply,
  type PortraitGetAllResult,
  parsePortraitGetAll,
  type Reply,
  readableTags,
} from '@portrait/wire';
import { isAccount, visibleItems } from '../../profile/visible-items.ts';
import type { Call } from '../request.ts';
import type { HandlerContext } from './handler.ts';
import { parsedOrThrow } from './parsed-or-throw.ts';

/** profile.portrait_get_all, of clients: all fields that the caller may read. An account that isn't there fails alone. */
export async function portraitGetAll({ app, role, body }: Call, { store }: HandlerContext): Promise<Reply> {
  const { userIds } = parsedOrThrow(parsePortraitGetAll(body));
  const tags = readableTags(app.customFields, role);
  const profiles = await store.getProfiles(app.sdkAppId, userIds);
  const results = userIds.map((userId, index): PortraitGetAllResult => {
    const profile = profiles[index];
    return { userId, items: isAccount(profile) ? visibleItems(profile, tags) : undefined };
  });
  return formatPortraitGetAllReply(results);
}
