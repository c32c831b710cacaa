/** The rate of a replay is that of all nodes together. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ok, startReceiver } from '../support/live/receiver.ts';
import { startReplay } from '../support/live/replay.ts';
import { nick } from '../support/live/test-app.ts';
import { startCluster } from './cluster.ts';

const USERS = 80;
const RATE = 20;
/** A second's worth goes at once, the rest at the rate; each node by itself at the whole rate would need 1 s. */
const AT_LEAST_MS = ((USERS - RATE) / RATE) * 1_000 * 0.8;

test('two nodes together send a replay at its rate, not each at all of it', async (t) => {
  const receiver = await startReceiver(t, () => ok());
  const cluster = await startCluster(t, 2);
  await cluster.untilShares(128, 128);
  const [app] = await cluster.apps();
  assert.ok(app);
  const endpoint = await app.addEndpoint(receiver.url);
  const userIds = Array.from({ length: USERS }, (_, number) => `user${number}`);
  await app.importUsers(...userIds);
  for (const userId of userIds) await app.set(userId, nick('a'));
  await app.untilSettled();
  await startReplay(app, { endpointId: endpoint.endpointId, ratePerSecond: RATE });
  await receiver.untilReceived(2 * USERS);
  const sent = receiver.callbacks.slice(USERS).map(({ atMs }) => atMs);
  const tookMs = Math.max(...sent) - Math.min(...sent);
  t.diagnostic(`${Math.round(tookMs)} ms`);
  assert.ok(tookMs >= AT_LEAST_MS, `${tookMs} ms`);
});
