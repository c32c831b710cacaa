import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFault, formatOk } from './reply.ts';

test('envelopes', () => {
  assert.deepEqual(formatOk(), { ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' });
  assert.equal(
    JSON.stringify(formatOk({ UserProfileItem: [] }, { errorDisplay: true })),
    '{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":"","UserProfileItem":[]}',
  );
  assert.deepEqual(formatFault({ code: 70402, message: 'UserID: the member is missing' }), {
    ActionStatus: 'FAIL',
    ErrorCode: 70402,
    ErrorInfo: 'UserID: the member is missing',
  });
  assert.deepEqual(formatFault({ code: 40003, message: 'id9' }, { errorDisplay: true }), {
    ActionStatus: 'FAIL',
    ErrorCode: 40003,
    ErrorInfo: 'Err_Profile_Invalid_Account',
    ErrorDisplay: '',
  });
});

test('a failure always says something', () => {
  for (const code of [40001, 60010, 12345]) assert.notEqual(formatFault({ code, message: '' }).ErrorInfo, '');
});
