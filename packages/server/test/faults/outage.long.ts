/** An endpoint that is down for all: changes are taken at full speed, and all arrive in order when it is back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HistoryChecker } from '../support/live/history-checker.ts';
import { startReceiver } from '../support/live/receiver.ts';
import { recordedSet } from '../support/live/recorded-set.ts';
import { startTestServer } from '../support/live/test-server.ts';
import { until } from '../support/until.ts';

const TOKEN = 'outage-token';
/** More users than are parked at a time, more changes than a lane's window holds. */
const USERS = 1_500;
const CHANGES_PER_USER = 3;
const CALLERS = 50;
/** Nobody waits for a pause of his own any more when the endpoint is back. */
const PATIENCE_MS = 30_000;

test(`${USERS * CHANGES_PER_USER} changes of ${USERS} users while the endpoint is down`, {
  timeout: 600_000,
}, async (t) => {
  const receiver = await startReceiver(t);
  const server = await startTestServer(t);
  const app = await server.createApp();
  const endpoint = await app.addEndpoint(receiver.url, { token: TOKEN });
  const [signingSecret = ''] = endpoint.signingSecrets;
  const checker = new HistoryChecker({ sdkAppId: app.sdkAppId, token: TOKEN, signingSecret });
  receiver.onCallback = checker.received;
  const userIds = Array.from({ length: USERS }, (_, number) => `user${number}`);
  for (let first = 0; first < USERS; first += 100) {
    await app.call('im_open_login_svc/multiaccount_import', { Accounts: userIds.slice(first, first + 100) });
  }
  await receiver.stop();
  for (let change = 1; change <= CHANGES_PER_USER; change += 1) {
    const left = [...userIds];
    const caller = async (): Promise<void> => {
      for (let userId = left.pop(); userId !== undefined; userId = left.pop()) {
        assert.equal(await recordedSet(app, checker, { userId, value: `${userId}#${change}` }), 'acknowledged');
      }
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
  }
  assert.equal(receiver.callbacks.length, 0);
  await server.close();
  await server.start();
  await receiver.listen();
  await until(() => checker.isAllAccepted, {
    what: () => `${checker.missing().length} changes to arrive`,
    withinMs: PATIENCE_MS,
  });
  await app.untilSettled();
  const { acknowledged, repeats } = checker.check();
  assert.deepEqual({ acknowledged, repeats }, { acknowledged: USERS * CHANGES_PER_USER, repeats: 0 });
});
