/** Values and tags that a profile can not hold. */
import { nick } from '../../support/live/test-app.ts';
import { type BadCall, item, rawItems } from './bad-call.ts';

const LEVEL_RANGE = ['Tag_Profile_IM_Level', '0 to 4294967295'];

export const VALUES: readonly BadCall[] = [
  { name: 'unknown tag', body: item('Tag_Profile_IM_Foo', 'x'), code: 40009, info: ['Tag', 'Tag_Profile_IM_Foo'] },
  { name: 'tag in another case', body: item('tag_profile_im_nick', 'x'), code: 40009, info: ['tag_profile_im_nick'] },
  {
    name: 'custom tag that is not declared',
    body: item('Tag_Profile_Custom_None', 'x'),
    code: 40009,
    info: ['Tag_Profile_Custom_None'],
  },
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty'].map((tag) => ({
    name: `tag ${tag}`,
    body: item(tag, 'x'),
    code: 40009,
    info: [tag],
  })),
  { name: 'empty tag', body: item('', 'x'), code: 40009, info: ['Tag'] },
  { name: 'tag of 10,000 characters', body: item('x'.repeat(10_000), 'x'), code: 40009, info: ['Tag', '10000'] },
  { name: 'no tag', body: item(undefined, 'x'), code: 40001, info: ['ProfileItem[0].Tag'] },
  { name: 'tag that is a number', body: item(7, 'x'), code: 40001, info: ['ProfileItem[0].Tag', '7'] },
  {
    name: 'number for Nick',
    body: item('Tag_Profile_IM_Nick', 7),
    code: 40610,
    info: ['Tag_Profile_IM_Nick', 'a string', '7'],
  },
  {
    name: 'string for Level',
    body: item('Tag_Profile_IM_Level', '7'),
    code: 40610,
    info: ['Tag_Profile_IM_Level', 'a number'],
  },
  {
    name: 'number for Gender',
    body: item('Tag_Profile_IM_Gender', 1),
    code: 40610,
    info: ['Tag_Profile_IM_Gender', 'a string'],
  },
  {
    name: 'number for a custom field',
    body: item('Tag_Profile_Custom_Data', 1),
    code: 40610,
    info: ['Tag_Profile_Custom_Data'],
  },
  { name: 'fraction', body: item('Tag_Profile_IM_Level', 1.5), code: 40605, info: [...LEVEL_RANGE, '1.5'] },
  { name: 'negative number', body: item('Tag_Profile_IM_Level', -1), code: 40605, info: [...LEVEL_RANGE, '-1'] },
  { name: 'minus zero', ...rawItems('[{"Tag":"Tag_Profile_IM_Level","Value":-0}]'), code: 40605, info: LEVEL_RANGE },
  { name: 'above uint32', body: item('Tag_Profile_IM_Level', 4_294_967_296), code: 40605, info: LEVEL_RANGE },
  {
    name: 'number beyond all bounds',
    ...rawItems('[{"Tag":"Tag_Profile_IM_Level","Value":1e999}]'),
    code: 40605,
    info: LEVEL_RANGE,
  },
  ...['Tag_Profile_IM_Nick', 'Tag_Profile_IM_Level', 'Tag_Profile_IM_Gender'].flatMap((tag) =>
    [true, null, {}, { toString: 'x' }, [], ['x'], undefined].map((value) => ({
      name: `${JSON.stringify(value) ?? 'no value'} for ${tag}`,
      body: item(tag, value),
      code: 40610,
      info: [tag],
    })),
  ),
  {
    name: 'enumeration that is misspelt',
    body: item('Tag_Profile_IM_Gender', 'gender_type_female'),
    code: 40605,
    info: ['Tag_Profile_IM_Gender', 'Gender_Type_Female', 'Gender_Type_Male', 'gender_type_female'],
  },
  {
    name: 'empty enumeration',
    body: item('Tag_Profile_IM_AllowType', ''),
    code: 40605,
    info: ['AllowType_Type_DenyAny'],
  },
  {
    name: '501 bytes in 251 characters',
    body: item('Tag_Profile_IM_Nick', `${'é'.repeat(250)}x`),
    code: 40601,
    info: ['Tag_Profile_IM_Nick', '500', '501'],
  },
  {
    name: '504 bytes of emoji',
    body: item('Tag_Profile_Custom_Data', '😀'.repeat(126)),
    code: 40601,
    info: ['Tag_Profile_Custom_Data', '500', '504'],
  },
  {
    name: '100,000 bytes',
    body: item('Tag_Profile_IM_Nick', 'x'.repeat(100_000)),
    code: 40601,
    info: ['500', '100000'],
  },
  { name: 'NUL', body: item('Tag_Profile_IM_Nick', 'a\0b'), code: 40605, info: ['Tag_Profile_IM_Nick', 'NUL'] },
  {
    name: 'half a surrogate pair',
    ...rawItems('[{"Tag":"Tag_Profile_IM_Nick","Value":"a\\ud800"}]'),
    code: 40605,
    info: ['Tag_Profile_IM_Nick', 'surrogate'],
  },
  {
    name: 'the other half',
    ...rawItems('[{"Tag":"Tag_Profile_IM_Nick","Value":"\\udc00b"}]'),
    code: 40605,
    info: ['Tag_Profile_IM_Nick', 'surrogate'],
  },
  {
    name: 'same tag twice',
    body: { From_Account: 'id1', ProfileItem: [...nick('a'), ...nick('b')] },
    code: 40001,
    info: ['ProfileItem', 'Tag_Profile_IM_Nick', 'twice'],
  },
  {
    name: 'one bad item among good ones',
    body: { From_Account: 'id1', ProfileItem: [...nick('a'), { Tag: 'Tag_Profile_IM_Level', Value: 'x' }] },
    code: 40610,
    info: ['Tag_Profile_IM_Level'],
  },
];
