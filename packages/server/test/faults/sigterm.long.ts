/** SIGTERM under load, again and again: a clean stop keeps its word, and repeats nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChildServer } from '../support/live/child-server.ts';
import { HistoryChecker } from '../support/live/history-checker.ts';
import { randomFrom, testSeed } from '../support/live/random.ts';
import { ok, startReceiver, status } from '../support/live/receiver.ts';
import { TestApp } from '../support/live/test-app.ts';
import { Writers } from '../support/live/writers.ts';
import { until } from '../support/until.ts';

const ROUNDS = 12;
const MAX_EXTRA_MS = 40;
const TOKEN = 'sigterm-token';

test(`${ROUNDS} times SIGTERM under load`, { timeout: 600_000 }, async (t) => {
  const seed = testSeed();
  t.diagnostic(`seed ${seed} (PORTRAIT_TEST_SEED)`);
  const random = randomFrom(seed);
  let failures = 0;
  const receiver = await startReceiver(t, () => {
    if (random.next() >= 0.02) return ok(random.next() < 0.3 ? random.between(1, 40) : 0);
    failures += 1;
    return status(500);
  });
  const server = await startChildServer(t);
  const app = await TestApp.create(server);
  const endpoint = await app.addEndpoint(receiver.url, { token: TOKEN, maxAttempts: 50, timeoutMs: 9_000 });
  const [signingSecret = ''] = endpoint.signingSecrets;
  const checker = new HistoryChecker({ sdkAppId: app.sdkAppId, token: TOKEN, signingSecret });
  receiver.onCallback = checker.received;
  const userIds = Array.from({ length: 10 }, (_, number) => `user${number}`);
  await app.importUsers(...userIds);
  const writers = new Writers(t, { app, checker, userIds, count: 14 });
  for (let round = 0; round < ROUNDS; round += 1) {
    const enough = writers.acknowledged + random.between(1, 400);
    writers.go();
    await until(() => writers.acknowledged >= enough, { what: () => `${enough} changes`, withinMs: 60_000 });
    const ending = server.end('SIGTERM');
    await sleep(random.between(0, MAX_EXTRA_MS)); // the writers go on meanwhile
    writers.rest();
    const ended = await ending;
    assert.deepEqual({ ...ended, stdout: undefined }, { code: 0, signal: null, stdout: undefined, stderr: '' });
    await server.start();
  }
  await writers.stop();
  await until(() => checker.isAllAccepted, { what: () => `${checker.missing().length} changes`, withinMs: 400_000 });
  await app.untilSettled();
  const summary = checker.check();
  t.diagnostic(JSON.stringify({ rounds: ROUNDS, failures, ...summary }));
  assert.equal(summary.repeats, failures, 'only what failed was sent again');
  assert.equal(summary.unacknowledgedButStored, 0, 'what was stored was answered');
  for (const userId of userIds) {
    const { Tag_Profile_IM_Nick: value } = await app.get(userId);
    assert.ok(checker.finalValues(userId).includes(String(value)), `${userId} has ${value}`);
  }
});
