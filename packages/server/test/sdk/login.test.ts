/** Logins of the unmodified official packages. */
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { suiteOwner } from '../support/live/cleanup.ts';
import { assertOk } from '../support/live/rest-call.ts';
import type { TestServer } from '../support/live/test-server.ts';
import { userSigIssuedAt, userSigOf } from '../support/live/user-sig.ts';
import { SDK_PACKAGES } from './support/message.ts';
import type { SdkClient } from './support/sdk-client.ts';
import { sdkTest } from './support/witness.ts';
import { startWorld, type World } from './support/world.ts';

/** Start and three `wshello`: an SDK that is not content asks thousands of times in that time. */
const MAX_START_FRAMES = 30;

const FORMS = [
  { devMode: false, path: '/binfo', form: 'binary' },
  { devMode: true, path: '/info', form: 'text' },
] as const;

describe('login', { concurrency: 2 }, () => {
  const owner = suiteOwner();
  let world: World<TestServer>;

  before(async () => {
    world = await startWorld(owner, { flags: { clientHelloInterval: '1s' } });
  });

  async function accountStatus(userId: string): Promise<unknown> {
    const answer = await world.app.call('im_open_login_svc/account_check', { CheckItem: [{ UserID: userId }] });
    return (assertOk(answer).reply.ResultItem as { AccountStatus: string }[])[0]?.AccountStatus;
  }

  for (const name of SDK_PACKAGES) {
    for (const { devMode, path, form } of FORMS) {
      sdkTest(`${name} on ${path}: is ready, without a warning, and then silent`, async (t) => {
        const userId = `start-${name}-${form}`;
        const client = await world.client(t, { package: name, devMode });
        assert.equal(await accountStatus(userId), 'NotImported');
        const data = await client.login(userId, world.userSig(userId));

        assert.match(String(data.a2Key), /./);
        assert.match(String(data.tinyID), /^[1-9]\d{0,18}$/);
        assert.ok(Number(data.instanceID) > 0);
        assert.equal(data.helloInterval, 1);
        assert.ok(Math.abs(Number(data.timeStamp) - Date.now() / 1_000) < 5);
        assert.equal(await accountStatus(userId), 'Imported');
        assert.equal(await world.status(userId), 'Online');

        await client.untilReceived('im_open_status.wshello', 3);
        assert.ok(client.sent().length <= MAX_START_FRAMES, `${client.sent().length} frames`);
        assertAllAnswered(client);
        assert.ok(client.frames.every((frame) => frame.form === form || frame.form === 'compressed'));
        const [opened, ...more] = client.traffic.filter(({ kind }) => kind === 'opened');
        assert.ok(opened && 'text' in opened && new URL(opened.text).pathname === path);
        assert.deepEqual(more, [], 'one connection');
      });
    }

    sdkTest(`${name}: logout, and the next login on the same object`, async (t) => {
      const client = await world.loggedIn(t, 'leaver', { package: name });
      await client.update({ nick: 'Leaver' });
      const { code } = await client.call('logout');
      assert.equal(code, 0);
      await client.untilEvent('SDK_NOT_READY');
      await world.untilStatus('leaver', 'Offline');
      await client.login('leaver', world.userSig('leaver'));
      assert.equal((await client.myProfile()).nick, 'Leaver');
      assert.equal(await world.status('leaver'), 'Online');
      await client.call('logout');
      await client.untilEvent('SDK_NOT_READY');

      await client.login('other', world.userSig('other'));
      const { userID, nick } = await client.update({ nick: 'Other' });
      assert.deepEqual([userID, nick], ['other', 'Other']);
      assert.deepEqual(await world.app.get('leaver'), { Tag_Profile_IM_Nick: 'Leaver' });
      assert.deepEqual(await world.app.get('other'), { Tag_Profile_IM_Nick: 'Other' });
      assert.equal(await world.status('leaver'), 'Offline');
      assert.equal(client.traffic.filter(({ kind }) => kind === 'opened').length, 1, 'on one connection');
    });

    sdkTest(`${name}: a login while logged in says so, and sends nothing`, async (t) => {
      const client = await world.loggedIn(t, 'twice', { package: name });
      const { data } = await client.call('login', { userID: 'twice', userSig: world.userSig('twice') });
      assert.equal(data.repeatLogin, true);
      assert.equal(client.sent('im_open_status.wslogin').length, 1);
      client.allowWarning(/login/i);
    });

    for (const { title, code, sigOf } of wrongSigs()) {
      sdkTest(`${name}: ${title} is refused with ${code}, the right UserSig is taken after it`, async (t) => {
        const client = await world.client(t, { package: name });
        const userId = `wrong-${code}-${name}`;
        const foreign = await world.server.createApp();
        const login = { userID: userId, userSig: sigOf({ app: world.app, foreign, userId }) };
        await assert.rejects(client.call('login', login), (error: Error & { code: number }) => {
          assert.equal(error.code, code);
          assert.match(error.message, /\w+ \w+/);
          return true;
        });
        client.allowWarning(new RegExp(`_login failed.*"code":${code}`), /onUserSigExpired/);
        assert.equal(client.eventsOf('SDK_READY').length, 0);
        assert.equal(client.eventsOf('KICKED_OUT').length, 0);
        assert.equal(await accountStatus(userId), 'NotImported', 'no account is made');

        await client.login(userId, world.userSig(userId));
        assert.equal((await client.update({ nick: 'in' })).nick, 'in');
      });
    }

    sdkTest(`${name}: an unknown app is refused with 70020`, async (t) => {
      const sdkAppId = 1_499_999_999;
      const client = await world.client(t, { package: name, sdkAppId });
      const login = { userID: 'ann', userSig: userSigOf({ sdkAppId, secretKey: 'any' }, 'ann') };
      await assert.rejects(client.call('login', login), { code: 70020 });
      client.allowWarning(/_login failed.*"code":70020/);
    });
  }
});

function assertAllAnswered(client: SdkClient): void {
  const answers = new Map(client.received().map((frame) => [`${frame.servcmd} ${frame.seq}`, frame]));
  for (const { servcmd, seq } of client.sent()) {
    assert.equal(answers.get(`${servcmd} ${seq}`)?.body.ErrorCode, 0, `answer to ${servcmd} ${seq}`);
  }
}

interface SigContext {
  readonly app: World<TestServer>['app'];
  readonly foreign: World<TestServer>['app'];
  readonly userId: string;
}

function wrongSigs(): readonly { title: string; code: number; sigOf: (context: SigContext) => string }[] {
  const nowSeconds = Math.floor(Date.now() / 1_000);
  return [
    { title: 'garbage', code: 70003, sigOf: () => 'eJwtzEELgjAYxvHvsnPYbeoT' },
    {
      title: "a UserSig by another app's key",
      code: 70009,
      sigOf: ({ app, foreign, userId }) => userSigOf({ ...app, secretKey: foreign.secretKey }, userId),
    },
    { title: "another user's UserSig", code: 70013, sigOf: ({ app }) => userSigOf(app, 'bea') },
    { title: "another app's UserSig", code: 70014, sigOf: ({ foreign, userId }) => userSigOf(foreign, userId) },
    {
      title: 'an expired UserSig',
      code: 70001,
      sigOf: ({ app, userId }) => userSigIssuedAt(app, userId, nowSeconds - 100, 50),
    },
  ];
}
