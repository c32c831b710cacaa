import { checkWritableItems, formatOk, parsePortraitSet, type Reply } from '@portrait/wire';
import { commitChange } from '../../profile/commit.ts';
import type { Call } from '../request.ts';
import type { HandlerContext } from './handler.ts';
import { parsedOrThrow } from './parsed-or-throw.ts';

/** profile/portrait_set: all items or none. @see Tencent Cloud Chat, "Setting Profiles", document 1047/34916 */
export async function portraitSet(call: Call, context: HandlerContext): Promise<Reply> {
  const { app, role, origin, asker } = call;
  const request = parsedOrThrow(parsePortraitSet(call.body));
  const { customFields, userWritableFields } = app;
  const items = parsedOrThrow(checkWritableItems(request.items, { customFields, userWritableFields, role }));
  const target = { sdkAppId: app.sdkAppId, userId: request.userId, ...(asker && { asker }) };
  await commitChange({ kind: 'set', ...target, items, origin }, context);
  return formatOk(undefined, { errorDisplay: true });
}
