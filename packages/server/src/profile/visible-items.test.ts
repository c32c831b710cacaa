import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Profile } from '../storage/store.ts';
import { isAccount, visibleItems } from './visible-items.ts';

const profile: Profile = {
  sdkAppId: 1_400_000_001,
  userId: 'id1',
  version: 1,
  fields: { Tag_Profile_IM_Nick: '', Tag_Profile_IM_Level: 0, Tag_Profile_Custom_a: 'x' },
  isDeleted: false,
  revokedAtMs: 0,
  lastSeq: 1,
  createdAtMs: 1,
  updatedAtMs: 2,
};

describe('visibleItems', () => {
  test('items come in the order asked for; an empty text and 0 were set, others are left out', () => {
    const tags = ['Tag_Profile_IM_Level', 'Tag_Profile_IM_Gender', 'Tag_Profile_IM_Nick'];
    assert.deepEqual(visibleItems(profile, tags), [
      { tag: 'Tag_Profile_IM_Level', value: 0 },
      { tag: 'Tag_Profile_IM_Nick', value: '' },
    ]);
    assert.deepEqual(visibleItems(profile, []), []);
  });
});

describe('isAccount', () => {
  test('an account is there, and not deleted', () => {
    assert.equal(isAccount(profile), true);
    assert.equal(isAccount({ ...profile, isDeleted: true }), false);
    assert.equal(isAccount(undefined), false);
  });
});
