/** Clients, REST callers and the admin API see the sessions of all nodes, as they do on one. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Owner } from '../support/live/cleanup.ts';
import { loginRawClient, openRawClient, type RawClient } from '../support/live/raw-client.ts';
import type { TestApp } from '../support/live/test-app.ts';
import type { TestServer } from '../support/live/test-server.ts';
import { until } from '../support/until.ts';
import { appOf, startTwo } from './cluster.ts';

const HELLO = 'im_open_status.wshello';
const LOGOUT = 'im_open_status.wslogout';
const OK = { ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' };

/** A server, and its app. */
interface Place {
  readonly server: TestServer;
  readonly app: TestApp;
}

async function places(
  owner: Owner,
  flags: Readonly<Record<string, string>>,
  body: object = {},
): Promise<[Place, Place]> {
  const [a, b] = await startTwo(owner, flags);
  const [appA, appB] = await appOf([a, b], { ...body });
  return [
    { server: a, app: appA },
    { server: b, app: appB },
  ];
}

async function statusOf({ app }: Place, userId: string): Promise<unknown> {
  const { reply } = await app.call('openim/query_online_status', { To_Account: [userId], IsNeedDetail: 1 });
  return (reply.QueryResult as readonly unknown[])[0];
}

async function sessionsOf({ app }: Place, userId: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { json } = await app.admin('GET', `/users/${userId}`);
  assert.equal(json.online, json.sessions.length > 0);
  return json.sessions;
}

function onlineFrom(owner: Owner, place: Place, userId: string, number = 7): Promise<RawClient> {
  const at = { head: { platform: number }, query: { platform: String(number) } };
  return loginRawClient(owner, place, { userId, ...at });
}

const online = (...platforms: readonly string[]): object => ({
  Status: 'Online',
  Detail: platforms.map((Platform) => ({ Platform, Status: 'Online' })),
});

// without hints the end of a session is told within a second
for (const [kind, flags, rounds] of [
  ['with hints', {}, 15],
  ['portable', { portableSql: 'on' }, 5],
] as const) {
  describe(`sessions on two nodes, ${kind}`, { concurrency: 2 }, () => {
    test('who is online is the same at both, from the login to its end', async (t) => {
      const [a, b] = await places(t, flags);
      const [atA, atB] = [await onlineFrom(t, a, 'ann', 2), await onlineFrom(t, b, 'ann')];
      for (const place of [a, b]) {
        assert.deepEqual(await statusOf(place, 'ann'), { To_Account: 'ann', ...online('Android', 'Web') });
        const sessions = await sessionsOf(place, 'ann');
        assert.deepEqual(
          sessions.map(({ instId, platform }) => [instId, platform]),
          [
            [atA.loggedIn?.instId, 'Android'],
            [atB.loggedIn?.instId, 'Web'],
          ],
        );
        const { json } = await place.app.admin('GET', '/users');
        assert.deepEqual(
          json.items.map((user: { online: boolean }) => user.online),
          [true],
        );
      }
      assert.deepEqual(await atB.request(LOGOUT), OK);
      assert.deepEqual(
        await statusOf(a, 'ann'),
        { To_Account: 'ann', ...online('Android') },
        'as soon as it is answered',
      );
      atA.terminate();
      const offline = { To_Account: 'ann', Status: 'Offline', Detail: [] };
      await until(async () => JSON.stringify(await statusOf(b, 'ann')) === JSON.stringify(offline), {
        what: () => 'the end of the connection',
      });
    });

    test('a kick by the admin API of the other node ends sessions of both, and shows none', async (t) => {
      const [a, b] = await places(t, flags);
      const clients = [await onlineFrom(t, a, 'bea'), await onlineFrom(t, b, 'bea'), await onlineFrom(t, b, 'bea', 2)];
      const kicked = await a.app.admin('POST', '/users/bea/kick');
      assert.deepEqual([kicked.status, kicked.json.sessions, kicked.json.online], [200, [], false]);
      assert.deepEqual(await statusOf(b, 'bea'), { To_Account: 'bea', Status: 'Offline', Detail: [] });
      for (const client of clients) assert.deepEqual(await client.untilKicked(), { KickType: 3 });
    });

    test('a login beyond the limit ends the oldest at the other node, with what it is told on one', async (t) => {
      const [a, b] = await places(t, flags, { maxSessionsPerPlatform: 1 });
      const first = await onlineFrom(t, a, 'cid');
      const phone = await onlineFrom(t, a, 'cid', 2);
      const second = await onlineFrom(t, b, 'cid');
      const notice = { KickType: 1, NewInstInfo: { InstId: second.loggedIn?.instId, Platform: 'Web' } };
      assert.deepEqual(await statusOf(a, 'cid'), { To_Account: 'cid', ...online('Android', 'Web') });
      assert.deepEqual(await first.untilKicked(), notice);
      const { ErrorInfo, ...rest } = await first.request(HELLO);
      assert.deepEqual(rest, { ActionStatus: 'FAIL', ErrorCode: 1002, ...notice });
      assert.ok(ErrorInfo);
      assert.deepEqual(await first.request(LOGOUT, { wslogout_type: 1 }), OK);
      await first.login('cid', { head: { platform: 8 } });
      const back = { KickType: 2, NewInstInfo: { InstId: first.loggedIn?.instId, Platform: 'Web' } };
      assert.deepEqual(await second.untilKicked(), back, 'another kind of page');
      assert.deepEqual(await first.request(HELLO), OK);
      assert.equal(phone.kick, undefined);
      assert.equal((await sessionsOf(b, 'cid')).length, 2);
    });

    test('two logins at the same moment do not both stay', async (t) => {
      const [a, b] = await places(t, flags, { maxSessionsPerPlatform: 1 });
      await a.app.importUsers('dan');
      for (let round = 0; round < rounds; round += 1) {
        const clients = [await openRawClient(t, a), await openRawClient(t, b)] as const;
        await Promise.all(clients.map((client) => client.login('dan')));
        await until(() => clients.filter(({ kick }) => kick).length === 1, {
          what: () => `one of two to be ended, ${clients.filter(({ kick }) => kick).length} are`,
        });
        const [left, ...more] = await sessionsOf(a, 'dan');
        assert.deepEqual(more, []);
        assert.equal(clients.find(({ kick }) => !kick)?.loggedIn?.instId, left?.instId);
      }
    });

    test('a client that comes back at the other node is the same one; late, it is told who took its place', async (t) => {
      const [a, b] = await places(t, flags, { maxSessionsPerPlatform: 1 });
      const client = await onlineFrom(t, a, 'eve');
      const login = client.loggedIn;
      assert.ok(login);
      const [before] = await sessionsOf(b, 'eve');
      const again = await openRawClient(t, b);
      assert.equal((await again.relogin(login)).ErrorCode, 0);
      const [after, ...more] = await sessionsOf(a, 'eve');
      assert.deepEqual([more, after?.instId, after?.loginAt], [[], login.instId, before?.loginAt]);
      await client.close();
      // behind the removal of the old connection, if there were one
      await onlineFrom(t, a, 'eve', 2);
      assert.deepEqual(await statusOf(a, 'eve'), { To_Account: 'eve', ...online('Web', 'Android') });
      await again.close();
      const newer = await onlineFrom(t, b, 'eve');
      const late = await openRawClient(t, a);
      assert.equal((await late.relogin(login)).ErrorCode, 0);
      const notice = { KickType: 1, NewInstInfo: { InstId: newer.loggedIn?.instId, Platform: 'Web' } };
      assert.deepEqual(await late.untilKicked(), notice);
      assert.deepEqual(await newer.request(HELLO), OK);
      assert.equal((await sessionsOf(a, 'eve')).length, 2);
    });

    test('a node that stops leaves no session behind', async (t) => {
      const [a, b] = await places(t, flags);
      for (const userId of ['fay', 'gil', 'hal']) await onlineFrom(t, a, userId);
      await a.server.close();
      for (const userId of ['fay', 'gil', 'hal']) assert.deepEqual(await sessionsOf(b, userId), []);
    });
  });
}
