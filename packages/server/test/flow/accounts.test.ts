/** The good case of every command, exactly as it is documented. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { suiteOwner } from '../support/live/cleanup.ts';
import { startReceiver } from '../support/live/receiver.ts';
import { nick, type TestApp } from '../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../support/live/test-server.ts';
import { userSigIssuedAt } from '../support/live/user-sig.ts';

const OK = { ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '' };
const PROFILE_OK = { ...OK, ErrorDisplay: '' };

const ALL_ITEMS = [
  { Tag: 'Tag_Profile_IM_Nick', Value: 'Ann' },
  { Tag: 'Tag_Profile_IM_Gender', Value: 'Gender_Type_Female' },
  { Tag: 'Tag_Profile_IM_BirthDay', Value: 20190419 },
  { Tag: 'Tag_Profile_IM_Location', Value: 'Zürich, 4th floor' },
  { Tag: 'Tag_Profile_IM_SelfSignature', Value: 'é'.repeat(250) },
  { Tag: 'Tag_Profile_IM_AllowType', Value: 'AllowType_Type_NeedConfirm' },
  { Tag: 'Tag_Profile_IM_Language', Value: 0 },
  { Tag: 'Tag_Profile_IM_Image', Value: 'http://example.com/a.png' },
  { Tag: 'Tag_Profile_IM_MsgSettings', Value: 1 },
  { Tag: 'Tag_Profile_IM_AdminForbidType', Value: 'AdminForbid_Type_SendOut' },
  { Tag: 'Tag_Profile_IM_Level', Value: 4_294_967_295 },
  { Tag: 'Tag_Profile_IM_Role', Value: 7 },
  { Tag: 'Tag_Profile_Custom_Data', Value: '' },
];
const ALL_TAGS = ALL_ITEMS.map(({ Tag }) => Tag);

describe('commands', () => {
  const owner = suiteOwner();
  let server: TestServer;
  let app: TestApp;

  before(async () => {
    server = await startTestServer(owner);
    app = await server.createApp();
  });

  async function replyTo(path: string, body: unknown): Promise<object> {
    const { status, headers, reply } = await app.call(path, body);
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'application/json; charset=utf-8');
    assert.equal(headers['access-control-allow-origin'], '*');
    assert.equal(headers['access-control-allow-headers'], 'X-Requested-With');
    assert.equal(headers['access-control-allow-methods'], 'POST');
    return reply;
  }

  test('account_import', async () => {
    assert.deepEqual(await replyTo('im_open_login_svc/account_import', { UserID: 'imp1' }), OK);
    assert.deepEqual(await app.get('imp1'), {});
    const body = { UserID: 'imp2', Nick: 'Ann', FaceUrl: 'http://example.com/a.png' };
    assert.deepEqual(await replyTo('im_open_login_svc/account_import', body), OK);
    const filled = { Tag_Profile_IM_Nick: 'Ann', Tag_Profile_IM_Image: 'http://example.com/a.png' };
    assert.deepEqual(await app.get('imp2', ALL_TAGS), filled);
    assert.deepEqual(await replyTo('im_open_login_svc/account_import', { UserID: 'imp2' }), OK);
    assert.deepEqual(await app.get('imp2', ALL_TAGS), filled, 'a second import takes nothing away');
  });

  test('account_import and kick take the old name Identifier', async () => {
    assert.deepEqual(await replyTo('im_open_login_svc/account_import', { Identifier: 'old1' }), OK);
    assert.deepEqual(await replyTo('im_open_login_svc/kick', { Identifier: 'old1' }), OK);
  });

  test('multiaccount_import, both forms', async () => {
    assert.deepEqual(await replyTo('im_open_login_svc/multiaccount_import', { Accounts: ['m1', 'm2', 'é'] }), {
      ...OK,
      FailAccounts: ['é'],
    });
    const AccountList = [{ UserID: 'm3', Nick: 'C', FaceUrl: 'http://example.com/c.png' }, { UserID: 'm1' }];
    assert.deepEqual(await replyTo('im_open_login_svc/multiaccount_import', { AccountList }), {
      ...OK,
      FailAccounts: [],
    });
    assert.deepEqual(await app.get('m3'), { Tag_Profile_IM_Nick: 'C' });
  });

  test('account_check', async () => {
    await app.importUsers('chk1');
    const body = { CheckItem: [{ UserID: 'chk1' }, { UserID: 'nobody' }] };
    assert.deepEqual(await replyTo('im_open_login_svc/account_check', body), {
      ...OK,
      ResultItem: [
        { UserID: 'chk1', ResultCode: 0, ResultInfo: '', AccountStatus: 'Imported' },
        { UserID: 'nobody', ResultCode: 0, ResultInfo: '', AccountStatus: 'NotImported' },
      ],
    });
  });

  test('account_delete', async () => {
    await app.importUsers('del1');
    await app.set('del1', nick('Ann'));
    const body = { DeleteItem: [{ UserID: 'del1' }, { UserID: 'nobody' }] };
    assert.deepEqual(await replyTo('im_open_login_svc/account_delete', body), {
      ...OK,
      ResultItem: [
        { ResultCode: 0, ResultInfo: '', UserID: 'del1' },
        { ResultCode: 70107, ResultInfo: 'Err_TLS_PT_Open_Login_Account_Not_Exist', UserID: 'nobody' },
      ],
    });
    const { reply } = await app.call('profile/portrait_get', { To_Account: ['del1'], TagList: ALL_TAGS });
    assert.equal(reply.ErrorCode, 40003);
  });

  test('an account that was deleted and made anew is empty, and goes on counting', async (t) => {
    const receiver = await startReceiver(t);
    const endpoint = await app.addEndpoint(receiver.url);
    t.after(() => app.removeEndpoint(endpoint));
    await app.importUsers('anew');
    await app.set('anew', nick('first'));
    await app.call('im_open_login_svc/account_delete', { DeleteItem: [{ UserID: 'anew' }] });
    await app.importUsers('anew');
    assert.deepEqual(await app.get('anew', ALL_TAGS), {});
    await app.set('anew', nick('second'));
    await app.untilSettled('userId=anew');
    assert.deepEqual(
      receiver.of('anew').map(({ sequence, value }) => [sequence, value]),
      [
        [1, 'first'],
        [2, 'second'],
      ],
    );
  });

  test('portrait_set and portrait_get', async () => {
    await app.importUsers('set1', 'set2');
    assert.deepEqual(
      await replyTo('profile/portrait_set', { From_Account: 'set1', ProfileItem: ALL_ITEMS }),
      PROFILE_OK,
    );
    const body = { To_Account: ['set1', 'nobody', 'set2'], TagList: ALL_TAGS };
    assert.deepEqual(await replyTo('profile/portrait_get', body), {
      ...PROFILE_OK,
      UserProfileItem: [
        { To_Account: 'set1', ProfileItem: ALL_ITEMS, ResultCode: 0, ResultInfo: '' },
        { To_Account: 'nobody', ResultCode: 40003, ResultInfo: 'Err_Profile_Invalid_Account' },
        { To_Account: 'set2', ProfileItem: [], ResultCode: 0, ResultInfo: '' },
      ],
      Fail_Account: ['nobody'],
    });
    const { UserProfileItem } = (await replyTo('profile/portrait_get', {
      From_Account: 'set2',
      To_Account: ['set1'],
      TagList: ['Tag_Profile_IM_Level', 'Tag_Profile_IM_Nick'],
    })) as { UserProfileItem: { ProfileItem: unknown }[] };
    assert.deepEqual(UserProfileItem[0]?.ProfileItem, [ALL_ITEMS[10], ALL_ITEMS[0]], 'in the order asked for');
  });

  test('portrait_set takes the lower-case members of some client packages', async () => {
    await app.importUsers('low1');
    const ProfileItem = [{ tag: 'Tag_Profile_IM_Nick', value: 'Ann' }];
    assert.deepEqual(await replyTo('profile/portrait_set', { From_Account: 'low1', ProfileItem }), PROFILE_OK);
    assert.deepEqual(await app.get('low1'), { Tag_Profile_IM_Nick: 'Ann' });
  });

  test('portrait_get of 100 accounts', async () => {
    const accounts = Array.from({ length: 100 }, (_, number) => `many${number}`);
    await app.call('im_open_login_svc/multiaccount_import', { Accounts: accounts });
    const reply = await replyTo('profile/portrait_get', { To_Account: accounts, TagList: ALL_TAGS });
    const rows = (reply as { UserProfileItem: { To_Account: string }[] }).UserProfileItem;
    assert.deepEqual(
      rows.map(({ To_Account }) => To_Account),
      accounts,
    );
  });

  test('query_online_status', async () => {
    await app.importUsers('onl1', 'onl2');
    assert.deepEqual(await replyTo('openim/query_online_status', { To_Account: ['onl1', 'nobody', 'onl2'] }), {
      ...OK,
      QueryResult: [
        { To_Account: 'onl1', Status: 'Offline' },
        { To_Account: 'onl2', Status: 'Offline' },
      ],
      ErrorList: [{ To_Account: 'nobody', ErrorCode: 70107 }],
    });
    assert.deepEqual(await replyTo('openim/query_online_status', { To_Account: ['onl1'], IsNeedDetail: 1 }), {
      ...OK,
      QueryResult: [{ To_Account: 'onl1', Status: 'Offline', Detail: [] }],
    });
    assert.deepEqual(await replyTo('openim/query_online_status', { To_Account: ['nobody'] }), {
      ActionStatus: 'FAIL',
      ErrorCode: 70107,
      ErrorInfo: 'Err_TLS_PT_Open_Login_Account_Not_Exist',
      QueryResult: [],
      ErrorList: [{ To_Account: 'nobody', ErrorCode: 70107 }],
    });
  });

  test('kick makes older UserSigs useless; a later one works', async () => {
    await app.importUsers('kick1');
    const own = { To_Account: ['kick1'], From_Account: 'kick1', TagList: ['Tag_Profile_IM_Nick'] };
    const as = (usersig: string) => app.call('profile/portrait_get', own, { query: { identifier: 'kick1', usersig } });
    const nowSeconds = Math.floor(Date.now() / 1_000);
    const older = userSigIssuedAt(app, 'kick1', nowSeconds - 10);
    assert.equal((await as(older)).reply.ErrorCode, 0);
    assert.deepEqual(await replyTo('im_open_login_svc/kick', { UserID: 'kick1' }), OK);
    const refused = (await as(older)).reply;
    assert.equal(refused.ErrorCode, 70001);
    assert.match(refused.ErrorInfo, /revoked/);
    // a clock a little ahead is let through, so that a UserSig of the next seconds is there at once
    const later = userSigIssuedAt(app, 'kick1', Math.floor(Date.now() / 1_000) + 2);
    assert.equal((await as(later)).reply.ErrorCode, 0);
    assert.equal((await app.call('profile/portrait_get', own)).reply.ErrorCode, 0, 'administrators are not kicked');
  });

  test('what a kick revoked changes nothing, and is told before whatever else is wrong', async () => {
    await app.importUsers('kick2');
    const usersig = userSigIssuedAt(app, 'kick2', Math.floor(Date.now() / 1_000) - 10);
    const setBy = async (items: unknown) => {
      const body = { From_Account: 'kick2', ProfileItem: items };
      return (await app.call('profile/portrait_set', body, { query: { identifier: 'kick2', usersig } })).reply
        .ErrorCode;
    };
    assert.equal(await setBy([{ Tag: 'Tag_Profile_IM_Nick', Value: 'Ann' }]), 0);
    assert.equal(await setBy([{ Tag: 'Tag_Profile_IM_Nick', Value: 7 }]), 40610);
    assert.deepEqual(await replyTo('im_open_login_svc/kick', { UserID: 'kick2' }), OK);
    assert.equal(await setBy([{ Tag: 'Tag_Profile_IM_Nick', Value: 7 }]), 70001);
    assert.equal(await setBy([{ Tag: 'Tag_Profile_IM_Nick', Value: 'Bea' }]), 70001);
    assert.deepEqual(await app.get('kick2', ['Tag_Profile_IM_Nick']), { Tag_Profile_IM_Nick: 'Ann' });
  });

  test('an import with a nickname makes a callback only when the app wants that', async (t) => {
    const receiver = await startReceiver(t);
    const quiet = await server.createApp();
    const loud = await server.createApp({ announceImports: true });
    for (const one of [quiet, loud]) {
      await one.addEndpoint(receiver.url, { payload: 'extended' });
      const call = (path: string, body: unknown) => one.call(`im_open_login_svc/${path}`, body);
      await call('account_import', { UserID: 'id1', Nick: 'Ann', FaceUrl: 'http://example.com/a.png' });
      await call('account_import', { UserID: 'id1', Nick: 'Bea' });
      await call('account_import', { UserID: 'id2' });
      await call('multiaccount_import', { AccountList: [{ UserID: 'id3', Nick: 'Cid' }, { UserID: 'id4' }] });
      await call('multiaccount_import', { Accounts: ['id5'] });
      assert.deepEqual(await one.get('id1'), { Tag_Profile_IM_Nick: 'Bea' });
    }
    assert.deepEqual(await quiet.deliveries(), []);
    await loud.untilSettled();
    assert.deepEqual(
      receiver.callbacks.map(({ userId, sequence, body }) => {
        const { Operator_Account, ProfileItem, PreviousProfileItem } = JSON.parse(body);
        return { userId, sequence, Operator_Account, ProfileItem, PreviousProfileItem };
      }),
      [
        {
          userId: 'id1',
          sequence: 1,
          Operator_Account: 'administrator',
          ProfileItem: [...nick('Ann'), { Tag: 'Tag_Profile_IM_Image', Value: 'http://example.com/a.png' }],
          PreviousProfileItem: [],
        },
        {
          userId: 'id1',
          sequence: 2,
          Operator_Account: 'administrator',
          ProfileItem: nick('Bea'),
          PreviousProfileItem: nick('Ann'),
        },
        {
          userId: 'id3',
          sequence: 1,
          Operator_Account: 'administrator',
          ProfileItem: nick('Cid'),
          PreviousProfileItem: [],
        },
      ],
    );
  });
});
