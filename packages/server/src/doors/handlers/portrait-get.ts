import { checkReadableTags, formatFault, formatPortraitGetReply, parsePortraitGet, type Reply } from '@portrait/wire';
import { isAccount, visibleItems } from '../../profile/visible-items.ts';
import type { Call } from '../request.ts';
import type { HandlerContext } from './handler.ts';
import { parsedOrThrow } from './parsed-or-throw.ts';

const NO_ACCOUNT = { code: 40003, message: 'Err_Profile_Invalid_Account' } as const;

/**
 * profile/portrait_get. An account that isn't there fails alone; if none is there, the call fails.
 *
 * @see Tencent Cloud Chat, "Pulling Profiles", document 1047/34917
 */
export async function portraitGet({ app, role, body }: Call, { store }: HandlerContext): Promise<Reply> {
  const request = parsedOrThrow(parsePortraitGet(body));
  const tags = parsedOrThrow(checkReadableTags(request.tags, { customFields: app.customFields, role }));
  const profiles = await store.getProfiles(app.sdkAppId, request.userIds);
  const results = request.userIds.map((userId, index) => {
    const profile = profiles[index];
    return isAccount(profile) ? { userId, items: visibleItems(profile, tags) } : { userId, fault: NO_ACCOUNT };
  });
  const reply = formatPortraitGetReply(results);
  if (profiles.some(isAccount)) return reply;
  return { ...reply, ...formatFault(NO_ACCOUNT, { errorDisplay: true }) };
}
