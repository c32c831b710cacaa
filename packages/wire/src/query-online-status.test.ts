import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertNeverThrows, assertRefused } from '../test/support.ts';
import vectors from '../vectors/online-status.json' with { type: 'json' };
import {
  formatQueryOnlineStatusReply,
  type OnlineStatusResult,
  parseQueryOnlineStatus,
} from './query-online-status.ts';

const many = (count: number) => Array.from({ length: count }, (_, n) => `id${n}`);

describe('parseQueryOnlineStatus', () => {
  for (const { name, body, expected } of vectors.requests) {
    test(name, () => assert.deepEqual(parseQueryOnlineStatus(body), { ok: true, value: expected }));
  }
  for (const refused of vectors.refused) {
    test(refused.name, () => assertRefused(parseQueryOnlineStatus(refused.body), refused));
  }

  test('500 accounts, no more', () => {
    assert.ok(parseQueryOnlineStatus({ To_Account: many(500) }).ok);
    assertRefused(parseQueryOnlineStatus({ To_Account: many(501) }), { code: 90011, field: 'To_Account' });
  });

  test('any JSON is answered', () => assertNeverThrows(parseQueryOnlineStatus, ['To_Account', 'IsNeedDetail']));
});

describe('formatQueryOnlineStatusReply', () => {
  for (const { name, results, reply } of vectors.replies) {
    test(name, () => assert.deepEqual(formatQueryOnlineStatusReply(results as readonly OnlineStatusResult[]), reply));
  }
});
