import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { ApiError, StoreError } from '../../errors.ts';
import { Metrics } from '../../metrics.ts';
import { GroupCommit } from './group-commit.ts';
import type { JobResult, WriteBatch, WriteJob } from './write-job.ts';
import type { Writer } from './writer.ts';

const JOB: WriteJob = { verb: 'releaseLanes', owner: 'me' };

function given(write: (batch: WriteBatch) => JobResult[]) {
  const clock = new FakeClock();
  const metrics = new Metrics();
  const writer = { write } as unknown as Writer;
  return { clock, metrics, commits: new GroupCommit(writer, { clock, metrics }) };
}

test('size and time of each commit are counted', async () => {
  const { clock, metrics, commits } = given(({ jobs }) => {
    clock.advance(3);
    return jobs.map(() => ({ value: undefined }));
  });
  await Promise.all([1, 2, 3].map(() => commits.run(JOB)));
  await commits.run(JOB);
  const { commitWrites, commitSeconds } = metrics;
  assert.deepEqual([commitWrites.sum, commitWrites.cumulative().at(0), commitWrites.cumulative().at(-1)], [4, 1, 2]);
  assert.deepEqual([commitSeconds.sum, commitSeconds.cumulative().at(-1)], [0.006, 2]);
});

test('what the store can not do is counted by its kind, what a rule refuses and what is not there is not', async () => {
  const errors = [new StoreError('full'), new StoreError('full'), new StoreError('missing'), new ApiError(40001)];
  const { metrics, commits } = given(({ jobs }) => jobs.map(() => ({ error: errors.shift() ?? new ApiError(40001) })));
  const results = await Promise.allSettled([1, 2, 3, 4].map(() => commits.run(JOB)));
  assert.ok(results.every(({ status }) => status === 'rejected'));
  const seen = metrics.storeErrors.samples().filter(({ value }) => value > 0);
  assert.deepEqual(seen, [{ labels: ['full'], value: 2 }]);
});

test('a write that finds too many waiting is refused and counted', async () => {
  const { metrics, commits } = given(({ jobs }) => jobs.map(() => ({ value: undefined })));
  const results = await Promise.allSettled(Array.from({ length: 20_002 }, () => commits.run(JOB)));
  assert.equal(results.filter(({ status }) => status === 'rejected').length, 2);
  const seen = metrics.storeErrors.samples().filter(({ value }) => value > 0);
  assert.deepEqual(seen, [{ labels: ['overloaded'], value: 2 }]);
});
