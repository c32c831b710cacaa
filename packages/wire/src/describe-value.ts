const MAX_SHOWN_UNITS = 40;

/**
 * Name a value in an error message, in at most about 250 characters of plain text.
 *
 * Strings are cut to 40 UTF-16 units and escaped as in JSON, so that control characters and lone surrogates cannot
 * reach a log or a reply. Objects and arrays are only named: they may be deep, large or hold secrets.
 */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return describeText(value);
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function describeText(text: string): string {
  if (text.length <= MAX_SHOWN_UNITS) return JSON.stringify(text);
  return `${JSON.stringify(text.slice(0, MAX_SHOWN_UNITS))}… (${text.length} characters)`;
}
