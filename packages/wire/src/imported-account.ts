import { describeValue } from './describe-value.ts';
import { type Parsed, parsedFault, parsedOk, type WireFault } from './parsed.ts';
import { checkProfileText } from './profile-value.ts';
import type { RawObject } from './raw-object.ts';
import { parseUserId } from './user-id.ts';

const INVALID = 70402;

/** An account to be made, with what its profile begins with. */
export interface ImportedAccount {
  readonly userId: string;
  readonly nick?: string;
  readonly faceUrl?: string;
}

/**
 * Read `UserID`, called `Identifier` in documents up to 2020.
 *
 * @returns the UserID; 60015 when it is not a string, else 70402
 */
export function parseUserIdMember(raw: RawObject, fieldName = 'UserID'): Parsed<string> {
  const value = raw.UserID === undefined ? raw.Identifier : raw.UserID;
  if (value === undefined) return parsedFault(INVALID, `${fieldName}: the member is missing`);
  return parseUserId(value, fieldName, INVALID);
}

/** Read `Nick` and `FaceUrl` beside a UserID that was read before; 70402, 40601 or 40605. */
export function parseImportedAccount(userId: string, raw: RawObject): Parsed<ImportedAccount> {
  const { Nick: nick, FaceUrl: faceUrl } = raw;
  const fault = checkOptionalText('Nick', nick) ?? checkOptionalText('FaceUrl', faceUrl);
  if (fault !== undefined) return { ok: false, fault };
  return parsedOk({
    userId,
    ...(typeof nick === 'string' && { nick }),
    ...(typeof faceUrl === 'string' && { faceUrl }),
  });
}

function checkOptionalText(fieldName: string, value: unknown): WireFault | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string') return checkProfileText(fieldName, value);
  return { code: INVALID, message: `${fieldName}: expected a string, got ${describeValue(value)}` };
}
