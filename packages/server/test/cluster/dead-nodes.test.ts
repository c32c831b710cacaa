/** Sessions of nodes that die, or stand still. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChildServer } from '../support/live/child-server.ts';
import { type ClientPlace, loginRawClient } from '../support/live/raw-client.ts';
import type { TestApp } from '../support/live/test-app.ts';
import { until } from '../support/until.ts';
import { type Cluster, startCluster } from './cluster.ts';

const HELLO = 'im_open_status.wshello';
/** A node counts for 6 s after it was heard of; the rest is the machine's. */
const GONE_WITHIN_MS = 8_000;

function placeOf(node: ChildServer, app: TestApp | undefined): ClientPlace {
  assert.ok(app);
  return { server: { port: Number(new URL(node.url).port) }, app };
}

async function onlineOf(app: TestApp | undefined, ...userIds: readonly string[]): Promise<readonly string[]> {
  assert.ok(app);
  const { reply } = await app.call('openim/query_online_status', { To_Account: userIds });
  const rows = reply.QueryResult as readonly { readonly To_Account: string; readonly Status: string }[];
  return rows.filter(({ Status }) => Status === 'Online').map(({ To_Account }) => To_Account);
}

async function rowsOf(cluster: Cluster): Promise<readonly string[]> {
  const rows = await cluster.postgres.query(
    'SELECT user_id FROM portrait.session ORDER BY user_id',
    cluster.databaseUrl,
  );
  return rows.map(({ user_id: userId }) => userId as string);
}

test('sessions of a node that was killed are over within seconds, and nothing is left of them', async (t) => {
  const cluster = await startCluster(t, 2);
  const [appA, appB] = await cluster.apps();
  const stays = await loginRawClient(t, placeOf(cluster.node(0), appA), { userId: 'ann' });
  for (const userId of ['bea', 'cid']) await loginRawClient(t, placeOf(cluster.node(1), appB), { userId });
  const all = ['ann', 'bea', 'cid'];
  assert.deepEqual(await onlineOf(appA, ...all), all);
  const killedAt = performance.now();
  await cluster.node(1).end('SIGKILL');
  await until(async () => (await onlineOf(appA, ...all)).join() === 'ann', { what: () => 'two to be offline' });
  const goneMs = performance.now() - killedAt;
  t.diagnostic(`${Math.round(goneMs)} ms`);
  assert.ok(goneMs <= GONE_WITHIN_MS, `${goneMs} ms`);
  await until(async () => (await rowsOf(cluster)).join() === 'ann', { what: () => 'the rows to be removed' });
  assert.equal((await stays.request(HELLO)).ErrorCode, 0);
});

test('a node that stood still has its sessions again when it goes on, but for those whose place was taken', async (t) => {
  const cluster = await startCluster(t, 2);
  const [appA, appB] = await cluster.apps({ maxSessionsPerPlatform: 1 });
  const before = await loginRawClient(t, placeOf(cluster.node(1), appB), { userId: 'ann' });
  const other = await loginRawClient(t, placeOf(cluster.node(1), appB), { userId: 'bea' });
  cluster.node(1).signal('SIGSTOP');
  await until(async () => (await onlineOf(appA, 'ann', 'bea')).length === 0, { what: () => 'both to be offline' });
  await until(async () => (await rowsOf(cluster)).length === 0, { what: () => 'their rows to be removed' });
  const after = await loginRawClient(t, placeOf(cluster.node(0), appA), { userId: 'ann' });
  cluster.node(1).signal('SIGCONT');
  const notice = { KickType: 1, NewInstInfo: { InstId: after.loggedIn?.instId, Platform: 'Web' } };
  assert.deepEqual(await before.untilKicked(), notice);
  await until(async () => (await onlineOf(appA, 'ann', 'bea')).join() === 'ann,bea', { what: () => 'both to be back' });
  for (const client of [after, other]) {
    assert.equal((await client.request(HELLO)).ErrorCode, 0);
    assert.equal(client.kick, undefined);
  }
  assert.deepEqual(await rowsOf(cluster), ['ann', 'bea']);
});
