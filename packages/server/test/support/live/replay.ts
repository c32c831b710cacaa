/** Replays of an app on a running server. */
import assert from 'node:assert/strict';
import type { ReplayAnswer, ReplayCreate, ReplayPreviewAnswer } from '../../../src/admin/replay-schemas.ts';
import { until } from '../until.ts';
import type { TestApp } from './test-app.ts';

/** Longer than a few pauses between attempts. */
const PATIENCE_MS = 60_000;

/** What a dry run counts. */
export async function previewReplay(app: TestApp, body: ReplayCreate): Promise<ReplayPreviewAnswer> {
  const answer = await app.admin('POST', '/replay', { ...body, dryRun: true });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

/** Make a replay of everything since 1970, which must succeed. */
export async function startReplay(app: TestApp, body: Omit<ReplayCreate, 'from'>): Promise<ReplayAnswer> {
  const answer = await app.admin('POST', '/replay', { from: '0', ratePerSecond: 1_000, ...body });
  assert.equal(answer.status, 202, answer.text);
  return answer.json;
}

export async function readReplay(app: TestApp, jobId: string): Promise<ReplayAnswer> {
  const answer = await app.admin('GET', `/replays/${jobId}`);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

/** Wait until it looks so. */
export function untilReplay(
  app: TestApp,
  jobId: string,
  look: (replay: ReplayAnswer) => boolean,
): Promise<ReplayAnswer> {
  let last: ReplayAnswer | undefined;
  return until(
    async () => {
      last = await readReplay(app, jobId);
      return look(last) && last;
    },
    { what: () => `the replay: ${JSON.stringify(last)}`, withinMs: PATIENCE_MS },
  );
}

/** Wait until it is done. */
export function untilReplayed(app: TestApp, jobId: string): Promise<ReplayAnswer> {
  return untilReplay(app, jobId, ({ state }) => state === 'done');
}
