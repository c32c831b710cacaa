/** What a client may say, frame by frame, and what it is told. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { CLIENT_PLATFORMS, STANDARD_TAGS } from '@portrait/wire';
import { suiteOwner } from '../support/live/cleanup.ts';
import { loginRawClient, openRawClient, type RawClientOptions } from '../support/live/raw-client.ts';
import { type Receiver, startReceiver } from '../support/live/receiver.ts';
import { nick, type TestApp, type WireItem } from '../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../support/live/test-server.ts';
import { packUserSig, userSigIssuedAt, userSigOf } from '../support/live/user-sig.ts';

const LOGIN = 'im_open_status.wslogin';
const HELLO = 'im_open_status.wshello';
const LOGOUT = 'im_open_status.wslogout';
const OK = { ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' };
const DEFAULTS = Object.fromEntries(STANDARD_TAGS.map(({ tag, unset }) => [tag, unset]));
const CUSTOM_FIELDS = [
  { tag: 'Tag_Profile_Custom_Own', type: 'string', read: ['user', 'admin'], write: ['user', 'admin'] },
  { tag: 'Tag_Profile_Custom_Rank', type: 'string', read: ['user', 'admin'], write: ['admin'] },
  { tag: 'Tag_Profile_Custom_Hidden', type: 'string', read: ['admin'], write: ['admin'] },
];

describe('clients', () => {
  const owner = suiteOwner();
  let server: TestServer;
  let app: TestApp;
  let receiver: Receiver;

  before(async () => {
    server = await startTestServer(owner, { flags: { trustProxy: '127.0.0.0/8' } });
    receiver = await startReceiver(owner);
    app = await server.createApp({ customFields: CUSTOM_FIELDS });
    await app.addEndpoint(receiver.url);
  });

  describe('a login', () => {
    test('says all that the SDK needs, and makes the account', async (t) => {
      const client = await openRawClient(t, { server, app });
      const { A2Key, TinyId, InstId, TimeStamp, ...rest } = await client.tryLogin('fresh');
      assert.deepEqual(rest, { ...OK, HelloInterval: 20 });
      assert.match(A2Key, /^p1\./);
      assert.match(TinyId, /^\d{18}$/);
      assert.ok(Number.isSafeInteger(InstId) && InstId > 0, String(InstId));
      assert.ok(Math.abs(TimeStamp - Date.now() / 1_000) < 60, String(TimeStamp));
      const check = await app.call('im_open_login_svc/account_check', { CheckItem: [{ UserID: 'fresh' }] });
      assert.match(check.text, /"AccountStatus":"Imported"/);
      assert.deepEqual(await app.deliveries('userId=fresh'), [], 'an account that is made so makes no callback');
    });

    const nowSeconds = Math.floor(Date.now() / 1_000);
    const REFUSED: readonly {
      readonly name: string;
      readonly code: number;
      readonly head: (one: TestApp) => Record<string, unknown>;
    }[] = [
      { name: 'no identifier', code: 60025, head: () => ({ identifier: undefined }) },
      { name: 'an identifier that is a number', code: 60025, head: () => ({ identifier: 7 }) },
      { name: 'an identifier that is null', code: 60025, head: () => ({ identifier: null }) },
      { name: 'no usersig', code: 60025, head: () => ({ usersig: undefined }) },
      { name: 'a usersig that is a list', code: 60025, head: () => ({ usersig: ['x'] }) },
      {
        name: 'what the SDK sends before login() was called',
        code: 70003,
        head: () => ({ identifier: '', usersig: '' }),
      },
      { name: 'an empty usersig', code: 70003, head: () => ({ usersig: '' }) },
      { name: 'a usersig that is garbage', code: 70003, head: () => ({ usersig: 'garbage' }) },
      { name: 'a usersig of a megabyte, nearly', code: 70003, head: () => ({ usersig: 'x'.repeat(100_000) }) },
      { name: 'a usersig that holds another thing', code: 70003, head: () => ({ usersig: packUserSig('{}') }) },
      {
        name: 'an expired usersig',
        code: 70001,
        head: (one) => ({ usersig: userSigIssuedAt(one, 'u', nowSeconds - 9, 5) }),
      },
      {
        name: 'a usersig of another key',
        code: 70009,
        head: ({ sdkAppId }) => ({ usersig: userSigOf({ sdkAppId, secretKey: 'another' }, 'u') }),
      },
      { name: 'a usersig of another user', code: 70013, head: (one) => ({ usersig: userSigOf(one, 'v') }) },
      {
        name: 'a usersig of another app',
        code: 70014,
        head: ({ secretKey }) => ({ usersig: userSigOf({ sdkAppId: 1_400_009_999, secretKey }, 'u') }),
      },
      {
        name: 'a UserID that is too long',
        code: 70402,
        head: (one) => ({ identifier: 'x'.repeat(40), usersig: userSigOf(one, 'x'.repeat(40)) }),
      },
      { name: 'the a2 of nobody', code: 70001, head: () => ({ a2: 'p1.x.y' }) },
      { name: 'an a2 that is null', code: 70001, head: () => ({ a2: null }) },
      { name: 'an a2 that is an object', code: 70001, head: () => ({ a2: { length: 10 } }) },
    ];
    for (const { name, code, head } of REFUSED) {
      test(`with ${name} is refused with ${code}, and can be tried again`, async (t) => {
        const client = await openRawClient(t, { server, app });
        const { ErrorInfo, ...rest } = await client.tryLogin('u', { head: head(app) });
        assert.deepEqual(rest, { ActionStatus: 'FAIL', ErrorCode: code });
        assert.ok(ErrorInfo, 'it is all that the app’s developer sees');
        await client.login('u');
      });
    }

    test('to an app that is not there is refused with 70020', async (t) => {
      const nowhere = { sdkAppId: 1_400_009_999, secretKey: app.secretKey };
      const client = await openRawClient(t, { server, app: nowhere });
      const { ErrorCode, ErrorInfo } = await client.tryLogin('u');
      assert.equal(ErrorCode, 70020);
      assert.match(ErrorInfo ?? '', /1400009999/);
    });

    test('is followed by the own profile, with what was never set', async (t) => {
      await app.importUsers('profiled');
      const items = [
        { Tag: 'Tag_Profile_IM_Nick', Value: 'Ann' },
        { Tag: 'Tag_Profile_IM_Level', Value: 7 },
        { Tag: 'Tag_Profile_Custom_Own', Value: 'mine' },
        { Tag: 'Tag_Profile_Custom_Hidden', Value: 'secret' },
      ];
      await app.set('profiled', items);
      const client = await loginRawClient(t, { server, app }, { userId: 'profiled' });
      await client.untilPushed('Tag_Profile_IM_Nick', 'Ann');
      assert.equal(client.pushes.length, 1);
      assert.deepEqual(client.pushes[0], {
        ...DEFAULTS,
        Tag_Profile_IM_Nick: 'Ann',
        Tag_Profile_IM_Level: 7,
        Tag_Profile_Custom_Own: 'mine',
      });
      const [reply, push] = client.frames;
      assert.deepEqual([reply?.head.servcmd, push?.head.servcmd], [LOGIN, 'im_open_push.msg_push']);
      assert.equal(push?.body.EventArray[0].ProfileDataMod[0].Profile_Account, 'profiled');
    });

    test('of another user on the same connection takes the place of the first', async (t) => {
      const client = await loginRawClient(t, { server, app }, { userId: 'first' });
      await client.login('second');
      const status = await app.call('openim/query_online_status', { To_Account: ['first', 'second'] });
      assert.deepEqual(status.reply.QueryResult, [
        { To_Account: 'first', Status: 'Offline' },
        { To_Account: 'second', Status: 'Online' },
      ]);
      assert.equal((await client.set('second', nick('x'))).ErrorCode, 0);
      assert.equal((await client.set('first', nick('x'))).ErrorCode, 40004);
    });

    test('works again on the same connection after a logout', async (t) => {
      const client = await loginRawClient(t, { server, app }, { userId: 'again' });
      assert.deepEqual(await client.request(LOGOUT, { wslogout_type: 0 }), OK);
      const status = await app.call('openim/query_online_status', { To_Account: ['again'] });
      assert.match(status.text, /"Offline"/);
      await client.login('again');
      assert.deepEqual(await client.request(HELLO), OK);
    });
  });

  describe('an a2', () => {
    test('logs in again on another connection, as the same session', async (t) => {
      const first = await loginRawClient(t, { server, app }, { userId: 'back' });
      const login = first.loggedIn;
      assert.ok(login);
      first.terminate();
      const second = await openRawClient(t, { server, app });
      const { A2Key, TinyId, InstId, ErrorCode } = await second.relogin(login);
      assert.deepEqual({ ErrorCode, a2: A2Key, tinyId: TinyId, instId: InstId }, { ErrorCode: 0, ...login });
      await second.untilPushed('Tag_Profile_IM_Nick', '');
    });

    test('outlives the server', async (t) => {
      const own = await startTestServer(t);
      const ownApp = await own.createApp();
      const first = await loginRawClient(t, { server: own, app: ownApp }, { userId: 'ann' });
      const login = first.loggedIn;
      assert.ok(login);
      await ownApp.set('ann', nick('Ann'));
      await own.close();
      await own.start();
      const second = await openRawClient(t, { server: own, app: ownApp });
      second.loggedIn = login;
      const queued = second.send('profile.portrait_set', { From_Account: 'ann', ProfileItem: nick('queued') });
      const { A2Key, TinyId, InstId } = await second.relogin(login);
      assert.deepEqual({ a2: A2Key, tinyId: TinyId, instId: InstId }, login);
      const reply = await second.untilReplied('profile.portrait_set', queued);
      assert.equal(reply.ErrorCode, 0, 'what was queued while offline comes before the login');
      assert.deepEqual(await ownApp.get('ann'), { Tag_Profile_IM_Nick: 'queued' });
    });

    test('proves its user without a login on this connection', async (t) => {
      const login = (await loginRawClient(t, { server, app }, { userId: 'queue' })).loggedIn;
      const other = await openRawClient(t, { server, app });
      other.loggedIn = login;
      assert.equal((await other.set('queue', nick('queued'))).ErrorCode, 0);
      assert.deepEqual(await other.request(HELLO), OK);
      assert.equal((await other.request('openim.getmsg')).ErrorCode, 0);
    });

    test('that was changed anywhere is refused with 70001', async (t) => {
      const client = await loginRawClient(t, { server, app }, { userId: 'tampered' });
      const a2 = client.loggedIn?.a2 ?? '';
      const claims = JSON.parse(Buffer.from(a2.split('.')[1] ?? '', 'base64url').toString());
      const forge = (change: (list: unknown[]) => void): string => {
        const list = [...claims];
        change(list);
        return `p1.${Buffer.from(JSON.stringify(list)).toString('base64url')}.${a2.split('.')[2]}`;
      };
      const forged = [
        `${a2.slice(0, -1)}${a2.endsWith('A') ? 'B' : 'A'}`,
        `${a2}A`,
        a2.replace('p1.', 'p2.'),
        forge((list) => list.splice(1, 1, 'administrator')),
        forge((list) => list.splice(5, 1, 9_999_999_999)),
        forge((list) => list.splice(0, 1, 1)),
      ];
      for (const one of forged) {
        for (const servcmd of [LOGIN, HELLO, 'openim.getmsg', 'profile.portrait_get_all']) {
          const { ErrorCode, ErrorInfo } = await client.request(servcmd, {}, { a2: one });
          assert.deepEqual([ErrorCode, Boolean(ErrorInfo)], [70001, true], servcmd);
        }
      }
      assert.deepEqual(await client.request(HELLO), OK);
    });

    test('of another app is refused with 70001', async (t) => {
      const other = await server.createApp({ secretKey: app.secretKey });
      const { loggedIn } = await loginRawClient(t, { server, app: other }, { userId: 'ann' });
      const client = await openRawClient(t, { server, app });
      assert.ok(loggedIn);
      assert.equal((await client.relogin(loggedIn)).ErrorCode, 70001);
    });

    test('falls with the secret key it was signed with', async (t) => {
      const own = await server.createApp();
      const client = await loginRawClient(t, { server, app: own }, { userId: 'ann' });
      assert.equal((await own.admin('PATCH', '', { secretKey: 'another secret key' })).status, 200);
      for (const servcmd of [HELLO, LOGIN, 'profile.portrait_set', 'sns.friend_get']) {
        assert.equal((await client.request(servcmd, { From_Account: 'ann' })).ErrorCode, 70001, servcmd);
      }
    });

    test('expires with the UserSig it was given for', async (t) => {
      const nowSeconds = Math.floor(Date.now() / 1_000);
      const usersig = userSigIssuedAt(app, 'short', nowSeconds - 100, 102);
      const client = await loginRawClient(t, { server, app }, { userId: 'short', head: { usersig } });
      assert.deepEqual(await client.request(HELLO), OK);
      for (let isOver = false; !isOver; ) {
        const { ErrorCode } = await client.request(HELLO);
        assert.ok(ErrorCode === 0 || ErrorCode === 70001);
        isOver = ErrorCode === 70001;
        assert.ok(Date.now() / 1_000 < nowSeconds + 60, 'it is over in the end');
      }
      assert.ok(Date.now() / 1_000 >= nowSeconds + 2, 'and not before its time');
    });
  });

  describe('before a login', () => {
    for (const servcmd of [HELLO, 'profile.portrait_get_all', 'profile.portrait_set', 'sns.friend_get', 'any.thing']) {
      test(`${servcmd} is refused with 60004`, async (t) => {
        const client = await openRawClient(t, { server, app });
        const { ErrorCode, ErrorInfo } = await client.request(servcmd, { From_Account: 'u' });
        assert.equal(ErrorCode, 60004);
        assert.ok(ErrorInfo?.includes(servcmd));
      });
    }

    for (const servcmd of ['heartbeat.alive', LOGOUT, 'imopenstat.tim_web_report_v2']) {
      test(`${servcmd} is answered`, async (t) => {
        const client = await openRawClient(t, { server, app });
        assert.deepEqual(await client.request(servcmd), OK);
      });
    }

    test('an acknowledgement of a push has no reply', async (t) => {
      const client = await openRawClient(t, { server, app });
      client.send('openim.ws_msg_push_ack', { SessionData: 'x' });
      await client.request('heartbeat.alive');
      await client.request('imopenstat.tim_web_report_v2');
      assert.equal(client.frames.length, 2);
    });
  });

  for (const sdkappid of [1, 'x', null, [], {}, { toString: 1, valueOf: 1 }, true]) {
    test(`the sdkappid ${JSON.stringify(sdkappid)} in a head is refused with 60006`, async (t) => {
      const client = await loginRawClient(t, { server, app }, { userId: 'other-app' });
      for (const servcmd of [HELLO, 'profile.portrait_get_all', 'sns.friend_get']) {
        assert.equal((await client.request(servcmd, {}, { sdkappid })).ErrorCode, 60006);
      }
    });
  }

  test('the sdkappid of a head may be text, or absent', async (t) => {
    const client = await loginRawClient(t, { server, app }, { userId: 'same-app' });
    for (const sdkappid of [String(app.sdkAppId), undefined]) {
      assert.deepEqual(await client.request(HELLO, {}, { sdkappid }), OK);
    }
  });

  describe('profiles', () => {
    test('a client reads profiles: all fields it may, of whom it likes', async (t) => {
      await app.importUsers('seen');
      await app.set('seen', [...nick('爱丽丝'), { Tag: 'Tag_Profile_Custom_Hidden', Value: 'x' }]);
      const client = await loginRawClient(t, { server, app }, { userId: 'reader' });
      const UserItem = ['seen', 'nobody', 'reader'].map((To_Account) => ({ To_Account, StandardSequence: 0 }));
      const reply = await client.request('profile.portrait_get_all', { From_Account: 'reader', UserItem });
      assert.deepEqual(reply.UserProfileItem, [
        { To_Account: 'seen', ProfileItem: nick('爱丽丝'), ResultCode: 0, ResultInfo: '' },
        { To_Account: '@TLS#NOT_FOUND', ResultCode: 40003, ResultInfo: 'Err_Profile_Invalid_Account' },
        { To_Account: 'reader', ProfileItem: [], ResultCode: 0, ResultInfo: '' },
      ]);
    });

    test('a client changes the own profile, and nobody else’s', async (t) => {
      await app.importUsers('victim');
      const client = await loginRawClient(t, { server, app }, { userId: 'writer' });
      assert.deepEqual(await client.set('writer', nick('W')), { ...OK, ErrorDisplay: '' });
      assert.deepEqual(await app.get('writer'), { Tag_Profile_IM_Nick: 'W' });
      const { ErrorCode, ErrorInfo } = await client.set('victim', nick('W'));
      assert.equal(ErrorCode, 40004);
      assert.match(ErrorInfo ?? '', /From_Account: a client acts for its own user, "writer", only/);
      assert.equal((await client.request('profile.portrait_set', { ProfileItem: nick('W') })).ErrorCode, 40004);
      assert.deepEqual(await app.get('victim'), {});
    });

    test('an administrator acts as a user, too', async (t) => {
      await app.importUsers('led');
      const client = await loginRawClient(t, { server, app }, { userId: 'administrator' });
      assert.equal((await client.set('led', nick('x'))).ErrorCode, 40004);
      assert.equal((await client.set('administrator', nick('Root'))).ErrorCode, 0);
      const refused = await client.set('administrator', [{ Tag: 'Tag_Profile_Custom_Rank', Value: 'high' }]);
      assert.equal(refused.ErrorCode, 40008);
      assert.deepEqual((await client.request('im_open_login_svc.kick', { UserID: 'led' })).ErrorCode, 60009);
    });

    test('items in lower case are taken too', async (t) => {
      const client = await loginRawClient(t, { server, app }, { userId: 'lite' });
      const ProfileItem = [{ tag: 'Tag_Profile_IM_Nick', value: 'lower' }];
      const { ErrorCode } = await client.request('profile.portrait_set', { From_Account: 'lite', ProfileItem });
      assert.equal(ErrorCode, 0);
      assert.deepEqual(await app.get('lite'), { Tag_Profile_IM_Nick: 'lower' });
    });

    test('changes of one client are carried out in the order they were sent', async (t) => {
      const client = await loginRawClient(t, { server, app }, { userId: 'orderly' });
      const values = Array.from({ length: 40 }, (_, number) => `n${number}`);
      const seqs = values.map((value) =>
        client.send('profile.portrait_set', { From_Account: 'orderly', ProfileItem: nick(value) }),
      );
      for (const seq of seqs) assert.equal((await client.untilReplied('profile.portrait_set', seq)).ErrorCode, 0);
      const replied = client.frames.map(({ head }) => head.seq).filter((seq) => seqs.includes(seq));
      assert.deepEqual(replied, seqs);
      const received = await receiver.untilReceived(values.length, 'orderly');
      assert.deepEqual(
        received.map(({ value }) => value),
        values,
      );
    });
  });

  describe('the callback of a change', () => {
    test('says from where it came, also behind a proxy', async (t) => {
      const headers = { 'x-forwarded-for': '6.6.6.6, 203.0.113.9' };
      const client = await loginRawClient(t, { server, app }, { userId: 'proxied', headers });
      await client.set('proxied', nick('x'));
      const [callback] = await receiver.untilReceived(1, 'proxied');
      const { searchParams } = new URL(callback?.url ?? '', receiver.origin);
      assert.deepEqual([searchParams.get('ClientIP'), searchParams.get('OptPlatform')], ['203.0.113.9', 'Web']);
      assert.equal(JSON.parse(callback?.body ?? '').Operator_Account, 'proxied');
    });

    const PLATFORMS = [
      ...CLIENT_PLATFORMS.map((row) => ({ ...row, name: row.sdkName, body: {} })),
      { number: 15, name: 'uni-app on Android', optPlatform: 'Android', body: { is_web_uniapp: 2 } },
      { number: 15, name: 'uni-app on an iPad', optPlatform: 'iPad', body: { is_web_uniapp: 13 } },
      { number: 999, name: 'something new', optPlatform: 'Unknown', body: {} },
    ];
    for (const [index, { number, name, optPlatform, body }] of PLATFORMS.entries()) {
      test(`says ${optPlatform} for ${name}`, async (t) => {
        const userId = `platform${index}`;
        const query = { platform: String(number) };
        const client = await loginRawClient(t, { server, app }, { userId, query, head: { platform: number }, body });
        await client.set(userId, nick('x'));
        const [callback] = await receiver.untilReceived(1, userId);
        const { searchParams } = new URL(callback?.url ?? '', receiver.origin);
        assert.deepEqual([searchParams.get('ClientIP'), searchParams.get('OptPlatform')], ['127.0.0.1', optPlatform]);
      });
    }

    test('of one that was queued says what the URL does', async (t) => {
      const { loggedIn } = await loginRawClient(t, { server, app }, { userId: 'queued-from' });
      const client = await openRawClient(t, { server, app }, { query: { platform: '3' } });
      client.loggedIn = loggedIn;
      await client.set('queued-from', nick('x'));
      const [callback] = await receiver.untilReceived(1, 'queued-from');
      assert.equal(new URL(callback?.url ?? '', receiver.origin).searchParams.get('OptPlatform'), 'iOS');
    });
  });

  describe('frames', () => {
    test('on /info they are text both ways', async (t) => {
      const options: RawClientOptions = { path: '/info', query: { compress: 'gzip' } };
      const client = await loginRawClient(t, { server, app }, { userId: 'texting', ...options });
      await client.set('texting', nick('爱丽丝'));
      await client.untilPushed('Tag_Profile_IM_Nick', '');
      assert.deepEqual(new Set(client.frames.map(({ form }) => form)), new Set(['text']));
      assert.deepEqual(await app.get('texting'), { Tag_Profile_IM_Nick: '爱丽丝' });
    });

    test('a client that sends the other kind is understood all the same', async (t) => {
      const client = await openRawClient(t, { server, app });
      client.sendRaw(JSON.stringify({ head: { servcmd: 'heartbeat.alive', seq: 1 } }));
      await client.untilReplied('heartbeat.alive', 1);
      assert.equal(client.frames[0]?.form, 'binary');
    });

    for (const { compress, form } of [
      { compress: 'gzip', form: 'compressed' },
      { compress: undefined, form: 'binary' },
      { compress: 'br', form: 'binary' },
    ] as const) {
      test(`with compress=${compress} a large reply is ${form}, a small one binary`, async (t) => {
        const client = await loginRawClient(t, { server, app }, { userId: 'large', query: { compress } });
        const UserItem = Array.from({ length: 100 }, (_, number) => ({ To_Account: `nobody${number}` }));
        const seq = client.send('profile.portrait_get_all', { From_Account: 'large', UserItem });
        const reply = await client.untilReceived(({ head }) => head.seq === seq, 'the large reply');
        assert.equal(reply.form, form);
        assert.equal(reply.body.UserProfileItem.length, 100);
        assert.equal(reply.bytes < 2_000, form === 'compressed', `${reply.bytes} bytes`);
        const others = client.frames.filter((frame) => frame !== reply);
        assert.deepEqual(new Set(others.map((frame) => frame.form)), new Set(['binary']));
      });
    }

    test('a push does not overtake the large reply before it', async (t) => {
      await app.importUsers('busy');
      await app.set('busy', [{ Tag: 'Tag_Profile_IM_SelfSignature', Value: 'x'.repeat(500) }]);
      const client = await loginRawClient(t, { server, app }, { userId: 'busy', query: { compress: 'gzip' } });
      await client.untilPushed('Tag_Profile_IM_Level', 0);
      const UserItem = Array.from({ length: 100 }, () => ({ To_Account: 'busy' }));
      for (let round = 1; round <= 10; round += 1) {
        const seq = client.send('profile.portrait_get_all', { From_Account: 'busy', UserItem });
        await Promise.all([
          app.set('busy', [{ Tag: 'Tag_Profile_IM_Level', Value: round }]),
          client.untilReplied('profile.portrait_get_all', seq),
        ]);
        await client.untilPushed('Tag_Profile_IM_Level', round);
        const at = client.frames.findIndex(({ head }) => head.seq === seq);
        const reply = client.frames[at];
        assert.equal(reply?.form, 'compressed');
        const [{ ProfileItem }] = reply.body.UserProfileItem as [{ readonly ProfileItem: readonly WireItem[] }];
        const told = ProfileItem.find(({ Tag }) => Tag === 'Tag_Profile_IM_Level')?.Value ?? 0;
        // the push of this round is the last frame: an old value that came behind it would stay
        assert.ok(told === round || at < client.frames.length - 1, 'the old value came behind the new one');
      }
    });

    test('frames that are none are answered with what is wrong, the tenth ends the connection', async (t) => {
      const client = await openRawClient(t, { server, app });
      for (let sent = 0; sent < 10; sent += 1) client.sendRaw(Buffer.from('{'));
      assert.deepEqual(await client.untilClosed(), { code: 1008, reason: 'too many malformed frames' });
      assert.equal(client.frames.length, 9);
      const { head, body } = client.frames[0] ?? {};
      assert.deepEqual([head?.servcmd, head?.seq, body?.ErrorCode], ['', 0, 60003]);
      assert.match(body?.ErrorInfo ?? '', /not valid JSON/);
    });

    test('a command that the server does not have is refused with a sentence', async (t) => {
      const client = await loginRawClient(t, { server, app }, { userId: 'chatty' });
      for (const [servcmd, text] of [
        ['openim.sendmsg', 'it has no messages (openim.sendmsg)'],
        ['constructor.name', 'it has no command constructor.name'],
        ['__proto__.x', 'it has no command __proto__.x'],
        ['profile.portrait_get', 'it has no command profile.portrait_get'],
      ] as const) {
        const { ErrorCode, ErrorInfo } = await client.request(servcmd);
        assert.deepEqual([ErrorCode, ErrorInfo], [60009, `This server keeps profiles only: ${text}`]);
      }
    });
  });
});
