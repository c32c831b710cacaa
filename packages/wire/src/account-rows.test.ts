import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertNeverThrows, assertRefused } from '../test/support.ts';
import vectors from '../vectors/accounts.json' with { type: 'json' };
import { formatAccountCheckReply, parseAccountCheck } from './account-check.ts';
import { formatAccountDeleteReply, parseAccountDelete } from './account-delete.ts';

const many = (count: number) => Array.from({ length: count }, (_, n) => ({ UserID: `id${n}` }));

const COMMANDS = [
  { member: 'CheckItem', parse: parseAccountCheck, request: vectors.accountCheck.request },
  { member: 'DeleteItem', parse: parseAccountDelete, request: vectors.accountDelete.request },
] as const;

for (const { member, parse, request } of COMMANDS) {
  describe(member, () => {
    const refused: readonly (readonly [name: string, rows: unknown, code: number, field: string])[] = [
      ['missing', undefined, 70402, member],
      ['null', null, 70402, member],
      ['empty', [], 70402, member],
      ['an object', {}, 70402, member],
      ['101 rows', many(101), 70402, member],
      ['row is a string', ['a'], 70402, `${member}[0]`],
      ['row is null', [{ UserID: 'a' }, null], 70402, `${member}[1]`],
      ['UserID missing', [{}], 70402, `${member}[0].UserID`],
      ['UserID is a number', [{ UserID: 1 }], 60015, `${member}[0].UserID`],
      ['UserID is empty', [{ UserID: '' }], 70402, `${member}[0].UserID`],
    ];
    for (const [name, rows, code, field] of refused) {
      test(name, () => assertRefused(parse({ [member]: rows }), { code, field }));
    }

    test('the documented request, and 100 rows', () => {
      assert.deepEqual(parse(request), { ok: true, value: { userIds: ['a', 'b'] } });
      assert.ok(parse({ [member]: many(100) }).ok);
    });
    test('bodies that are no object', () => {
      for (const body of [null, [], 'a', 1, undefined]) assertRefused(parse(body), { code: 70402, field: 'body' });
    });
    test('any JSON is answered', () => assertNeverThrows(parse, [member, 'UserID', 'Identifier']));
  });
}

test('replies', () => {
  const checked = [
    { userId: 'a', isImported: true },
    { userId: 'b', isImported: false },
  ];
  assert.deepEqual(formatAccountCheckReply(checked), vectors.accountCheck.reply);
  const deleted = [{ userId: 'a' }, { userId: 'b', fault: { code: 70107, message: 'b has not been imported' } }];
  assert.deepEqual(formatAccountDeleteReply(deleted), vectors.accountDelete.reply);
});
