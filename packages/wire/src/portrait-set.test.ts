import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertNeverThrows, assertRefused } from '../test/support.ts';
import vectors from '../vectors/portrait-set.json' with { type: 'json' };
import { parsePortraitSet } from './portrait-set.ts';

const item = (n: number) => ({ Tag: `t${n}`, Value: n });
const withItems = (count: number) => ({
  From_Account: 'id1',
  ProfileItem: Array.from({ length: count }, (_, n) => item(n)),
});

describe('parsePortraitSet', () => {
  for (const { name, body, expected } of vectors.requests) {
    test(name, () => assert.deepEqual(parsePortraitSet(body), { ok: true, value: expected }));
  }
  for (const refused of vectors.refused) {
    test(refused.name, () => assertRefused(parsePortraitSet(refused.body), refused));
  }

  test('64 items, not 65, not 1,000', () => {
    assert.ok(parsePortraitSet(withItems(64)).ok);
    for (const count of [65, 1000])
      assertRefused(parsePortraitSet(withItems(count)), { code: 40001, field: 'ProfileItem' });
  });

  test('a member named __proto__ brings nothing in', () => {
    const body = JSON.parse('{"__proto__":{"From_Account":"id1","ProfileItem":[{"Tag":"a","Value":1}]}}');
    assertRefused(parsePortraitSet(body), { code: 40001, field: 'From_Account' });
  });

  test('a null Value is kept, not replaced by value', () => {
    const body = { From_Account: 'id1', ProfileItem: [{ Tag: 'a', Value: null, value: 1 }] };
    assert.deepEqual(parsePortraitSet(body), {
      ok: true,
      value: { userId: 'id1', items: [{ tag: 'a', value: null }] },
    });
  });

  test('any JSON is answered', () => {
    assertNeverThrows(parsePortraitSet, ['From_Account', 'ProfileItem', 'Tag', 'Value', 'tag', 'value']);
  });
});
