import { describeValue } from './describe-value.ts';
import { type ImportedAccount, parseImportedAccount, parseUserIdMember } from './imported-account.ts';
import { type Parsed, parsedFault } from './parsed.ts';
import { isRawObject } from './raw-object.ts';

/**
 * Read the body of `im_open_login_svc/account_import`.
 *
 * @param body  any JSON value
 * @returns the account; 60015 for a UserID that is not a string, 40601 or 40605 for a text the profile cannot hold,
 *   else 70402
 * @see Tencent Cloud Chat, "Importing a Single Account", document 1047/34953
 */
export function parseAccountImport(body: unknown): Parsed<ImportedAccount> {
  if (!isRawObject(body)) return parsedFault(70402, `body: expected a JSON object, got ${describeValue(body)}`);
  const userId = parseUserIdMember(body);
  return userId.ok ? parseImportedAccount(userId.value, body) : userId;
}
