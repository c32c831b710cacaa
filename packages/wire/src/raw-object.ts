/** A JSON object before its members are checked. */
export type RawObject = Readonly<Record<string, unknown>>;

/** Whether a JSON value is an object: not null, not an array. */
export function isRawObject(value: unknown): value is RawObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
