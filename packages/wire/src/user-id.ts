import { describeValue } from './describe-value.ts';
import { type Parsed, parsedOk, type WireFault } from './parsed.ts';
import { utf8ByteLength } from './utf8.ts';

/** Longest UserID in bytes. */
export const MAX_USER_ID_BYTES = 32;

const NOT_A_STRING = 60015;

/**
 * Check a UserID: 1 to 32 characters of printable ASCII, 0x20 to 0x7e.
 *
 * Newer documents advise letters, digits, `_` and `-` only; older apps use the rest of ASCII, so that is let in.
 *
 * @param fieldName  how the message calls it, such as `From_Account`
 * @param code       for a string that is no UserID; anything but a string is 60015
 * @returns the fault, or undefined when the UserID is fine
 * @see Tencent Cloud Chat, "Error Codes", document 1047/34348, 60015 and client error 7003
 */
export function checkUserId(value: unknown, fieldName: string, code: number): WireFault | undefined {
  if (typeof value !== 'string') {
    return { code: NOT_A_STRING, message: `${fieldName}: expected a string, got ${describeValue(value)}` };
  }
  if (isUserId(value)) return undefined;
  return { code, message: `${fieldName}: ${userIdProblem(value)}` };
}

/** As checkUserId, for parsers: gives the UserID itself. */
export function parseUserId(value: unknown, fieldName: string, code: number): Parsed<string> {
  const fault = checkUserId(value, fieldName, code);
  return fault === undefined ? parsedOk(value as string) : { ok: false, fault };
}

/** Check every UserID of a list, named `fieldName[3]` in the message; codes as in checkUserId. */
export function parseUserIds(values: readonly unknown[], fieldName: string, code: number): Parsed<readonly string[]> {
  for (const [at, value] of values.entries()) {
    const fault = checkUserId(value, `${fieldName}[${at}]`, code);
    if (fault !== undefined) return { ok: false, fault };
  }
  return parsedOk(values as readonly string[]);
}

function isUserId(text: string): boolean {
  if (text.length === 0 || text.length > MAX_USER_ID_BYTES) return false;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x20 || unit > 0x7e) return false;
  }
  return true;
}

function userIdProblem(text: string): string {
  const bytes = utf8ByteLength(text);
  if (bytes === 0 || bytes > MAX_USER_ID_BYTES) return `expected 1 to ${MAX_USER_ID_BYTES} bytes, got ${bytes}`;
  return `expected 1 to ${MAX_USER_ID_BYTES} bytes of printable ASCII, got ${bytes} bytes: ${describeValue(text)}`;
}
