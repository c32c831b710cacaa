import { describeValue } from './describe-value.ts';
import { type ImportedAccount, parseImportedAccount, parseUserIdMember } from './imported-account.ts';
import { type Parsed, parsedFault, parsedOk, type WireFault } from './parsed.ts';
import { isRawObject } from './raw-object.ts';
import { formatOk, type Reply } from './reply.ts';
import { parseUserId } from './user-id.ts';

const INVALID = 70402;
const NOT_A_STRING = 60015;

/** Accounts in one multiaccount_import. */
export const MAX_IMPORT_ACCOUNTS = 100;

/** One account of the call: to be imported, or refused alone with the UserID as it came. */
export type MultiaccountEntry = ImportedAccount | { readonly userId: string; readonly fault: WireFault };

/** A `multiaccount_import` request: 1 to 100 accounts in the order of the call. */
export interface MultiaccountImportRequest {
  readonly accounts: readonly MultiaccountEntry[];
}

/**
 * Read the body of `im_open_login_svc/multiaccount_import`, in its old form (`Accounts`, UserIDs) or its new one
 * (`AccountList`, objects with `UserID`, `Nick`, `FaceUrl`).
 *
 * An account that breaks a rule is refused alone. The whole call is refused when there is nothing to name the
 * account by: 60015 for one that is not a string, 70402 for a missing UserID, an entry of another type, none or more
 * than 100 entries, and both forms at once.
 *
 * @param body  any JSON value
 * @see Tencent Cloud Chat, "Importing Multiple Accounts", documents 1047/34954 and 248/4919
 */
export function parseMultiaccountImport(body: unknown): Parsed<MultiaccountImportRequest> {
  if (!isRawObject(body)) return parsedFault(INVALID, `body: expected a JSON object, got ${describeValue(body)}`);
  const { Accounts: accounts, AccountList: accountList } = body;
  if (accounts !== undefined && accountList !== undefined) {
    return parsedFault(INVALID, 'Accounts, AccountList: expected one of the two, got both');
  }
  if (accountList !== undefined) return parseEntries('AccountList', accountList, parseAccount);
  return parseEntries('Accounts', accounts, parseBareAccount);
}

type EntryParser = (raw: unknown, fieldName: string) => Parsed<MultiaccountEntry>;

function parseEntries(member: string, raw: unknown, parseEntry: EntryParser): Parsed<MultiaccountImportRequest> {
  if (!Array.isArray(raw) || raw.length === 0 || raw.length > MAX_IMPORT_ACCOUNTS) {
    return parsedFault(
      INVALID,
      `${member}: expected an array of 1 to ${MAX_IMPORT_ACCOUNTS}, got ${describeValue(raw)}`,
    );
  }
  const accounts: MultiaccountEntry[] = [];
  for (const [at, rawEntry] of raw.entries()) {
    const entry = parseEntry(rawEntry, `${member}[${at}]`);
    if (!entry.ok) return entry;
    accounts.push(entry.value);
  }
  return parsedOk({ accounts });
}

function parseBareAccount(raw: unknown, fieldName: string): Parsed<MultiaccountEntry> {
  const userId = parseUserId(raw, fieldName, INVALID);
  return userId.ok ? parsedOk({ userId: userId.value }) : refuse(raw, userId.fault);
}

function parseAccount(raw: unknown, fieldName: string): Parsed<MultiaccountEntry> {
  if (!isRawObject(raw)) return parsedFault(INVALID, `${fieldName}: expected an object, got ${describeValue(raw)}`);
  const userId = parseUserIdMember(raw, `${fieldName}.UserID`);
  if (!userId.ok) return refuse(raw.UserID === undefined ? raw.Identifier : raw.UserID, userId.fault);
  const account = parseImportedAccount(userId.value, raw);
  return account.ok ? account : refuse(userId.value, account.fault);
}

/** A fault of one account, or of the call where the account has no name to report. */
function refuse(rawUserId: unknown, fault: WireFault): Parsed<MultiaccountEntry> {
  if (typeof rawUserId !== 'string' || fault.code === NOT_A_STRING) return { ok: false, fault };
  return parsedOk({ userId: rawUserId, fault });
}

/**
 * Answer of `im_open_login_svc/multiaccount_import`: OK whatever failed; `FailAccounts` is always there.
 *
 * @see Tencent Cloud Chat, "Importing Multiple Accounts", document 1047/34954
 */
export function formatMultiaccountImportReply(failAccounts: readonly string[]): Reply {
  return formatOk({ FailAccounts: failAccounts });
}
