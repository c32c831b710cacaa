/** Logins and pushes at the wrong moment: the database is slow, or away, when a client logs in. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openRawClient } from '../support/live/raw-client.ts';
import { nick, type TestApp } from '../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../support/live/test-server.ts';
import { postgresServer, testDatabase } from '../support/postgres.ts';
import { until } from '../support/until.ts';
import { appOf } from './cluster.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

const NICK = 'Tag_Profile_IM_Nick';
const LOGIN = 'im_open_status.wslogin';

/** Two nodes; a proxy is between the second one and the database. */
interface World {
  readonly proxy: TcpProxy;
  readonly appA: TestApp;
  readonly placeB: { readonly server: TestServer; readonly app: TestApp };
  readonly query: (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** stored sessions */
  readonly rows: () => Promise<number>;
}

async function start(t: TestContext): Promise<World> {
  const databaseUrl = await testDatabase(t);
  const postgres = await postgresServer();
  const proxy = await startTcpProxy(t, postgres.port);
  const behind = postgres.url(new URL(databaseUrl).pathname.slice(1), proxy.port);
  const a = await startTestServer(t, { flags: { databaseUrl } });
  const b = await startTestServer(t, { flags: { databaseUrl: behind } });
  const [appA, appB] = await appOf([a, b]);
  const query: World['query'] = (sql) => postgres.query(sql, databaseUrl);
  const rows = async () => (await query('SELECT count(*)::int AS n FROM portrait.session'))[0]?.n as number;
  return { proxy, appA, placeB: { server: b, app: appB }, query, rows };
}

async function isOnline(app: TestApp, userId: string): Promise<boolean> {
  const { reply } = await app.call('openim/query_online_status', { To_Account: [userId] });
  return (reply.QueryResult as readonly { readonly Status: string }[])[0]?.Status === 'Online';
}

test('a change through another node right after the first login of an app is pushed', async (t) => {
  const { proxy, appA, placeB } = await start(t);
  await appA.importUsers('ann');
  const client = await openRawClient(t, placeB);
  // of this app alone: that is before the login, not the look of each second
  const sdkAppId = Buffer.alloc(8);
  sdkAppId.writeBigInt64BE(BigInt(appA.sdkAppId));
  const hold = proxy.holdAt('SELECT sdk_app_id, lane, seq, endings', sdkAppId);
  const login = client.login('ann');
  await until(() => hold.isHolding, { what: () => 'the node to look where the log of the app stands' });
  // answered at once, so that what came before it is answered, too, if it is at all
  await client.request('heartbeat.alive');
  if (client.frames.some(({ head }) => head.servcmd === LOGIN)) await client.untilPushed(NICK, '');
  else hold.release();
  await login;
  await appA.set('ann', nick('new'));
  hold.release();
  await client.untilPushed(NICK, 'new');
});

test('a login is refused while its place can not be had, and leaves no session, stored or not', async (t) => {
  const { proxy, appA, placeB, rows } = await start(t);
  await appA.importUsers('ann');
  const client = await openRawClient(t, placeB);
  proxy.cutAt('INSERT INTO portrait.session', 'before', 1_000);
  const before = await client.tryLogin('ann');
  assert.deepEqual([before.ErrorCode, await isOnline(appA, 'ann')], [40006, false]);
  assert.ok(before.ErrorInfo);
  proxy.cutAt('COMMIT', 'after', 1_000);
  const after = await client.tryLogin('ann');
  assert.equal(after.ErrorCode, 40006, 'it was stored, but nobody knows');
  proxy.cutAt('nothing', 'before', 0);
  await until(async () => (await rows()) === 0, { what: () => 'the row to be taken back' });
  await client.login('ann');
  assert.equal(await isOnline(appA, 'ann'), true);
});

test('a session that ends while the database is away is taken back when it is there again', async (t) => {
  const { proxy, appA, placeB, rows } = await start(t);
  const [left, stays] = [await openRawClient(t, placeB), await openRawClient(t, placeB)];
  await left.login('ann');
  await stays.login('bea');
  proxy.cutAt('DELETE FROM portrait.session', 'before', 1_000);
  const { cuts } = proxy;
  await left.close();
  await until(() => proxy.cuts > cuts, { what: () => 'the removal to fail' });
  assert.equal(await rows(), 2);
  proxy.cutAt('nothing', 'before', 0);
  await until(async () => (await rows()) === 1, { what: () => 'the row to be taken back' });
  assert.deepEqual([await isOnline(appA, 'ann'), await isOnline(appA, 'bea')], [false, true]);
});

test('rows that were lost with the database’s last seconds are written again', async (t) => {
  const { proxy, appA, placeB, query, rows } = await start(t);
  const client = await openRawClient(t, placeB);
  await client.login('ann');
  await query('DELETE FROM portrait.session');
  assert.equal(await rows(), 0);
  proxy.cutAt('settings_no', 'before', 1); // as where a standby takes over
  await until(() => isOnline(appA, 'ann'), { what: () => 'the session' });
  assert.equal(client.kick, undefined);
});
