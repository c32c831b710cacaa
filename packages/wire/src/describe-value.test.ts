import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepArray } from '../test/support.ts';
import { describeValue } from './describe-value.ts';

const CASES: readonly (readonly [unknown, string])[] = [
  ['Ann', '"Ann"'],
  ['', '""'],
  ['a\0\n"', '"a\\u0000\\n\\""'],
  ['\ud800', '"\\ud800"'],
  ['x'.repeat(40), `"${'x'.repeat(40)}"`],
  ['x'.repeat(41), `"${'x'.repeat(40)}"… (41 characters)`],
  [undefined, 'nothing'],
  [null, 'null'],
  [true, 'true'],
  [-1.5, '-1.5'],
  [Number.NaN, 'NaN'],
  [[1, 2], 'an array of 2'],
  [deepArray(), 'an array of 1'],
  [{ secret: 'x' }, 'an object'],
  [1n, 'a bigint'],
  [() => 1, 'a function'],
];

test('values are named in short, plain text', () => {
  for (const [value, text] of CASES) assert.equal(describeValue(value), text);
});
