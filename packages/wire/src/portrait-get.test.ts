import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertNeverThrows, assertRefused } from '../test/support.ts';
import vectors from '../vectors/portrait-get.json' with { type: 'json' };
import { formatPortraitGetReply, type PortraitGetResult, parsePortraitGet } from './portrait-get.ts';

const many = (count: number) => Array.from({ length: count }, (_, n) => `id${n}`);

describe('parsePortraitGet', () => {
  for (const { name, body, expected } of vectors.requests) {
    const value = { requesterId: undefined, ...expected };
    test(name, () => assert.deepEqual(parsePortraitGet(body), { ok: true, value }));
  }
  for (const refused of vectors.refused) {
    test(refused.name, () => assertRefused(parsePortraitGet(refused.body), refused));
  }

  test('100 accounts and 64 tags, no more', () => {
    const body = { To_Account: many(100), TagList: many(64) };
    assert.ok(parsePortraitGet(body).ok);
    assertRefused(parsePortraitGet({ ...body, To_Account: many(101) }), { code: 40001, field: 'To_Account' });
    assertRefused(parsePortraitGet({ ...body, To_Account: many(1000) }), { code: 40001, field: 'To_Account' });
    assertRefused(parsePortraitGet({ ...body, TagList: many(65) }), { code: 40001, field: 'TagList' });
  });

  test('any JSON is answered', () => assertNeverThrows(parsePortraitGet, ['To_Account', 'TagList', 'From_Account']));
});

describe('formatPortraitGetReply', () => {
  for (const { name, results, reply } of vectors.replies) {
    test(name, () => assert.deepEqual(formatPortraitGetReply(results as readonly PortraitGetResult[]), reply));
  }
});
