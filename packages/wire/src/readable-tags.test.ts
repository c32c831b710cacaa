import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CustomField } from './custom-fields.ts';
import { STANDARD_TAGS } from './profile-tags.ts';
import { readableTags } from './readable-tags.ts';

const STANDARD = STANDARD_TAGS.map(({ tag }) => tag);

function field(name: string, read: CustomField['read']): CustomField {
  return { tag: `Tag_Profile_Custom_${name}`, type: 'string', read, write: ['user', 'admin'] };
}

test('readableTags: the standard ones, then the custom ones that the role may read', () => {
  const fields = [field('All', ['user', 'admin']), field('Admin', ['admin']), field('User', ['user']), field('No', [])];
  const all = 'Tag_Profile_Custom_All';
  assert.deepEqual(readableTags(fields, 'user'), [...STANDARD, all, 'Tag_Profile_Custom_User']);
  assert.deepEqual(readableTags(fields, 'admin'), [...STANDARD, all, 'Tag_Profile_Custom_Admin']);
  assert.deepEqual(readableTags([], 'user'), STANDARD);
  assert.deepEqual(readableTags([field('Admin', ['admin'])], 'user'), STANDARD);
});
