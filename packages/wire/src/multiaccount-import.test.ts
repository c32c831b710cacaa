import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertNeverThrows, assertRefused } from '../test/support.ts';
import vectors from '../vectors/accounts.json' with { type: 'json' };
import { formatMultiaccountImportReply, parseMultiaccountImport } from './multiaccount-import.ts';

const many = (count: number) => Array.from({ length: count }, (_, n) => `id${n}`);

/** What became of each account: its UserID, or UserID and code. */
function outcomes(body: unknown): unknown {
  const parsed = parseMultiaccountImport(body);
  if (!parsed.ok) return parsed.fault.code;
  return parsed.value.accounts.map((entry) => ('fault' in entry ? [entry.userId, entry.fault.code] : entry.userId));
}

describe('parseMultiaccountImport', () => {
  for (const { name, body, expected } of vectors.multiaccountImport.requests) {
    test(name, () => assert.deepEqual(parseMultiaccountImport(body), { ok: true, value: expected }));
  }
  for (const refused of vectors.multiaccountImport.refused) {
    test(refused.name, () => assertRefused(parseMultiaccountImport(refused.body), refused));
  }

  test('100 accounts, no more', () => {
    assert.ok(parseMultiaccountImport({ Accounts: many(100) }).ok);
    assertRefused(parseMultiaccountImport({ Accounts: many(101) }), { code: 70402, field: 'Accounts' });
    const list = many(101).map((userId) => ({ UserID: userId }));
    assertRefused(parseMultiaccountImport({ AccountList: list }), { code: 70402, field: 'AccountList' });
  });

  test('a bad account fails alone, in its place', () => {
    const long = 'x'.repeat(33);
    assert.deepEqual(outcomes({ Accounts: ['a', '', long, '用户', 'b'] }), [
      'a',
      ['', 70402],
      [long, 70402],
      ['用户', 70402],
      'b',
    ]);
    const list = [
      { UserID: 'a', Nick: 'x'.repeat(501) },
      { UserID: 'b', FaceUrl: '\0' },
      { UserID: 'c', Nick: 1 },
      { Identifier: 'd' },
      { UserID: long, Nick: 'x' },
    ];
    assert.deepEqual(outcomes({ AccountList: list }), [['a', 40601], ['b', 40605], ['c', 70402], 'd', [long, 70402]]);
  });

  test('any JSON is answered', () => {
    assertNeverThrows(parseMultiaccountImport, ['Accounts', 'AccountList', 'UserID', 'Nick', 'FaceUrl', 'Identifier']);
  });
});

test('formatMultiaccountImportReply always has FailAccounts', () => {
  const { reply } = vectors.multiaccountImport;
  assert.deepEqual(formatMultiaccountImportReply(['c']), reply);
  assert.deepEqual(formatMultiaccountImportReply([]), { ...reply, FailAccounts: [] });
});
