import { checkWritableItems, formatOk, parsePortraitSet, type Reply } from '@portrait/wire';
import { commitChange } from '../../profile/commit.ts';
import type { Call } from '../request.ts';
import type { HandlerContext } from './handler.ts';
import { parsedOrThrow } from './parsed-or-throw.ts';

/** profile/portrait_set: all items or none. @see Tencent Cloud Chat, "Setting Profiles", document 1047/34916 */
export async function portraitSet(call: Call, context: HandlerContext): Promise<Reply> {
  const { app, role, origin } = call;
  const request = parsedOrThrow(parsePortraitSet(call.body));
  const { customFields, userWritableFields } = app;
  const items = parsedOrThrow(checkWritableItems(request.items, { customFields, userWritableFields, role }));
  await commitChange({ kind: 'set', sdkAppId: app.sdkAppId, userId: request.userId, items, origin }, context);
  return formatOk(undefined, { errorDisplay: true });
}
