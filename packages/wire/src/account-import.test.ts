import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertNeverThrows, assertRefused } from '../test/support.ts';
import vectors from '../vectors/accounts.json' with { type: 'json' };
import { parseAccountImport } from './account-import.ts';

describe('parseAccountImport', () => {
  for (const { name, body, expected } of vectors.accountImport.requests) {
    test(name, () => assert.deepEqual(parseAccountImport(body), { ok: true, value: expected }));
  }
  for (const refused of vectors.accountImport.refused) {
    test(refused.name, () => assertRefused(parseAccountImport(refused.body), refused));
  }

  test('500 bytes of nick, not 501', () => {
    assert.ok(parseAccountImport({ UserID: 'id1', Nick: 'é'.repeat(250) }).ok);
    assertRefused(parseAccountImport({ UserID: 'id1', Nick: `${'é'.repeat(250)}x` }), { code: 40601, field: 'Nick' });
    assertRefused(parseAccountImport({ UserID: 'id1', FaceUrl: 'x'.repeat(501) }), { code: 40601, field: 'FaceUrl' });
  });

  test('any JSON is answered', () =>
    assertNeverThrows(parseAccountImport, ['UserID', 'Nick', 'FaceUrl', 'Identifier']));
});
