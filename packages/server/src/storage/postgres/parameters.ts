/**
 * Parameters of statements in PostgreSQL's protocol, arrays in its binary form.
 *
 * The driver writes arrays as text: each element quoted, each quote and backslash in it escaped, to be read back character by character by the
 * server. Which type an array has is told by the cast that stands at its parameter, such as `$1::bigint[]`.
 */
import type { SqlValue } from './database.ts';

/** What the driver sends as it is. */
export type Parameter = string | Buffer | null;

type Element = string | number | boolean | null | Uint8Array;

/** How elements of a type are written. */
interface ElementType {
  readonly oid: number;
  /** in bytes: of all of them, or of each */
  readonly size: number | ((value: Exclude<Element, null>) => number);
  readonly write: (to: Buffer, at: number, value: Exclude<Element, null>) => void;
}

const TYPES: Readonly<Record<string, ElementType>> = {
  int: { oid: 23, size: 4, write: (to, at, value) => void to.writeInt32BE(value as number, at) },
  bigint: {
    oid: 20,
    size: 8,
    // whole numbers up to 2^53: two halves are faster than a BigInt
    write: (to, at, value) => {
      const high = Math.floor((value as number) / 0x1_0000_0000);
      to.writeInt32BE(high, at);
      to.writeUInt32BE((value as number) - high * 0x1_0000_0000, at + 4);
    },
  },
  float8: { oid: 701, size: 8, write: (to, at, value) => void to.writeDoubleBE(value as number, at) },
  bytea: {
    oid: 17,
    size: (value) => (value as Uint8Array).byteLength,
    write: (to, at, value) => to.set(value as Uint8Array, at),
  },
  boolean: { oid: 16, size: 1, write: (to, at, value) => void to.writeUInt8(value ? 1 : 0, at) },
  text: {
    oid: 25,
    size: (value) => Buffer.byteLength(value as string),
    write: (to, at, value) => void to.write(value as string, at),
  },
};

const HEADER_BYTES = 20;
const plans = new Map<string, readonly (ElementType | undefined)[]>();

/**
 * The values of a statement as they are sent: texts as text, bytes and arrays in binary.
 *
 * @throws TypeError an array whose type its parameter does not tell
 * @throws RangeError a number that its type does not hold
 */
export function parametersOf(sql: string, values: readonly SqlValue[]): Parameter[] {
  const types = planOf(sql);
  return values.map((value, at) => {
    if (value === null) return null;
    if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    if (typeof value !== 'object') return String(value);
    const type = types[at];
    if (!type) throw new TypeError(`$${at + 1} is an array of an unknown type: ${sql}`);
    return encode(type, value);
  });
}

function planOf(sql: string): readonly (ElementType | undefined)[] {
  const known = plans.get(sql);
  if (known) return known;
  const types: (ElementType | undefined)[] = [];
  for (const [, number, name = ''] of sql.matchAll(/\$(\d+)::(\w+)\[\]/g)) types[Number(number) - 1] = TYPES[name];
  plans.set(sql, types);
  return types;
}

function encode({ oid, size, write }: ElementType, values: readonly Element[]): Buffer {
  const sizeOf = typeof size === 'number' ? () => size : size;
  let length = HEADER_BYTES;
  let hasNull = 0;
  for (const value of values) {
    length += 4;
    if (value === null) hasNull = 1;
    else length += sizeOf(value);
  }
  const bytes = Buffer.allocUnsafe(length);
  bytes.writeInt32BE(values.length === 0 ? 0 : 1, 0); // dimensions
  bytes.writeInt32BE(hasNull, 4);
  bytes.writeInt32BE(oid, 8);
  if (values.length === 0) return bytes.subarray(0, 12);
  bytes.writeInt32BE(values.length, 12);
  bytes.writeInt32BE(1, 16); // first index
  let at = HEADER_BYTES;
  for (const value of values) {
    const bytesOfValue = value === null ? 0 : sizeOf(value);
    bytes.writeInt32BE(value === null ? -1 : bytesOfValue, at);
    if (value !== null) write(bytes, at + 4, value);
    at += 4 + bytesOfValue;
  }
  return bytes;
}
