import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { STANDARD_TAGS } from '@portrait/wire';
import { type ProfileEvent, readProfileEvent } from './profile-event.ts';
import { profilePatch } from './profile-patch.ts';
import type { ProfilePatch, StandardProfileValues } from './profile-values.ts';

function read(...items: readonly (readonly [tag: string, value: unknown])[]): ProfileEvent {
  const body = {
    CallbackCommand: 'Profile.CallbackPortraitSet',
    Operator_Account: 'a',
    From_Account: 'b',
    EventTime: 1,
    ProfileItem: items.map(([Tag, Value]) => ({ Tag, Value })),
  };
  const event = readProfileEvent('Profile.CallbackPortraitSet', body);
  return typeof event === 'string' ? assert.fail(event) : event;
}

/** One value of each: that these two compile says that the types have the tags of the table. */
const VALUES: StandardProfileValues = {
  Tag_Profile_IM_Nick: 'Ann',
  Tag_Profile_IM_Gender: 'Gender_Type_Female',
  Tag_Profile_IM_BirthDay: 20190419,
  Tag_Profile_IM_Location: 'x',
  Tag_Profile_IM_SelfSignature: '',
  Tag_Profile_IM_AllowType: 'AllowType_Type_DenyAny',
  Tag_Profile_IM_Language: 1,
  Tag_Profile_IM_Image: 'https://example.com/a.png',
  Tag_Profile_IM_MsgSettings: 0,
  Tag_Profile_IM_AdminForbidType: 'AdminForbid_Type_None',
  Tag_Profile_IM_Level: 4294967295,
  Tag_Profile_IM_Role: 7,
};
const PATCH: Required<Omit<ProfilePatch, 'custom'>> = {
  nick: 'Ann',
  gender: 'Gender_Type_Female',
  birthday: 20190419,
  location: 'x',
  selfSignature: '',
  allowType: 'AllowType_Type_DenyAny',
  language: 1,
  avatar: 'https://example.com/a.png',
  messageSettings: 0,
  adminForbidType: 'AdminForbid_Type_None',
  level: 4294967295,
  role: 7,
};

describe('profile events', () => {
  test('all standard fields, typed and by name', () => {
    assert.deepEqual(
      Object.keys(VALUES),
      STANDARD_TAGS.map(({ tag }) => tag),
    );
    const event = read(...Object.entries(VALUES));
    assert.deepEqual(profilePatch(event), PATCH);
  });

  test('custom fields stand apart, by keyword; the last of a kind counts', () => {
    const event = read(['Tag_Profile_Custom_Test', 'x'], ['Tag_Profile_IM_Nick', 'A'], ['Tag_Profile_IM_Nick', 'B']);
    assert.deepEqual(profilePatch(event), { nick: 'B', custom: { Test: 'x' } });
    assert.deepEqual(profilePatch(read(['Tag_Profile_IM_Nick', ''])), { nick: '' });
    assert.deepEqual(profilePatch(read()), {});
  });

  test('a patch leaves out what this version does not know, the event has it', () => {
    const odd = [
      ['Tag_Profile_IM_New', 'x'],
      ['Tag_Profile_IM_Nick', 1],
      ['Tag_Profile_IM_Level', '3'],
      ['Tag_Profile_IM_Gender', 'Gender_Type_Other'],
      ['Tag_Profile_Custom_Test', 1],
    ] as const;
    const event = read(...odd, ['Tag_Profile_IM_Nick', 'Ann']);
    assert.deepEqual(profilePatch(event), { nick: 'Ann' });
    assert.equal(event.items.length, 6);
  });
});
