/** An endpoint of one app is down for an hour of the server's time, while other apps, and the app's own other endpoint, get each change at once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fastClock } from '../support/live/fast-clock.ts';
import { HistoryChecker } from '../support/live/history-checker.ts';
import { type Receiver, startReceiver } from '../support/live/receiver.ts';
import { recordedSet } from '../support/live/recorded-set.ts';
import type { TestApp } from '../support/live/test-app.ts';
import { startTestServer } from '../support/live/test-server.ts';
import { until } from '../support/until.ts';

const TOKEN = 'hour-token';
const TIMES = 120;
const HOUR_MS = 3_600_000;
const USERS = Array.from({ length: 20 }, (_, number) => `id${number}`);
const OTHER_APPS = 3;
const ROUND_PAUSE_MS = 250;

/** Who judges what comes to a receiver. */
interface Judged {
  readonly app: TestApp;
  readonly receiver: Receiver;
  readonly endpointId: string;
  readonly checker: HistoryChecker;
}

async function judge(app: TestApp, receiver: Receiver): Promise<Judged> {
  // a minute of real time for each attempt: nobody but the dead one may fail
  const endpoint = await app.addEndpoint(receiver.url, { token: TOKEN, timeoutMs: 30_000, maxAttempts: 5 });
  const [signingSecret = ''] = endpoint.signingSecrets;
  const checker = new HistoryChecker({ sdkAppId: app.sdkAppId, token: TOKEN, signingSecret });
  receiver.onCallback = checker.received;
  return { app, receiver, endpointId: endpoint.endpointId, checker };
}

/** A change of each user of an app. */
async function changeAll(app: TestApp, checkers: readonly HistoryChecker[], label: string): Promise<void> {
  const [first, ...others] = checkers;
  assert.ok(first);
  for (const userId of USERS) {
    const value = `${userId} ${label}`;
    const tells = others.map((checker) => checker.sent(userId, value));
    const outcome = await recordedSet(app, first, { userId, value });
    for (const tell of tells) tell(outcome);
    assert.equal(outcome, 'acknowledged');
  }
}

test('an endpoint that is down for an hour', { timeout: 600_000 }, async (t) => {
  const server = await startTestServer(t, { clock: fastClock(TIMES) });
  const app = await server.createApp();
  const dead = await judge(app, await startReceiver(t));
  const neighbour = await judge(app, await startReceiver(t));
  const others: Judged[] = [];
  for (let number = 0; number < OTHER_APPS; number += 1) {
    others.push(await judge(await server.createApp(), await startReceiver(t)));
  }
  for (const { app: each } of [dead, ...others]) await each.importUsers(...USERS);
  await dead.receiver.stop();

  const upAt = performance.now() + HOUR_MS / TIMES;
  let rounds = 0;
  while (performance.now() < upAt) {
    rounds += 1;
    const label = `round ${rounds}`;
    await changeAll(app, [neighbour.checker, dead.checker], label);
    for (const other of others) await changeAll(other.app, [other.checker], label);
    const judged = [neighbour, ...others];
    await until(() => judged.every(({ checker }) => checker.isAllAccepted), {
      what: () => `round ${rounds}: ${judged.map(({ checker }) => checker.missing().length)} changes`,
    });
    await sleep(ROUND_PAUSE_MS);
  }

  const shown = (await app.admin('GET', `/endpoints/${dead.endpointId}`)).json;
  assert.deepEqual([shown.state, shown.stateReason], ['open', 'connect']);
  const owed = await app.admin('GET', `/deliveries?endpointId=${dead.endpointId}&state=dead,delivered`);
  assert.deepEqual(owed.json.items, [], 'nothing is given up');
  for (const { checker } of [neighbour, ...others]) {
    assert.deepEqual([checker.check().acknowledged, checker.check().repeats], [rounds * USERS.length, 0]);
  }
  await dead.receiver.listen();
  // the next probe is a minute of the server's time away at most
  await until(() => dead.checker.isAllAccepted, {
    what: () => `${dead.checker.missing().length} changes to arrive`,
    withinMs: 60_000,
  });
  await app.untilSettled(`endpointId=${dead.endpointId}`);
  t.diagnostic(JSON.stringify({ rounds, ...dead.checker.check() }));
  assert.equal(dead.checker.check().acknowledged, rounds * USERS.length);
});
