/** What the tests of the parsers share. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Parsed } from '../src/parsed.ts';

/** The code of a refusal; 0 when it was accepted. */
export function codeOf(parsed: Parsed<unknown>): number {
  return parsed.ok ? 0 : parsed.fault.code;
}

/** A case that a parser must refuse: with this code, and a message that begins with the field. */
export interface RefusedCase {
  readonly name: string;
  readonly body: unknown;
  readonly code: number;
  readonly field: string;
}

/** Check that a refusal has the code, names the field and is short. */
export function assertRefused(parsed: Parsed<unknown>, { code, field }: Omit<RefusedCase, 'name' | 'body'>): void {
  assert.ok(!parsed.ok, 'must be refused');
  assert.equal(parsed.fault.code, code, parsed.fault.message);
  assert.equal(parsed.fault.message.slice(0, field.length), field);
  assert.ok(parsed.fault.message.length < 600, 'message stays short');
}

/** An array that is nested so deeply that recursive code overflows its stack. */
export function deepArray(): unknown {
  let value: unknown = [];
  for (let depth = 0; depth < 100_000; depth += 1) value = [value];
  return value;
}

const anyUnit = fc.oneof(fc.nat(0x7f), fc.nat(0xffff), fc.integer({ min: 0xd800, max: 0xdfff }));

/** Any sequence of UTF-16 units: control characters, pairs and halves of pairs included. */
export const anyText: fc.Arbitrary<string> = fc.array(anyUnit).map((units) => String.fromCharCode(...units));

const oddKeys = fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length');
const oddTexts = fc.constantFrom('\0', '\ud800', 'x'.repeat(501), '😀'.repeat(126), '', '0', '-1', 'true');

/** Any JSON value, odd members and texts included, as JSON.parse gives it. */
export function anyJson(members: readonly string[]): fc.Arbitrary<unknown> {
  const key = fc.oneof(fc.constantFrom(...members), oddKeys, fc.string());
  const { value } = fc.letrec((tie) => ({
    leaf: fc.oneof(fc.jsonValue({ maxDepth: 1 }), oddTexts, anyText),
    list: fc.array(tie('value'), { maxLength: 5 }),
    object: fc.array(fc.tuple(key, tie('value')), { maxLength: 6 }).map(fromEntries),
    value: fc.oneof({ maxDepth: 4 }, tie('leaf'), tie('object'), tie('list')),
  }));
  return value as fc.Arbitrary<unknown>;
}

/** As JSON.parse does: `__proto__` becomes a member like any other. */
function fromEntries(entries: readonly (readonly [string, unknown])[]): object {
  const object = {};
  for (const [key, value] of entries) {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return object;
}

/** Check that a parser answers any JSON value, and refuses with a code and a sentence. */
export function assertNeverThrows(parse: (body: unknown) => Parsed<unknown>, members: readonly string[]): void {
  const property = fc.property(anyJson(members), (body) => {
    const parsed = parse(body);
    if (parsed.ok) return;
    assert.ok(parsed.fault.code > 0);
    assert.ok(parsed.fault.message.length > 0 && parsed.fault.message.length < 600);
    assert.ok(parsed.fault.message.isWellFormed());
  });
  fc.assert(property, { numRuns: 500 });
  for (const body of [deepArray(), { [members[0] ?? '']: deepArray() }]) assert.ok(!parse(body).ok);
}
