import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CUSTOM_TAG_PREFIX, isCustomTag, isCustomTagName } from './custom-fields.ts';
import { findStandardTag, STANDARD_TAGS } from './profile-tags.ts';

test('the standard fields are the twelve of the documents', () => {
  const rows = STANDARD_TAGS.map(({ tag, option, type }) => [tag.replace('Tag_Profile_IM_', ''), option, type]);
  assert.deepEqual(rows, [
    ['Nick', 'nick', 'string'],
    ['Gender', 'gender', 'enum'],
    ['BirthDay', 'birthday', 'uint32'],
    ['Location', 'location', 'string'],
    ['SelfSignature', 'selfSignature', 'string'],
    ['AllowType', 'allowType', 'enum'],
    ['Language', 'language', 'uint32'],
    ['Image', 'avatar', 'string'],
    ['MsgSettings', 'messageSettings', 'uint32'],
    ['AdminForbidType', 'adminForbidType', 'enum'],
    ['Level', 'level', 'uint32'],
    ['Role', 'role', 'uint32'],
  ]);
});

test('limits and values belong to their types', () => {
  for (const { type, maxBytes, values, pushed } of STANDARD_TAGS) {
    assert.equal(maxBytes, type === 'string' ? 500 : undefined);
    assert.equal(values !== undefined, type === 'enum');
    assert.equal(pushed, true);
  }
});

test('only exact tags are found', () => {
  assert.equal(findStandardTag('Tag_Profile_IM_Nick')?.option, 'nick');
  for (const tag of [
    '',
    'nick',
    'Tag_Profile_IM_nick',
    'Tag_Profile_IM_Birthday',
    '__proto__',
    'constructor',
    'size',
  ]) {
    assert.equal(findStandardTag(tag), undefined, tag);
  }
});

test('names of custom fields', () => {
  const cases: readonly (readonly [keyword: string, isName: boolean])[] = [
    ['T', true],
    ['Test1', true],
    ['Abcdefgh', true],
    ['Abcdefghi', false],
    ['', false],
    ['a_b', false],
    ['é', false],
    ['Test\n', false],
    ['888888_Test', false],
  ];
  for (const [keyword, isName] of cases) {
    assert.equal(isCustomTagName(CUSTOM_TAG_PREFIX + keyword), isName, JSON.stringify(keyword));
    assert.equal(isCustomTag(CUSTOM_TAG_PREFIX + keyword), true);
  }
  assert.equal(isCustomTagName('Test'), false);
  assert.equal(isCustomTag('Tag_Profile_IM_Nick'), false);
});
