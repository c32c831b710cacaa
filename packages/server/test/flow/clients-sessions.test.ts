/** What a client is told unasked: changes made elsewhere, and the end of its session. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { type Owner, suiteOwner } from '../support/live/cleanup.ts';
import { loginRawClient, openRawClient, type RawClient } from '../support/live/raw-client.ts';
import { assertOk } from '../support/live/rest-call.ts';
import { nick, type TestApp } from '../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../support/live/test-server.ts';
import { userSigIssuedAt } from '../support/live/user-sig.ts';
import { until } from '../support/until.ts';

const NICK = 'Tag_Profile_IM_Nick';
const HELLO = 'im_open_status.wshello';
const LOGOUT = 'im_open_status.wslogout';
const OK = { ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' };
const CUSTOM_FIELDS = [
  { tag: 'Tag_Profile_Custom_Own', type: 'string', read: ['user', 'admin'], write: ['user', 'admin'] },
  { tag: 'Tag_Profile_Custom_Hidden', type: 'string', read: ['admin'], write: ['admin'] },
];

describe('sessions', () => {
  const owner = suiteOwner();
  let server: TestServer;
  let app: TestApp;

  before(async () => {
    server = await startTestServer(owner);
    app = await server.createApp({ customFields: CUSTOM_FIELDS });
  });

  /** Log in, and wait for the own profile. */
  async function online(t: Owner, userId: string, one = app): Promise<RawClient> {
    const client = await loginRawClient(t, { server, app: one }, { userId });
    await client.untilPushed('Tag_Profile_IM_Level', 0);
    return client;
  }

  async function statusOf(userId: string, one = app): Promise<{ readonly Status: string; readonly Detail: unknown }> {
    const body = { To_Account: [userId], IsNeedDetail: 1 };
    const { reply } = assertOk(await one.call('openim/query_online_status', body));
    const [{ Status, Detail }] = reply.QueryResult as [{ Status: string; Detail: unknown }];
    return { Status, Detail };
  }

  /** UserSigs count seconds: one of the second of a kick is an old one. */
  function laterUserSig(userId: string, one = app): string {
    return userSigIssuedAt(one, userId, Math.floor(Date.now() / 1_000) + 2);
  }

  describe('pushes', () => {
    test('of a client’s change go to the other sessions of the user, not to its own', async (t) => {
      const maker = await online(t, 'ann');
      const others = [await online(t, 'ann'), await online(t, 'ann')];
      const stranger = await online(t, 'bea');
      await maker.set('ann', [...nick('Ann'), { Tag: 'Tag_Profile_Custom_Own', Value: 'x' }]);
      for (const other of others) await other.untilPushed(NICK, 'Ann');
      for (const other of others) {
        assert.deepEqual(other.pushes.at(-1), { [NICK]: 'Ann', Tag_Profile_Custom_Own: 'x' }, 'what changed, no more');
      }
      for (const client of [maker, stranger]) {
        assert.deepEqual(await client.request(HELLO), OK);
        assert.equal(client.pushes.length, 1, 'the own profile at login alone');
      }
    });

    test('of a change over REST go to all, by whoever it was made', async (t) => {
      const clients = [await online(t, 'cid'), await online(t, 'cid')];
      await app.set('cid', nick('Cid'));
      for (const client of clients) await client.untilPushed(NICK, 'Cid');
      const own = { From_Account: 'cid', ProfileItem: nick('Cid 2') };
      const { userSig: usersig } = app.caller('cid');
      assertOk(await app.call('profile/portrait_set', own, { query: { identifier: 'cid', usersig } }));
      for (const client of clients) await client.untilPushed(NICK, 'Cid 2');
    });

    test('come from an import with a nickname too', async (t) => {
      const client = await online(t, 'dan');
      assertOk(
        await app.call('im_open_login_svc/account_import', { UserID: 'dan', Nick: 'Dan', FaceUrl: 'http://x/' }),
      );
      await client.untilPushed('Tag_Profile_IM_Image', 'http://x/');
      assert.deepEqual(client.pushes.at(-1), { [NICK]: 'Dan', Tag_Profile_IM_Image: 'http://x/' });
    });

    test('leave out what users may not read', async (t) => {
      const client = await online(t, 'eve');
      await app.set('eve', [{ Tag: 'Tag_Profile_Custom_Hidden', Value: 'one' }]);
      await app.set('eve', [...nick('Eve'), { Tag: 'Tag_Profile_Custom_Hidden', Value: 'two' }]);
      await client.untilPushed(NICK, 'Eve');
      assert.deepEqual(client.pushes.slice(1), [{ [NICK]: 'Eve' }]);
    });

    test('follow the permissions as they are now', async (t) => {
      const own = await server.createApp({ customFields: CUSTOM_FIELDS });
      const client = await online(t, 'fay', own);
      const customFields = CUSTOM_FIELDS.map((field) => ({ ...field, read: ['user', 'admin'], write: ['admin'] }));
      assert.equal((await own.admin('PATCH', '', { customFields })).status, 200);
      await own.set('fay', [{ Tag: 'Tag_Profile_Custom_Hidden', Value: 'seen' }]);
      await client.untilPushed('Tag_Profile_Custom_Hidden', 'seen');
    });

    test('of a change that was refused there are none', async (t) => {
      const [maker, other] = [await online(t, 'gil'), await online(t, 'gil')];
      const refused = await maker.set('gil', [...nick('Gil'), { Tag: 'Tag_Profile_IM_Level', Value: 'x' }]);
      assert.notEqual(refused.ErrorCode, 0);
      await other.request(HELLO);
      assert.equal(other.pushes.length, 1);
    });

    test('come in the order of the changes, and none is missing', async (t) => {
      const client = await online(t, 'hal');
      const values = Array.from({ length: 50 }, (_, number) => `n${number}`);
      for (const value of values) await app.set('hal', nick(value));
      await client.untilPushed(NICK, 'n49');
      assert.deepEqual(
        client.pushes.slice(1).map((items) => items[NICK]),
        values,
      );
    });

    test('a login in the midst of changes ends with the newest value', async (t) => {
      await app.importUsers('ida');
      let isOver = false;
      let written = 0;
      const writing = (async () => {
        for (; !isOver; written += 1) await app.set('ida', nick(`n${written}`));
      })();
      const clients: RawClient[] = [];
      for (let login = 0; login < 20; login += 1) {
        clients.push(await loginRawClient(t, { server, app }, { userId: 'ida' }));
      }
      isOver = true;
      await writing;
      for (const client of clients) {
        await client.untilPushed(NICK, `n${written - 1}`);
        const told = client.pushes.map((items) => Number(String(items[NICK]).slice(1)));
        assert.deepEqual(
          told,
          told.toSorted((a, b) => a - b),
          'no older value comes behind a newer one',
        );
      }
    });
  });

  describe('kick over REST', () => {
    test('ends all sessions, and closes who stays', async (t) => {
      const clients = [await online(t, 'kim'), await online(t, 'kim')];
      const bystander = await online(t, 'lea');
      assertOk(await app.call('im_open_login_svc/kick', { UserID: 'kim' }));
      for (const client of clients) assert.deepEqual(await client.untilKicked(), { KickType: 3 });
      assert.equal((await statusOf('kim')).Status, 'Offline');
      const [first, second] = clients as [RawClient, RawClient];
      const late = await first.set('kim', nick('late'));
      assert.deepEqual([late.ErrorCode, late.KickType], [1002, 3]);
      assert.ok(late.ErrorInfo);
      assert.deepEqual(await second.untilClosed(), { code: 1008, reason: 'kicked' });
      await first.untilClosed();
      assert.deepEqual(await bystander.request(HELLO), OK);
      assert.equal(bystander.kick, undefined);
    });

    test('refuses the a2 from then on, also on another connection', async (t) => {
      const client = await online(t, 'mia');
      const login = client.loggedIn;
      assert.ok(login);
      assertOk(await app.call('im_open_login_svc/kick', { UserID: 'mia' }));
      const other = await openRawClient(t, { server, app });
      assert.equal((await other.relogin(login)).ErrorCode, 70001);
      assert.equal((await other.set('mia', nick('x'))).ErrorCode, 70001);
      assert.equal((await other.request(HELLO)).ErrorCode, 70001);
      assert.equal((await other.tryLogin('mia')).ErrorCode, 70001, 'nor is an old UserSig taken');
    });

    test('a client that logs in again in time stays connected', async (t) => {
      const client = await online(t, 'noa');
      assertOk(await app.call('im_open_login_svc/kick', { UserID: 'noa' }));
      await client.untilKicked();
      const closesAt = performance.now() + 3_000;
      await client.login('noa', { head: { usersig: laterUserSig('noa') } });
      await until(() => performance.now() > closesAt + 200, { what: () => 'the time of the close' });
      assert.deepEqual(await client.request(HELLO), OK);
    });

    test('account_delete does the same, and the account is gone', async (t) => {
      const client = await online(t, 'oda');
      await client.set('oda', nick('Oda'));
      assertOk(await app.call('im_open_login_svc/account_delete', { DeleteItem: [{ UserID: 'oda' }] }));
      assert.deepEqual(await client.untilKicked(), { KickType: 3 });
      const again = await openRawClient(t, { server, app });
      await again.login('oda', { head: { usersig: laterUserSig('oda') } });
      await again.untilPushed(NICK, '');
    });
  });

  describe('a limit per platform', () => {
    let limited: TestApp;
    before(async () => {
      limited = await server.createApp({ maxSessionsPerPlatform: 1 });
    });

    /** Log in as from a platform. */
    async function onlineFrom(t: Owner, userId: string, number: number, body: object = {}): Promise<RawClient> {
      const head = { platform: number };
      const query = { platform: String(number) };
      return await loginRawClient(t, { server, app: limited }, { userId, head, query, body });
    }

    test('another login on the same platform ends the first one with KickType 1', async (t) => {
      const [first, second] = [await onlineFrom(t, 'ann', 7), await onlineFrom(t, 'ann', 7)];
      const notice = { KickType: 1, NewInstInfo: { InstId: second.loggedIn?.instId, Platform: 'Web' } };
      assert.deepEqual(await first.untilKicked(), notice);
      for (const servcmd of [HELLO, 'profile.portrait_set', 'sns.friend_get']) {
        const { ErrorInfo, ...rest } = await first.request(servcmd, { From_Account: 'ann' });
        assert.deepEqual(rest, { ActionStatus: 'FAIL', ErrorCode: 1002, ...notice }, servcmd);
        assert.ok(ErrorInfo);
      }
      assert.deepEqual(await second.request(HELLO), OK);
      assert.equal(second.kick, undefined);
    });

    test('the client that was ended logs out on the open connection, and may log in again', async (t) => {
      const [first, second] = [await onlineFrom(t, 'bea', 7), await onlineFrom(t, 'bea', 7)];
      await first.untilKicked();
      assert.deepEqual(await first.request(LOGOUT, { wslogout_type: 1 }), OK);
      await first.login('bea');
      assert.deepEqual(await first.request(HELLO), OK);
      assert.equal((await second.untilKicked()).KickType, 1);
    });

    test('a login in another kind of page is KickType 2', async (t) => {
      const [page, miniProgram] = [await onlineFrom(t, 'cid', 7), await onlineFrom(t, 'cid', 8)];
      const notice = { KickType: 2, NewInstInfo: { InstId: miniProgram.loggedIn?.instId, Platform: 'Web' } };
      assert.deepEqual(await page.untilKicked(), notice);
    });

    test('other platforms are not counted', async (t) => {
      const clients = [await onlineFrom(t, 'dan', 7), await onlineFrom(t, 'dan', 2), await onlineFrom(t, 'dan', 3)];
      for (const client of clients) {
        assert.deepEqual(await client.request(HELLO), OK);
        assert.equal(client.kick, undefined);
      }
    });

    test('other users are not counted', async (t) => {
      const [one, other] = [await onlineFrom(t, 'eve', 7), await onlineFrom(t, 'fay', 7)];
      for (const client of [one, other]) assert.deepEqual(await client.request(HELLO), OK);
    });

    test('a client that is back late is told that its place was taken', async (t) => {
      const early = await onlineFrom(t, 'gil', 7);
      const login = early.loggedIn;
      assert.ok(login);
      early.terminate();
      await until(async () => (await statusOf('gil', limited)).Status === 'Offline', {
        what: () => 'Gil to be offline',
      });
      const newer = await onlineFrom(t, 'gil', 7);
      const late = await openRawClient(t, { server, app: limited });
      assert.equal((await late.relogin(login)).ErrorCode, 0, 'the SDK throws at anything else');
      const notice = { KickType: 1, NewInstInfo: { InstId: newer.loggedIn?.instId, Platform: 'Web' } };
      assert.deepEqual(await late.untilKicked(), notice);
      assert.equal((await late.request(HELLO)).KickType, 1);
      assert.deepEqual(await late.request(LOGOUT), OK);
      assert.deepEqual(await newer.request(HELLO), OK, 'who was there stays');
    });

    test('a client that is back in time keeps its place', async (t) => {
      const client = await onlineFrom(t, 'hal', 7);
      const login = client.loggedIn;
      assert.ok(login);
      const again = await openRawClient(t, { server, app: limited });
      assert.equal((await again.relogin(login)).ErrorCode, 0);
      await client.close();
      assert.deepEqual(await again.request(HELLO), OK);
      assert.equal((await statusOf('hal', limited)).Status, 'Online');
      await limited.set('hal', nick('Hal'));
      await again.untilPushed(NICK, 'Hal');
    });
  });

  describe('who is online', () => {
    test('each platform is named once, and nobody after the end', async (t) => {
      const clients: RawClient[] = [];
      for (const number of [7, 7, 2]) {
        clients.push(await loginRawClient(t, { server, app }, { userId: 'pia', head: { platform: number } }));
      }
      const both = [
        { Platform: 'Web', Status: 'Online' },
        { Platform: 'Android', Status: 'Online' },
      ];
      assert.deepEqual(await statusOf('pia'), { Status: 'Online', Detail: both });
      await clients[0]?.close();
      await clients[2]?.close();
      await until(async () => ((await statusOf('pia')).Detail as unknown[]).length === 1, {
        what: () => 'one platform',
      });
      clients[1]?.terminate();
      await until(async () => (await statusOf('pia')).Status === 'Offline', { what: () => 'nobody to be online' });
      assert.deepEqual(await statusOf('pia'), { Status: 'Offline', Detail: [] });
    });

    test('the admin API shows the sessions of a user', async (t) => {
      const client = await online(t, 'quin');
      const { json } = await app.admin('GET', '/users/quin');
      assert.equal(json.online, true);
      const [{ loginAt, connectedAt, ...session }] = json.sessions;
      assert.deepEqual(session, { instId: client.loggedIn?.instId, platform: 'Web', clientIp: '127.0.0.1' });
      for (const moment of [loginAt, connectedAt])
        assert.ok(Math.abs(Date.parse(moment) - Date.now()) < 60_000, moment);
      await client.close();
      await until(async () => (await app.admin('GET', '/users/quin')).json.sessions.length === 0, {
        what: () => 'the session to be gone',
      });
      assert.equal((await app.admin('GET', '/users/quin')).json.online, false);
    });

    test('a login that came back keeps the time of the login', async (t) => {
      const first = await online(t, 'ria');
      const login = first.loggedIn;
      assert.ok(login);
      const [before] = (await app.admin('GET', '/users/ria')).json.sessions;
      const second = await openRawClient(t, { server, app });
      await second.relogin(login);
      const [after, ...more] = (await app.admin('GET', '/users/ria')).json.sessions;
      assert.deepEqual(more, [], 'the older connection is not counted any more');
      assert.equal(after.loginAt, before.loginAt);
      assert.ok(Date.parse(after.connectedAt) >= Date.parse(before.connectedAt));
    });
  });

  test('an app that is removed takes its clients along', async (t) => {
    const own = await server.createApp();
    const client = await online(t, 'sam', own);
    const bystander = await online(t, 'tom');
    assert.equal((await own.admin('DELETE', '')).status, 204);
    assert.deepEqual(await client.untilClosed(), { code: 1008, reason: 'the app was removed' });
    assert.deepEqual(await bystander.request(HELLO), OK);
  });
});
