import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertNeverThrows, assertRefused } from '../test/support.ts';
import { parseKick } from './kick.ts';

test('the account under both names', () => {
  for (const body of [{ UserID: 'id1' }, { Identifier: 'id1' }, { UserID: 'id1', Identifier: 'id2' }]) {
    assert.deepEqual(parseKick(body), { ok: true, value: { userId: 'id1' } });
  }
});

test('refusals', () => {
  const cases: readonly (readonly [body: unknown, code: number, field: string])[] = [
    [null, 70402, 'body'],
    [['id1'], 70402, 'body'],
    [{}, 70402, 'UserID'],
    [{ UserID: '' }, 70402, 'UserID'],
    [{ UserID: 1 }, 60015, 'UserID'],
  ];
  for (const [body, code, field] of cases) assertRefused(parseKick(body), { code, field });
});

test('any JSON is answered', () => assertNeverThrows(parseKick, ['UserID', 'Identifier']));
