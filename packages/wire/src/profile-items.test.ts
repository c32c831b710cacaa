import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { anyJson, codeOf, deepArray } from '../test/support.ts';
import type { CustomField, FieldRole } from './custom-fields.ts';
import { checkReadableTags, checkWritableItems } from './profile-items.ts';
import { STANDARD_TAGS } from './profile-tags.ts';

const NICK = 'Tag_Profile_IM_Nick';
const LEVEL = 'Tag_Profile_IM_Level';
const GENDER = 'Tag_Profile_IM_Gender';
const OPEN = 'Tag_Profile_Custom_Open';
const BYTES = 'Tag_Profile_Custom_Bytes';
const STAFF = 'Tag_Profile_Custom_Staff';

const CUSTOM_FIELDS: readonly CustomField[] = [
  { tag: OPEN, type: 'string', read: ['user', 'admin'], write: ['user', 'admin'] },
  { tag: BYTES, type: 'bytes', read: ['user', 'admin'], write: ['user'] },
  { tag: STAFF, type: 'string', read: ['admin'], write: ['admin'] },
];

const ALL = STANDARD_TAGS.map(({ tag }) => tag);

function write(
  items: readonly { tag: string; value: unknown }[],
  role: FieldRole = 'user',
  userWritableFields: readonly string[] = ALL,
) {
  return checkWritableItems(items, { customFields: CUSTOM_FIELDS, userWritableFields, role });
}

function read(tags: readonly string[], role: FieldRole = 'user') {
  return checkReadableTags(tags, { customFields: CUSTOM_FIELDS, role });
}

const WRITES: readonly (readonly [name: string, tag: string, value: unknown, code: number, role?: FieldRole])[] = [
  ['a text', NICK, 'Ann', 0],
  ['an empty text', NICK, '', 0],
  ['500 bytes', NICK, 'x'.repeat(500), 0],
  ['500 bytes of two each', NICK, 'é'.repeat(250), 0],
  ['500 bytes of four each', NICK, '😀'.repeat(125), 0],
  ['498 bytes of three each', NICK, '好'.repeat(166), 0],
  ['501 bytes', NICK, 'x'.repeat(501), 40601],
  ['501 bytes of three each', NICK, '好'.repeat(167), 40601],
  ['504 bytes of four each', NICK, '😀'.repeat(126), 40601],
  ['a megabyte', NICK, '好'.repeat(350_000), 40601],
  ['Location over 16 bytes', 'Tag_Profile_IM_Location', 'Shenzhen, Guangdong, China', 0],
  ['NUL', NICK, 'a\0b', 40605],
  ['half a pair', NICK, 'a\ud800', 40605],
  ['the other half', NICK, '\udc00a', 40605],
  ['half a pair over the limit', NICK, '\ud800'.repeat(200), 40601],
  ['other control characters', NICK, 'a\n\x1b', 0],
  ['number for a text', NICK, 7, 40610],
  ['boolean for a text', NICK, true, 40610],
  ['null for a text', NICK, null, 40610],
  ['nothing for a text', NICK, undefined, 40610],
  ['object for a text', NICK, { length: 3 }, 40610],
  ['array for a text', NICK, ['Ann'], 40610],
  ['deep array for a text', NICK, deepArray(), 40610],
  ['zero', LEVEL, 0, 0],
  ['greatest number', LEVEL, 4294967295, 0],
  ['too great', LEVEL, 4294967296, 40605],
  ['far too great', LEVEL, 1e300, 40605],
  ['negative', LEVEL, -1, 40605],
  ['negative zero', LEVEL, -0, 40605],
  ['fraction', LEVEL, 1.5, 40605],
  ['not a number', LEVEL, Number.NaN, 40605],
  ['infinite', LEVEL, Number.POSITIVE_INFINITY, 40605],
  ['text for a number', LEVEL, '3', 40610],
  ['boolean for a number', LEVEL, false, 40610],
  ['null for a number', LEVEL, null, 40610],
  ['array for a number', LEVEL, [3], 40610],
  ['enumeration', GENDER, 'Gender_Type_Male', 0],
  ['misspelt enumeration', GENDER, 'Gender_Type_male', 40605],
  ['empty enumeration', GENDER, '', 40605],
  ['value of another enumeration', GENDER, 'AllowType_Type_AllowAny', 40605],
  ['member of every object as enumeration', GENDER, 'constructor', 40605],
  ['number for an enumeration', GENDER, 1, 40610],
  ['null for an enumeration', GENDER, null, 40610],
  ['custom text', OPEN, 'x', 0],
  ['custom text of 501 bytes', OPEN, 'x'.repeat(501), 40601],
  ['custom text with NUL', OPEN, '\0', 40605],
  ['custom text with half a pair', OPEN, '\ud83d', 40605],
  ['custom number', OPEN, 1, 40610],
  ['custom bytes', BYTES, 'x', 0],
  ['custom bytes of 501', BYTES, 'é'.repeat(251), 40601],
  ['custom bytes, closed to administrators', BYTES, 'x', 40008, 'admin'],
  ['custom field of the staff', STAFF, 'x', 40008],
  ['custom field of the staff, by an administrator', STAFF, 'x', 0, 'admin'],
  ['permission counts before the value', STAFF, 1, 40008],
  ['undeclared custom field', 'Tag_Profile_Custom_Nope', 'x', 40009],
  ['custom prefix alone', 'Tag_Profile_Custom_', 'x', 40009],
  ['unknown standard field', 'Tag_Profile_IM_Nope', 'x', 40009],
  ['other letter case', 'tag_profile_im_nick', 'x', 40009],
  ['blank behind', `${NICK} `, 'x', 40009],
  ['empty tag', '', 'x', 40009],
  ['__proto__', '__proto__', 'x', 40009],
  ['constructor', 'constructor', 'x', 40009],
  ['hasOwnProperty', 'hasOwnProperty', 'x', 40009],
  ['tag of a megabyte', 'x'.repeat(1_000_000), 'x', 40009],
];

describe('writing', () => {
  for (const [name, tag, value, code, role] of WRITES) {
    test(name, () => {
      const checked = write([{ tag, value }], role);
      if (code === 0) assert.deepEqual(checked, { ok: true, value: [{ tag, value }] });
      else assert.equal(codeOf(checked), code);
      assert.ok(checked.ok || checked.fault.message.length < 600);
    });
  }

  const RIGHTS: readonly (readonly [
    name: string,
    userWritableFields: readonly string[],
    tags: readonly string[],
    refused: string | undefined,
    role?: FieldRole,
  ])[] = [
    ['a user, one that is left', [NICK], [NICK], undefined],
    ['a user, one that was taken away', [NICK], [LEVEL], LEVEL],
    ['a user, one of each', [NICK], [NICK, LEVEL], LEVEL],
    ['a user, where all were taken away', [], [NICK], NICK],
    ['a user, custom fields, which say it themselves', [], [OPEN, BYTES], undefined],
    ['a user, a custom field of the staff that stands in the list', [STAFF], [STAFF], STAFF],
    ['an administrator, one that was taken from users', [NICK], [LEVEL], undefined, 'admin'],
    ['an administrator, where all were taken from users', [], [NICK, LEVEL, STAFF], undefined, 'admin'],
    ['an administrator, a custom field closed to him', [BYTES], [BYTES], BYTES, 'admin'],
  ];
  for (const [name, userWritableFields, tags, refused, role = 'user'] of RIGHTS) {
    test(`rights of ${name}`, () => {
      const items = tags.map((tag) => ({ tag, value: tag === LEVEL ? 1 : 'x' }));
      const expected =
        refused === undefined
          ? { ok: true, value: items }
          : { ok: false, fault: { code: 40008, message: `${refused}: the role "${role}" may not write this field` } };
      assert.deepEqual(write(items, role, userWritableFields), expected);
    });
  }

  test('the right to a standard field counts before its value, and after the tag that stands twice', () => {
    assert.equal(codeOf(write([{ tag: LEVEL, value: 'x' }], 'user', [])), 40008);
    const twice = [NICK, NICK].map((tag) => ({ tag, value: 'x' }));
    assert.equal(codeOf(write(twice, 'user', [NICK])), 40001);
  });

  test('messages name the field, the value and the limit, and hide nothing but length', () => {
    const cases: readonly (readonly [tag: string, value: unknown, message: string])[] = [
      [NICK, 'x'.repeat(501), 'Tag_Profile_IM_Nick: at most 500 bytes of UTF-8, got 501'],
      [LEVEL, -1, 'Tag_Profile_IM_Level: expected an integer from 0 to 4294967295, got -1'],
      [LEVEL, '3', 'Tag_Profile_IM_Level: expected a number, got "3"'],
      ['nick', 'x', 'Tag: the app has no profile field "nick"'],
      [STAFF, 'x', 'Tag_Profile_Custom_Staff: the role "user" may not write this field'],
      [
        'Tag_Profile_IM_AdminForbidType',
        'None',
        'Tag_Profile_IM_AdminForbidType: expected AdminForbid_Type_None, AdminForbid_Type_SendOut; got "None"',
      ],
    ];
    for (const [tag, value, message] of cases) {
      const checked = write([{ tag, value }]);
      assert.equal(checked.ok ? '' : checked.fault.message, message);
    }
  });

  test('order is kept, and all fields fit into one request', () => {
    const items = [
      ...STANDARD_TAGS.map(({ tag, type, values }) => ({ tag, value: type === 'uint32' ? 1 : (values?.[0] ?? 'x') })),
      { tag: OPEN, value: 'x' },
    ].toReversed();
    assert.deepEqual(write(items), { ok: true, value: items });
  });

  test('the same tag twice is refused and named', () => {
    const checked = write([
      { tag: NICK, value: 'a' },
      { tag: LEVEL, value: 1 },
      { tag: NICK, value: 'b' },
    ]);
    assert.deepEqual(checked, {
      ok: false,
      fault: { code: 40001, message: `ProfileItem: ${NICK} stands in it twice` },
    });
    assert.equal(codeOf(write(Array.from({ length: 1000 }, () => ({ tag: OPEN, value: 'x' })))), 40001);
  });

  test('the first fault ends it', () => {
    assert.equal(
      codeOf(
        write([
          { tag: NICK, value: 1 },
          { tag: 'nope', value: 1 },
        ]),
      ),
      40610,
    );
    assert.equal(
      codeOf(
        write([
          { tag: 'nope', value: 1 },
          { tag: NICK, value: 1 },
        ]),
      ),
      40009,
    );
  });

  test('any values: never throws, and what passes is legal and unchanged', () => {
    const tags = fc.constantFrom(...STANDARD_TAGS.map((row) => row.tag), OPEN, BYTES, STAFF, '__proto__', '');
    const item = fc.record({ tag: tags, value: anyJson(['Tag']) }, { noNullPrototype: true });
    const property = fc.property(fc.array(item, { maxLength: 6 }), (items) => {
      const checked = write(items);
      if (!checked.ok) return;
      assert.deepEqual(checked.value, items);
      assert.deepEqual(JSON.parse(JSON.stringify(checked.value)), items);
      assert.equal(new Set(items.map(({ tag }) => tag)).size, items.length);
    });
    fc.assert(property, { numRuns: 1000 });
  });
});

describe('reading', () => {
  const CASES: readonly (readonly [name: string, tags: readonly string[], code: number, role?: FieldRole])[] = [
    ['standard and custom', [LEVEL, NICK, OPEN], 0],
    ['staff by an administrator', [STAFF], 0, 'admin'],
    ['staff by a user', [NICK, STAFF], 40007],
    ['undeclared', ['Tag_Profile_Custom_Nope'], 40009],
    ['__proto__', ['__proto__'], 40009],
    ['constructor', ['constructor'], 40009],
    ['empty', [''], 40009],
  ];
  for (const [name, tags, code, role] of CASES) {
    test(name, () => {
      const checked = read(tags, role);
      if (code === 0) assert.deepEqual(checked, { ok: true, value: tags });
      else assert.equal(codeOf(checked), code);
    });
  }

  test('a tag that stands twice is read once', () => {
    assert.deepEqual(read([NICK, LEVEL, NICK]), { ok: true, value: [NICK, LEVEL] });
  });
});
