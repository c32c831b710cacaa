import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ERROR_CODES, errorInfo, errorText, findErrorCode } from './error-codes.ts';

test('codes are unique and ascend; every failure has a sentence', () => {
  const codes = ERROR_CODES.map((row) => row.code);
  assert.deepEqual(
    codes,
    [...new Set(codes)].toSorted((left, right) => left - right),
  );
  for (const { code, text } of ERROR_CODES) assert.equal(text === '', code === 0, String(code));
});

test('the codes that a server needs are there', () => {
  const needed = [
    40001, 40003, 40009, 40610, 60002, 60015, 70050, 70051, 70052, 70398, 71000, 72001, 90011, 80001, 30008,
  ];
  for (const code of needed) assert.ok(findErrorCode(code), String(code));
});

test('errorText is total', () => {
  assert.equal(errorText(0), '');
  assert.equal(errorText(12345), 'The request failed with code 12345.');
  fc.assert(fc.property(fc.oneof(fc.integer(), fc.double()), (code) => errorText(code) !== '' || code === 0));
});

test('ErrorInfo is the message, save where old programs compare a constant', () => {
  assert.equal(
    errorInfo({ code: 40001, message: 'From_Account: the member is missing' }),
    'From_Account: the member is missing',
  );
  assert.equal(errorInfo({ code: 40006, message: '' }), errorText(40006));
  assert.equal(errorInfo({ code: 40003, message: 'id9' }), 'Err_Profile_Invalid_Account');
  assert.equal(errorInfo({ code: 70107, message: '' }), 'Err_TLS_PT_Open_Login_Account_Not_Exist');
});
