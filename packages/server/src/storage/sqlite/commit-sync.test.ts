import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../../../test/storage/sqlite-fixture.ts';
import { APP } from '../../../test/support/samples.ts';
import { CommitSync } from './commit-sync.ts';
import { openDatabase } from './connection.ts';
import type { WriteJob } from './write-job.ts';

const FULL = 2;
const NORMAL = 1;
const CHANGE: WriteJob = { verb: 'change', command: { kind: 'delete', sdkAppId: APP, userId: 'id1' } };
const SETTLE = { verb: 'settle', settlement: {} } as WriteJob;
const REPLAY = { verb: 'replay', job: { kind: 'settle' } } as WriteJob;
const REPLAY_END = { verb: 'replay', job: { kind: 'end' } } as WriteJob;

test('what was promised is synced; how deliveries went is, twice a second', async (t) => {
  const db = openDatabase(join(await makeFolder(t), 'portrait.db'));
  t.after(async () => db.close());
  let now = 0;
  const sync = new CommitSync(db, () => now);
  const choose = (...jobs: readonly WriteJob[]): unknown => {
    sync.chooseFor(jobs);
    return db.prepare('PRAGMA synchronous').get()?.synchronous;
  };
  assert.equal(choose(SETTLE), FULL, 'nothing was synced before');
  assert.equal(choose(SETTLE), FULL, 'nor was that one: it was not committed');
  sync.committed();
  assert.equal(choose(SETTLE, REPLAY), NORMAL);
  sync.committed();
  assert.equal(choose(SETTLE, CHANGE), FULL);
  sync.committed();
  now = 499;
  assert.equal(choose(SETTLE), NORMAL);
  sync.committed();
  now = 500;
  assert.equal(choose(SETTLE), FULL, 'half a second after the last one');
  sync.committed();
  assert.deepEqual([choose(REPLAY), choose(REPLAY_END), choose(SETTLE), choose()], [NORMAL, FULL, NORMAL, FULL]);
});
