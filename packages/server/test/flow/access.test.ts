/** Who may do what, how often, and from where it is said to come. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { suiteOwner } from '../support/live/cleanup.ts';
import { exchange } from '../support/live/http-exchange.ts';
import { type Receiver, startReceiver } from '../support/live/receiver.ts';
import { type RestReply, restCall } from '../support/live/rest-call.ts';
import { nick, type TestApp, type WireItem } from '../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../support/live/test-server.ts';
import { until } from '../support/until.ts';

describe('access', { concurrency: true }, () => {
  const owner = suiteOwner();
  let server: TestServer;
  let app: TestApp;
  let receiver: Receiver;

  before(async () => {
    server = await startTestServer(owner);
    receiver = await startReceiver(owner);
    app = await server.createApp({
      customFields: [
        { tag: 'Tag_Profile_Custom_Admin', type: 'string', read: ['admin'], write: ['admin'] },
        { tag: 'Tag_Profile_Custom_User', type: 'string', read: ['user'], write: ['user'] },
      ],
    });
    await app.addEndpoint(receiver.url);
    await app.importUsers('ann', 'bea', 'cid');
  });

  async function callAs(userId: string, path: string, body: unknown): Promise<RestReply> {
    return (await restCall(app.caller(userId), path, body)).reply;
  }

  test('a user changes and reads his own profile', async () => {
    const reply = await callAs('ann', 'profile/portrait_set', { From_Account: 'ann', ProfileItem: nick('Ann') });
    assert.deepEqual(reply, { ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '', ErrorDisplay: '' });
    const [callback] = await receiver.untilReceived(1, 'ann');
    assert.equal(JSON.parse(callback?.body ?? '').Operator_Account, 'ann');
    const got = await callAs('ann', 'profile/portrait_get', {
      From_Account: 'ann',
      To_Account: ['ann', 'bea'],
      TagList: ['Tag_Profile_IM_Nick'],
    });
    assert.equal(got.ErrorCode, 0, 'anybody’s profile can be read');
  });

  test('fields are guarded by role', async () => {
    const set = (as: string, Tag: string) =>
      callAs(as, 'profile/portrait_set', { From_Account: 'cid', ProfileItem: [{ Tag, Value: 'x' }] });
    const get = (as: string, tag: string) =>
      callAs(as, 'profile/portrait_get', { From_Account: 'cid', To_Account: ['cid'], TagList: [tag] });
    assert.equal((await set('cid', 'Tag_Profile_Custom_User')).ErrorCode, 0);
    assert.equal((await get('cid', 'Tag_Profile_Custom_User')).ErrorCode, 0);
    assert.equal((await set('administrator', 'Tag_Profile_Custom_Admin')).ErrorCode, 0);
    assert.equal((await get('administrator', 'Tag_Profile_Custom_Admin')).ErrorCode, 0);
    for (const [as, tag] of [
      ['cid', 'Tag_Profile_Custom_Admin'],
      ['administrator', 'Tag_Profile_Custom_User'],
    ] as const) {
      const [written, read] = [await set(as, tag), await get(as, tag)];
      assert.equal(written.ErrorCode, 40008);
      assert.equal(read.ErrorCode, 40007);
      for (const { ErrorInfo } of [written, read]) assert.ok(ErrorInfo.includes(tag));
    }
  });

  test('a user may not write a standard field that was taken from users, an administrator may', async () => {
    const own = await server.createApp();
    await own.importUsers('ann');
    const level = { Tag: 'Tag_Profile_IM_Level', Value: 9 };
    const set = async (as: string, items: readonly WireItem[]) =>
      (await restCall(own.caller(as), 'profile/portrait_set', { From_Account: 'ann', ProfileItem: items })).reply;
    assert.equal((await set('ann', [{ ...level, Value: 1 }])).ErrorCode, 0, 'as long as nothing is taken away');

    assert.equal((await own.admin('PATCH', '', { userWritableFields: ['Tag_Profile_IM_Nick'] })).status, 200);
    const refused = await set('ann', [...nick('Ann'), level]);
    assert.deepEqual([refused.ActionStatus, refused.ErrorCode], ['FAIL', 40008]);
    assert.match(refused.ErrorInfo, /Tag_Profile_IM_Level: the role "user" may not write this field/);
    const tags = ['Tag_Profile_IM_Nick', 'Tag_Profile_IM_Level'];
    assert.deepEqual(await own.get('ann', tags), { Tag_Profile_IM_Level: 1 }, 'nothing of it was written');
    assert.equal((await set('ann', nick('Ann'))).ErrorCode, 0);
    assert.equal((await set('administrator', [level])).ErrorCode, 0);
    assert.deepEqual(await own.get('ann', tags), { Tag_Profile_IM_Nick: 'Ann', Tag_Profile_IM_Level: 9 });
  });

  const FOREIGN = [
    { path: 'profile/portrait_set', body: { From_Account: 'ann', ProfileItem: nick('Mallory') }, code: 40004 },
    { path: 'profile/portrait_set', body: { ProfileItem: nick('Mallory') }, code: 40004 },
    { path: 'profile/portrait_set', body: [], code: 40004 },
    { path: 'profile/portrait_get', body: { To_Account: ['bea'], TagList: ['Tag_Profile_IM_Nick'] }, code: 40004 },
    {
      path: 'profile/portrait_get',
      body: { From_Account: 'ann', To_Account: ['bea'], TagList: ['Tag_Profile_IM_Nick'] },
      code: 40004,
    },
    { path: 'im_open_login_svc/account_import', body: { UserID: 'bea', Nick: 'Mallory' }, code: 70403 },
    { path: 'im_open_login_svc/multiaccount_import', body: { Accounts: ['mallory'] }, code: 70403 },
    { path: 'im_open_login_svc/account_check', body: { CheckItem: [{ UserID: 'bea' }] }, code: 70403 },
    { path: 'im_open_login_svc/account_delete', body: { DeleteItem: [{ UserID: 'bea' }] }, code: 70403 },
    { path: 'im_open_login_svc/kick', body: { UserID: 'bea' }, code: 70403 },
    { path: 'openim/query_online_status', body: { To_Account: ['bea'] }, code: 90009 },
  ];
  for (const { path, body, code } of FOREIGN) {
    test(`a user is refused ${path} with ${JSON.stringify(body).slice(0, 30)}`, async () => {
      const reply = await callAs('bea', path, body);
      assert.deepEqual([reply.ActionStatus, reply.ErrorCode], ['FAIL', code]);
      assert.match(reply.ErrorInfo, /"bea" is not an administrator/);
      assert.deepEqual(await app.deliveries('userId=bea'), []);
    });
  }

  test('an administrator who was removed is a user', async () => {
    const own = await server.createApp({ administrators: ['root', 'second'] });
    const check = { CheckItem: [{ UserID: 'x' }] };
    const callSecond = async () =>
      (await restCall(own.caller('second'), 'im_open_login_svc/account_check', check)).reply.ErrorCode;
    assert.equal(await callSecond(), 0);
    assert.equal((await own.admin('PATCH', '', { administrators: ['root'] })).status, 200);
    assert.equal(await callSecond(), 70403);
  });

  test('a new secret key makes the UserSigs of the old one useless', async () => {
    const own = await server.createApp();
    await own.importUsers('x');
    assert.equal((await own.admin('PATCH', '', { secretKey: 'another secret key' })).status, 200);
    const { reply } = await own.call('im_open_login_svc/account_import', { UserID: 'y' });
    assert.equal(reply.ErrorCode, 70009);
  });

  /** Calls at once. @returns codes, and how long it took */
  async function burst(one: TestApp, path: string, body: unknown): Promise<{ codes: number[]; seconds: number }> {
    const startedAt = performance.now();
    const answers = await Promise.all(Array.from({ length: 30 }, () => one.call(path, body)));
    for (const { reply } of answers) {
      if (reply.ErrorCode !== 0) assert.match(reply.ErrorInfo, /more than [\d.]+ calls a second/);
    }
    return {
      codes: answers.map(({ reply }) => reply.ErrorCode),
      seconds: (performance.now() - startedAt) / 1_000,
    };
  }

  for (const { path, body, perSecond } of [
    { path: 'im_open_login_svc/account_import', body: { UserID: 'x' }, perSecond: 5 },
    { path: 'im_open_login_svc/account_check', body: { CheckItem: [{ UserID: 'x' }] }, perSecond: 2.5 },
    { path: 'im_open_login_svc/multiaccount_import', body: { Accounts: ['x'] }, perSecond: 2.5 },
    { path: 'im_open_login_svc/account_delete', body: { DeleteItem: [{ UserID: 'x' }] }, perSecond: 2.5 },
    { path: 'openim/query_online_status', body: { To_Account: ['ann'] }, perSecond: 5 },
  ]) {
    test(`of 5 calls a second ${path} has ${perSecond}`, async () => {
      const limited = await server.createApp({ rateLimitPerSecond: 5 });
      await limited.importUsers('ann');
      // what the import above took of its own budget is back within a second
      const { codes, seconds } = await burst(limited, path, body);
      const passed = codes.filter((code) => code !== 60007).length;
      const least = Math.floor(perSecond) - (path.endsWith('account_import') ? 1 : 0);
      assert.ok(passed >= least && passed <= perSecond * (1 + seconds) + 1, `${passed} passed in ${seconds} s`);
      assert.ok(codes.includes(60007));
      await until(async () => (await limited.call(path, body)).reply.ErrorCode === 0, {
        what: () => 'the next call to pass',
      });
      await app.importUsers('ann');
    });
  }

  test('commands and apps have budgets of their own', async () => {
    const limited = await server.createApp({ rateLimitPerSecond: 1 });
    await limited.importUsers('ann');
    const { codes } = await burst(limited, 'im_open_login_svc/account_import', { UserID: 'ann' });
    assert.ok(codes.includes(60007));
    assert.deepEqual(await limited.get('ann'), {});
    await app.importUsers('ann');
  });

  test('a call over the limit writes nothing', async () => {
    const limited = await server.createApp({ rateLimitPerSecond: 1 });
    await limited.addEndpoint(receiver.url);
    await limited.importUsers('limited');
    const sets = await Promise.all(
      Array.from({ length: 20 }, (_, number) =>
        limited.call('profile/portrait_set', { From_Account: 'limited', ProfileItem: nick(`n${number}`) }),
      ),
    );
    const passed = sets.filter(({ reply }) => reply.ErrorCode === 0).length;
    const deliveries = await limited.untilSettled();
    assert.equal(deliveries.length, passed);
    assert.ok(passed < 20);
  });

  for (const { name, trustProxy, forwarded, expected } of [
    { name: 'nobody is trusted', trustProxy: 'none', forwarded: '203.0.113.9', expected: '127.0.0.1' },
    { name: 'another net is trusted', trustProxy: '10.0.0.0/8', forwarded: '203.0.113.9', expected: '127.0.0.1' },
    { name: 'the proxy is trusted', trustProxy: '127.0.0.0/8', forwarded: '203.0.113.9', expected: '203.0.113.9' },
    {
      name: 'a client adds one in front',
      trustProxy: '127.0.0.1',
      forwarded: '6.6.6.6, 203.0.113.9',
      expected: '203.0.113.9',
    },
    {
      name: 'two proxies are trusted',
      trustProxy: '127.0.0.1,10.0.0.0/8',
      forwarded: '203.0.113.9, 10.1.2.3',
      expected: '203.0.113.9',
    },
    { name: 'IPv6', trustProxy: '127.0.0.1', forwarded: '2001:db8::1', expected: '2001:db8::1' },
    { name: 'IPv4 in IPv6', trustProxy: '127.0.0.1', forwarded: '::ffff:203.0.113.9', expected: '203.0.113.9' },
    { name: 'what is no address', trustProxy: '127.0.0.1', forwarded: '<script>', expected: '127.0.0.1' },
  ]) {
    test(`ClientIP when ${name}`, async (t) => {
      const proxied = await startTestServer(t, { flags: { trustProxy } });
      const own = await startReceiver(t);
      const one = await proxied.createApp();
      await one.addEndpoint(own.url);
      await one.importUsers('ann');
      const headers = { 'content-type': 'application/json', 'x-forwarded-for': forwarded };
      await one.set('ann', nick('Ann'), { headers });
      const [callback] = await own.untilReceived(1);
      assert.equal(new URL(callback?.url ?? '', own.origin).searchParams.get('ClientIP'), expected);
      assert.equal((await one.deliveries())[0]?.event.clientIp, expected);
    });
  }

  test('health needs no token', async () => {
    for (const [path, body] of [
      ['/healthz', { status: 'ok' }],
      ['/readyz', { status: 'ready' }],
    ] as const) {
      const answer = await exchange(`${server.url}${path}`, { method: 'GET' });
      assert.equal(answer.status, 200);
      assert.deepEqual(JSON.parse(answer.text), body);
    }
  });
});
