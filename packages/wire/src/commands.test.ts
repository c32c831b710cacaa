import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findRestCommand, REST_COMMANDS } from './commands.ts';
import { findErrorCode } from './error-codes.ts';

test('commands are found by their exact path', () => {
  for (const row of REST_COMMANDS) {
    assert.equal(findRestCommand(row.service, row.command), row);
    assert.ok(findErrorCode(row.notAdminCode));
  }
  const unknown = [
    ['profile', 'kick'],
    ['Profile', 'portrait_set'],
    ['profile', ''],
    ['', 'profile/portrait_set'],
    ['__proto__', 'constructor'],
  ] as const;
  for (const [service, command] of unknown) assert.equal(findRestCommand(service, command), undefined);
});

test('the documented halves of the rate', () => {
  const halves = REST_COMMANDS.filter((row) => row.rateShare === 0.5).map((row) => row.command);
  assert.deepEqual(halves, ['multiaccount_import', 'account_check', 'account_delete']);
});
