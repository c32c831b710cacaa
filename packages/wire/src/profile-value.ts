import type { CustomField } from './custom-fields.ts';
import { describeValue } from './describe-value.ts';
import type { WireFault } from './parsed.ts';
import { MAX_VALUE_BYTES, MAX_VALUE_NUMBER, type StandardTag } from './profile-tags.ts';
import { fitsUtf8Bytes, utf8ByteLength } from './utf8.ts';

const TOO_LONG = 40601;
const NOT_LEGAL = 40605;
const WRONG_TYPE = 40610;

/** What checkProfileValue needs of a field: a row of STANDARD_TAGS or a declared custom field. */
export type ProfileField = StandardTag | CustomField;

/**
 * Check a value against its field.
 *
 * 40610 for another JSON type, 40601 for a string over its limit, 40605 for anything else the field cannot hold: a
 * number that is no uint32 (-0 counts as negative), a misspelt enumeration, a string with NUL or a lone surrogate.
 *
 * @returns the fault, or undefined when the value is fine
 * @see Tencent Cloud Chat, "Setting Profiles", document 1047/34916, error codes
 */
export function checkProfileValue(field: ProfileField, value: unknown): WireFault | undefined {
  if (field.type === 'uint32') return checkUint32(field.tag, value);
  if (typeof value !== 'string') return wrongType(field.tag, 'a string', value);
  if (field.type === 'enum') return checkEnum(field.tag, field.values ?? [], value);
  return checkProfileText(field.tag, value);
}

/** Check a text that becomes a profile value: 40601 over 500 UTF-8 bytes, 40605 with NUL or a lone surrogate. */
export function checkProfileText(fieldName: string, text: string): WireFault | undefined {
  if (!fitsUtf8Bytes(text, MAX_VALUE_BYTES)) {
    const bytes = utf8ByteLength(text);
    return { code: TOO_LONG, message: `${fieldName}: at most ${MAX_VALUE_BYTES} bytes of UTF-8, got ${bytes}` };
  }
  if (text.includes('\0')) return { code: NOT_LEGAL, message: `${fieldName}: the text holds a NUL character` };
  if (!text.isWellFormed()) return { code: NOT_LEGAL, message: `${fieldName}: the text holds half a surrogate pair` };
  return undefined;
}

function checkEnum(fieldName: string, values: readonly string[], value: string): WireFault | undefined {
  if (values.includes(value)) return undefined;
  return { code: NOT_LEGAL, message: `${fieldName}: expected ${values.join(', ')}; got ${describeValue(value)}` };
}

function checkUint32(fieldName: string, value: unknown): WireFault | undefined {
  if (typeof value !== 'number') return wrongType(fieldName, 'a number', value);
  const isUint32 = Number.isInteger(value) && value >= 0 && value <= MAX_VALUE_NUMBER && !Object.is(value, -0);
  if (isUint32) return undefined;
  return { code: NOT_LEGAL, message: `${fieldName}: expected an integer from 0 to ${MAX_VALUE_NUMBER}, got ${value}` };
}

function wrongType(fieldName: string, expected: string, value: unknown): WireFault {
  return { code: WRONG_TYPE, message: `${fieldName}: expected ${expected}, got ${describeValue(value)}` };
}
