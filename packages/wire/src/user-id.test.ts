import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyJson } from '../test/support.ts';
import { checkUserId } from './user-id.ts';

const CASES: readonly (readonly [value: unknown, code: number, message?: string])[] = [
  ['a', 0],
  ['user_001-X', 0],
  ['a b@c.d~', 0],
  ['__proto__', 0],
  ['x'.repeat(32), 0],
  ['', 40001, 'From_Account: expected 1 to 32 bytes, got 0'],
  ['x'.repeat(33), 40001, 'From_Account: expected 1 to 32 bytes, got 33'],
  ['好'.repeat(11), 40001, 'From_Account: expected 1 to 32 bytes, got 33'],
  ['用户1', 40001, 'From_Account: expected 1 to 32 bytes of printable ASCII, got 7 bytes: "用户1"'],
  ['a\0', 40001, 'From_Account: expected 1 to 32 bytes of printable ASCII, got 2 bytes: "a\\u0000"'],
  ['a\x7f', 40001],
  ['a\n', 40001],
  ['\ud800', 40001],
  ['x'.repeat(5_000_000), 40001, 'From_Account: expected 1 to 32 bytes, got 5000000'],
  [undefined, 60015, 'From_Account: expected a string, got nothing'],
  [null, 60015],
  [7, 60015, 'From_Account: expected a string, got 7'],
  [true, 60015],
  [['a'], 60015],
  [{ toString: 'a' }, 60015],
];

test('a UserID is 1 to 32 characters of printable ASCII', () => {
  for (const [value, code, message] of CASES) {
    const fault = checkUserId(value, 'From_Account', 40001);
    assert.equal(fault?.code ?? 0, code, message ?? String(code));
    if (message !== undefined) assert.equal(fault?.message, message);
  }
});

test('any value: agrees with the rule', () => {
  const property = fc.property(fc.oneof(anyJson(['a']), fc.string({ maxLength: 40 })), (value) => {
    const isFine = typeof value === 'string' && /^[\x20-\x7e]{1,32}$/.test(value) && !value.includes('\n');
    assert.equal(checkUserId(value, 'x', 70402) === undefined, isFine);
  });
  fc.assert(property, { numRuns: 1000 });
});
