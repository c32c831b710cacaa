import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertNeverThrows, assertRefused } from '../test/support.ts';
import { formatPortraitGetAllReply, parsePortraitGetAll } from './portrait-get-all.ts';

const userItem = (userId: unknown) => ({ To_Account: userId, StandardSequence: 0, CustomSequence: 0 });
const many = (count: number) => ({ UserItem: Array.from({ length: count }, (_, n) => userItem(`id${n}`)) });

describe('parsePortraitGetAll', () => {
  test('as the SDK sends it', () => {
    const body = { From_Account: 'alice', UserItem: [userItem('alice'), userItem('bob')] };
    assert.deepEqual(parsePortraitGetAll(body), { ok: true, value: { userIds: ['alice', 'bob'] } });
  });

  for (const { name, body, code, field } of [
    { name: 'null body', body: null, code: 40001, field: 'body' },
    { name: 'array body', body: [], code: 40001, field: 'body' },
    { name: 'no member', body: { From_Account: 'alice' }, code: 40002, field: 'UserItem' },
    { name: 'no accounts', body: { UserItem: [] }, code: 40002, field: 'UserItem' },
    { name: 'accounts as an object', body: { UserItem: { 0: userItem('a') } }, code: 40001, field: 'UserItem' },
    {
      name: 'account is a number',
      body: { UserItem: [userItem('a'), userItem(1)] },
      code: 60015,
      field: 'UserItem[1]',
    },
    { name: 'account without a name', body: { UserItem: [{}] }, code: 60015, field: 'UserItem[0]' },
    { name: 'account without an item', body: { UserItem: ['alice'] }, code: 60015, field: 'UserItem[0]' },
    { name: 'account is null', body: { UserItem: [null] }, code: 60015, field: 'UserItem[0]' },
  ]) {
    test(`refused: ${name}`, () => assertRefused(parsePortraitGetAll(body), { code, field }));
  }

  test('what can be no UserID is taken, for the others’ sake', () => {
    const userIds = ['', 'x'.repeat(33), 'é', 'bob'];
    assert.deepEqual(parsePortraitGetAll({ UserItem: userIds.map(userItem) }), { ok: true, value: { userIds } });
  });

  test('100 accounts, no more', () => {
    assert.ok(parsePortraitGetAll(many(100)).ok);
    assertRefused(parsePortraitGetAll(many(101)), { code: 40001, field: 'UserItem' });
  });

  test('any JSON is answered', () => assertNeverThrows(parsePortraitGetAll, ['UserItem', 'To_Account']));
});

test('formatPortraitGetAllReply: one entry for each user, also for one that is not there', () => {
  const items = [
    { tag: 'Tag_Profile_IM_Nick', value: 'N' },
    { tag: 'Tag_Profile_IM_Level', value: 2 },
  ];
  const results = [
    { userId: 'alice', items },
    { userId: 'nobody', items: undefined },
    { userId: 'bob', items: [] },
  ];
  assert.deepEqual(formatPortraitGetAllReply(results), {
    ActionStatus: 'OK',
    ErrorCode: 0,
    ErrorInfo: '',
    ErrorDisplay: '',
    UserProfileItem: [
      {
        To_Account: 'alice',
        ProfileItem: [
          { Tag: 'Tag_Profile_IM_Nick', Value: 'N' },
          { Tag: 'Tag_Profile_IM_Level', Value: 2 },
        ],
        ResultCode: 0,
        ResultInfo: '',
      },
      { To_Account: '@TLS#NOT_FOUND', ResultCode: 40003, ResultInfo: 'Err_Profile_Invalid_Account' },
      { To_Account: 'bob', ProfileItem: [], ResultCode: 0, ResultInfo: '' },
    ],
  });
});
