/** What account_import and multiaccount_import have in common. */
import type { ImportedAccount, ProfileItem } from '@portrait/wire';
import { commitChange } from '../../profile/commit.ts';
import type { Call } from '../request.ts';
import type { HandlerContext } from './handler.ts';

/** Make the account if it isn't there, and set Nick and FaceUrl if they are given. @throws ApiError, StoreError */
export async function importAccount(account: ImportedAccount, call: Call, context: HandlerContext): Promise<void> {
  const { app, origin, asker } = call;
  const items: ProfileItem[] = [];
  if (account.nick !== undefined) items.push({ tag: 'Tag_Profile_IM_Nick', value: account.nick });
  if (account.faceUrl !== undefined) items.push({ tag: 'Tag_Profile_IM_Image', value: account.faceUrl });
  const { sdkAppId, announceImports: announce } = app;
  const target = { sdkAppId, userId: account.userId, ...(asker && { asker }) };
  await commitChange({ kind: 'import', ...target, items, origin, announce }, context);
}
