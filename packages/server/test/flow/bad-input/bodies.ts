/** Bodies that are no request. */
import { nick } from '../../support/live/test-app.ts';
import { type BadCall, item, LONG_ID, raw, rawItems } from './bad-call.ts';

const NESTED = 100_000;
const DEEP = '['.repeat(NESTED) + ']'.repeat(NESTED);

export const BODIES: readonly BadCall[] = [
  { name: 'no ProfileItem', body: { From_Account: 'id1' }, code: 40001, info: ['ProfileItem', '1 to 64'] },
  {
    name: 'empty ProfileItem',
    body: { From_Account: 'id1', ProfileItem: [] },
    code: 40001,
    info: ['ProfileItem', '1 to 64'],
  },
  {
    name: 'ProfileItem that is an object',
    body: { From_Account: 'id1', ProfileItem: { 0: nick('a')[0] } },
    code: 40001,
    info: ['ProfileItem'],
  },
  {
    name: 'ProfileItem that is a text',
    body: { From_Account: 'id1', ProfileItem: 'Tag' },
    code: 40001,
    info: ['ProfileItem'],
  },
  {
    name: 'item that is null',
    body: { From_Account: 'id1', ProfileItem: [null] },
    code: 40001,
    info: ['ProfileItem[0]'],
  },
  {
    name: 'item that is a list',
    body: { From_Account: 'id1', ProfileItem: [['a']] },
    code: 40001,
    info: ['ProfileItem[0]'],
  },
  {
    name: '1,000 items',
    body: { From_Account: 'id1', ProfileItem: Array.from({ length: 1_000 }, () => nick('a')[0]) },
    code: 40001,
    info: ['ProfileItem', '64', '1000'],
  },
  { name: 'no From_Account', body: { ProfileItem: nick('a') }, code: 40001, info: ['From_Account'] },
  {
    name: 'From_Account that is a number',
    body: { From_Account: 7, ProfileItem: nick('a') },
    code: 60015,
    info: ['From_Account', '7'],
  },
  {
    name: 'From_Account that is null',
    body: { From_Account: null, ProfileItem: nick('a') },
    code: 60015,
    info: ['From_Account'],
  },
  {
    name: 'empty From_Account',
    body: { From_Account: '', ProfileItem: nick('a') },
    code: 40001,
    info: ['From_Account', '32'],
  },
  {
    name: 'From_Account of 33 bytes',
    body: { From_Account: LONG_ID, ProfileItem: nick('a') },
    code: 40001,
    info: ['From_Account', '32', '33'],
  },
  {
    name: 'From_Account of 12 characters in 36 bytes',
    body: { From_Account: '用'.repeat(12), ProfileItem: nick('a') },
    code: 40001,
    info: ['From_Account', '32', '36'],
  },
  {
    name: 'From_Account with NUL',
    body: { From_Account: 'id1\0', ProfileItem: nick('a') },
    code: 40001,
    info: ['From_Account', 'ASCII'],
  },
  {
    name: 'account that is not imported',
    body: { From_Account: 'nobody', ProfileItem: nick('a') },
    code: 40003,
    info: ['Err_Profile_Invalid_Account'],
  },
  ...['__proto__', 'constructor', 'toString'].map((From_Account) => ({
    name: `account ${From_Account} that is not imported`,
    body: { From_Account, ProfileItem: nick('a') },
    code: 40003,
    info: ['Err_Profile_Invalid_Account'],
  })),
  ...['__proto__', 'constructor', 'toString'].map((key) => ({
    name: `everything inside a member ${key}`,
    ...raw(`{"${key}":{"From_Account":"id1","ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":"x"}]}}`),
    code: 40001,
    info: ['From_Account'],
  })),
  ...['null', '7', '"{}"', 'true', '[]'].map((text) => ({
    name: `body ${text}`,
    ...raw(text),
    code: 40001,
    info: ['body', 'a JSON object'],
  })),
  ...[
    '',
    ' ',
    '{',
    '{"From_Account":"id1",',
    '{"From_Account":"id1"',
    "{'a':1}",
    '{"a":1,}',
    '{a:1}',
    '{"a":NaN}',
    '\ufeff{}',
    '{}{}',
    '<xml/>',
  ].map((text) => ({ name: `body ${JSON.stringify(text)}`, ...raw(text), code: 60003, info: ['body'] })),
  {
    name: 'body that is not UTF-8',
    ...raw(Buffer.from('{"From_Account":"id1\xff"}', 'latin1')),
    code: 60003,
    info: ['body', 'UTF-8'],
  },
  { name: 'body in UTF-16', ...raw(Buffer.from('{"From_Account":"id1"}', 'utf16le')), code: 60003, info: ['body'] },
  {
    name: 'compressed body',
    ...raw(Buffer.from('1f8b0800000000000003abae050043bfa6a302000000', 'hex')),
    code: 60003,
    info: ['body'],
  },
  { name: 'brackets 100,000 deep', ...raw(DEEP), code: 40001, info: ['body'] },
  { name: 'brackets 100,000 deep that do not close', ...raw('['.repeat(NESTED)), code: 60003, info: ['body'] },
  {
    name: 'braces 100,000 deep',
    ...raw(`${'{"a":'.repeat(NESTED)}1${'}'.repeat(NESTED)}`),
    code: 40001,
    info: ['From_Account'],
  },
  {
    name: 'value 100,000 deep',
    ...rawItems(`[{"Tag":"Tag_Profile_IM_Nick","Value":${DEEP}}]`),
    code: 40610,
    info: ['Tag_Profile_IM_Nick'],
  },
  { name: 'ProfileItem 100,000 deep', ...rawItems(DEEP), code: 40001, info: ['ProfileItem'] },
  {
    name: '2 MB',
    ...raw(JSON.stringify(item('Tag_Profile_IM_Nick', 'x'.repeat(2_000_000)))),
    status: 413,
    code: 60002,
    info: ['body', '1048576'],
  },
  {
    name: '2 MB in chunks',
    overrides: {
      headers: { 'transfer-encoding': 'chunked' },
      rawBody: JSON.stringify(item('Tag_Profile_IM_Nick', 'x'.repeat(2_000_000))),
    },
    status: 413,
    code: 60002,
    info: ['body', '1048576'],
  },
];
