/** 100,000 changes behind an endpoint that is down: they wait in the log, not in memory, and are drained when it is back. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { type ChildServer, startChildServer } from '../support/live/child-server.ts';
import { HistoryChecker } from '../support/live/history-checker.ts';
import { startReceiver } from '../support/live/receiver.ts';
import { recordedSet } from '../support/live/recorded-set.ts';
import { TestApp } from '../support/live/test-app.ts';
import { until } from '../support/until.ts';

const TOKEN = 'backlog-token';
const USERS = 1_000;
/** Until then the heap of any busy process grows. */
const WARM_UP = 80_000;
const BACKLOG = 100_000;
const CALLERS = 32;
/** What the process may take more after the backlog than before: garbage that was not collected yet. */
const MAX_GROWTH_MB = 40;
/** Else what V8 gives to new objects grows by tens of MB at a time of its own, and hides what is looked for. */
const STEADY_HEAP = '--max-semi-space-size=8';
const DRAINED_WITHIN_MS = 120_000;

function residentMb({ pid }: ChildServer): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)])) / 1_024;
}

test('memory is flat behind an endpoint that is down, and nothing is lost', { timeout: 600_000 }, async (t) => {
  const receiver = await startReceiver(t);
  const server = await startChildServer(t, { nodeOptions: STEADY_HEAP });
  const app = await TestApp.create(server);
  const endpoint = await app.addEndpoint(receiver.url, { token: TOKEN });
  const [signingSecret = ''] = endpoint.signingSecrets;
  const checker = new HistoryChecker({ sdkAppId: app.sdkAppId, token: TOKEN, signingSecret });
  receiver.onCallback = checker.received;
  const users = Array.from({ length: USERS }, (_, number) => `user${number}`);
  for (let first = 0; first < USERS; first += 100) {
    await app.call('im_open_login_svc/multiaccount_import', { Accounts: users.slice(first, first + 100) });
  }
  await receiver.stop();
  let made = 0;
  const change = async (upTo: number): Promise<void> => {
    const caller = async (): Promise<void> => {
      while (made < upTo) {
        const number = made;
        made += 1;
        const userId = users[number % USERS] ?? '';
        assert.equal(await recordedSet(app, checker, { userId, value: `#${number}` }), 'acknowledged');
      }
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
  };
  await change(WARM_UP);
  const before = residentMb(server);
  await change(WARM_UP + BACKLOG);
  const after = residentMb(server);
  t.diagnostic(`resident: ${before.toFixed(0)} MB, then ${after.toFixed(0)} MB`);
  assert.ok(after - before < MAX_GROWTH_MB, `${before} MB before, ${after} MB after`);
  const shown = (await app.admin('GET', `/endpoints/${endpoint.endpointId}`)).json;
  assert.deepEqual([shown.state, shown.stateReason], ['open', 'connect']);
  await receiver.listen();
  await app.turnEndpoint(endpoint, 'resume');
  const backAt = performance.now();
  const total = WARM_UP + BACKLOG;
  await until(() => receiver.callbacks.length >= total, {
    what: () => `${total} callbacks, got ${receiver.callbacks.length}`,
    withinMs: DRAINED_WITHIN_MS,
  });
  t.diagnostic(`drained in ${((performance.now() - backAt) / 1_000).toFixed(1)} s`);
  await until(() => checker.isAllAccepted, { what: () => 'the last answers' });
  const { acknowledged, repeats } = checker.check();
  assert.deepEqual({ acknowledged, repeats }, { acknowledged: total, repeats: 0 });
});
