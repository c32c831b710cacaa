import { describeValue } from './describe-value.ts';
import { parseUserIdMember } from './imported-account.ts';
import { type Parsed, parsedFault, parsedOk } from './parsed.ts';
import { isRawObject } from './raw-object.ts';

const INVALID = 70402;

/** Accounts in one account_check or account_delete. */
export const MAX_ACCOUNT_ROWS = 100;

/** The accounts that a call is about, in its order: 1 to 100. */
export interface AccountRowsRequest {
  readonly userIds: readonly string[];
}

/** Read a body whose one member is a list of `{"UserID":…}`; 60015 for a UserID that is not a string, else 70402. */
export function parseAccountRows(body: unknown, member: 'CheckItem' | 'DeleteItem'): Parsed<AccountRowsRequest> {
  if (!isRawObject(body)) return parsedFault(INVALID, `body: expected a JSON object, got ${describeValue(body)}`);
  const rows = body[member];
  if (!Array.isArray(rows) || rows.length === 0 || rows.length > MAX_ACCOUNT_ROWS) {
    return parsedFault(INVALID, `${member}: expected an array of 1 to ${MAX_ACCOUNT_ROWS}, got ${describeValue(rows)}`);
  }
  const userIds: string[] = [];
  for (const [at, row] of rows.entries()) {
    const userId = parseRow(row, `${member}[${at}]`);
    if (!userId.ok) return userId;
    userIds.push(userId.value);
  }
  return parsedOk({ userIds });
}

function parseRow(row: unknown, fieldName: string): Parsed<string> {
  if (isRawObject(row)) return parseUserIdMember(row, `${fieldName}.UserID`);
  return parsedFault(INVALID, `${fieldName}: expected an object with UserID, got ${describeValue(row)}`);
}
