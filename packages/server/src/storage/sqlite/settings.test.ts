import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { STANDARD_TAGS } from '@portrait/wire';
import { sampleApp } from '../../../test/support/samples.ts';
import { migrate } from './migrate.ts';
import { Settings } from './settings.ts';

test('an app that an earlier version stored has the members that were added since, with their defaults', (t) => {
  const db = new DatabaseSync(':memory:');
  t.after(() => db.close());
  migrate(db);
  const settings = new Settings(db);
  const { userWritableFields: _fields, maxSessionsPerPlatform: _max, ...earlier } = sampleApp();
  db.prepare('INSERT INTO app (sdk_app_id, settings) VALUES (?, ?)').run(earlier.sdkAppId, JSON.stringify(earlier));

  const read = { ...earlier, userWritableFields: STANDARD_TAGS.map(({ tag }) => tag), maxSessionsPerPlatform: 0 };
  assert.deepEqual(settings.apps(), [read]);

  const changed = { ...read, userWritableFields: [], maxSessionsPerPlatform: 2 };
  settings.updateApp(changed);
  assert.deepEqual(settings.apps(), [changed], 'what is stored counts, empty too');
});
