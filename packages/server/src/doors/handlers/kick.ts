import { formatOk, parseKick, type Reply } from '@portrait/wire';
import { commitChange } from '../../profile/commit.ts';
import type { Call } from '../request.ts';
import type { HandlerContext } from './handler.ts';
import { parsedOrThrow } from './parsed-or-throw.ts';

/** im_open_login_svc/kick: every UserSig issued up to now is refused, and all sessions end. @see Tencent Cloud Chat, "Invalidating Account Login States", document 1047/34957 */
export async function kick({ app, body }: Call, context: HandlerContext): Promise<Reply> {
  const { userId } = parsedOrThrow(parseKick(body));
  await commitChange({ kind: 'revoke', sdkAppId: app.sdkAppId, userId }, context);
  return formatOk();
}
