import { describeValue } from './describe-value.ts';
import { parseUserIdMember } from './imported-account.ts';
import { type Parsed, parsedFault } from './parsed.ts';
import { isRawObject } from './raw-object.ts';

/**
 * Read the body of `im_open_login_svc/kick`: the one account whose UserSigs are revoked.
 *
 * @param body  any JSON value
 * @returns the UserID; 60015 when it is not a string, else 70402
 * @see Tencent Cloud Chat, "Invalidating Account Login States", document 1047/34957
 */
export function parseKick(body: unknown): Parsed<{ readonly userId: string }> {
  if (!isRawObject(body)) return parsedFault(70402, `body: expected a JSON object, got ${describeValue(body)}`);
  const userId = parseUserIdMember(body);
  return userId.ok ? { ok: true, value: { userId: userId.value } } : userId;
}
