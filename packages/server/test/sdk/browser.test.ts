/** The official packages where they live: in pages of a real browser. */
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { suiteOwner } from '../support/live/cleanup.ts';
import { type Receiver, startReceiver } from '../support/live/receiver.ts';
import { assertOk } from '../support/live/rest-call.ts';
import { nick } from '../support/live/test-app.ts';
import type { TestServer } from '../support/live/test-server.ts';
import { userSigOf } from '../support/live/user-sig.ts';
import { assertBack } from './support/assert-back.ts';
import { startBrowser, type TestBrowser } from './support/browser.ts';
import { freePort } from './support/free-port.ts';
import { SDK_PACKAGES } from './support/message.ts';
import { openSdkPage, type SdkPage, type SdkPageOptions } from './support/sdk-page.ts';
import { sdkTest } from './support/witness.ts';
import { startWorld, type World } from './support/world.ts';

describe('browser', { concurrency: 2 }, () => {
  const owner = suiteOwner();
  let browser: TestBrowser;
  let world: World<TestServer>;
  let receiver: Receiver;

  before(async () => {
    world = await startWorld(owner);
    receiver = await startReceiver(owner);
    await world.app.addEndpoint(receiver.url);
    browser = await startBrowser(owner);
  });

  type Overrides = Partial<SdkPageOptions> & { readonly world?: World<TestServer> };

  function page(
    t: Parameters<typeof openSdkPage>[0],
    { world: own = world, ...overrides }: Overrides,
  ): Promise<SdkPage> {
    return openSdkPage(t, { browser, url: own.server.url, sdkAppId: own.app.sdkAppId, ...overrides });
  }

  async function loggedIn(t: Parameters<typeof page>[0], userId: string, overrides: Overrides): Promise<SdkPage> {
    const { app } = overrides.world ?? world;
    const client = await page(t, { label: userId, ...overrides });
    await client.login(userId, userSigOf(app, userId));
    return client;
  }

  for (const name of SDK_PACKAGES) {
    for (const { devMode, path, form } of [
      { devMode: false, path: '/binfo', form: 'binary' },
      { devMode: true, path: '/info', form: 'text' },
    ]) {
      sdkTest(`${name} on ${path}: login, update with callback, event in another browser`, async (t) => {
        const userId = `page ${name} ${form}`.slice(0, 32);
        const one = await loggedIn(t, userId, { package: name, devMode });
        const other = await loggedIn(t, userId, { package: name });
        const [opened] = one.traffic;
        assert.ok(opened?.kind === 'opened' && new URL(opened.text).pathname === path);
        assert.ok(one.frames.every((frame) => frame.form === form || frame.form === 'compressed'));

        assert.equal((await one.update({ nick: 'Ann é😀', level: 3 })).nick, 'Ann é😀');
        const [callback] = await receiver.untilReceived(1, userId);
        assert.match(callback?.url ?? '', /&ClientIP=127\.0\.0\.1&OptPlatform=Web/);
        const { Operator_Account, From_Account, ProfileItem } = JSON.parse(callback?.body ?? '');
        assert.deepEqual(
          { Operator_Account, From_Account, ProfileItem },
          {
            Operator_Account: userId,
            From_Account: userId,
            ProfileItem: [...nick('Ann é😀'), { Tag: 'Tag_Profile_IM_Level', Value: 3 }],
          },
        );
        await other.untilUpdated(userId, { nick: 'Ann é😀', level: 3 });
        assert.equal((await other.myProfile()).level, 3);
      });
    }

    sdkTest(`${name}: a reload shows what was changed meanwhile, without asking for it`, async (t) => {
      const userId = `reload ${name}`;
      const client = await loggedIn(t, userId, { package: name });
      await client.update({ nick: 'old', level: 1 });
      await client.untilUpdated(userId, { nick: 'old' });
      const key = `TIM_${world.app.sdkAppId}_${userId}_profile`;
      assert.match((await client.storage())[key] ?? '', /"old"/, 'the SDK has put it into localStorage');
      const asked = client.sent('profile.portrait_get_all').length;

      await client.leave();
      await world.untilStatus(userId, 'Offline');
      await world.set(userId, ...nick('new'));
      await client.come();
      await client.login(userId, world.userSig(userId));
      const { nick: shown, level } = await client.untilUpdated(userId, { nick: 'new' });
      assert.deepEqual([shown, level], ['new', 1]);
      assert.equal((await client.myProfile()).nick, 'new');
      assert.equal(client.sent('profile.portrait_get_all').length, asked, 'it has not asked');

      await client.reload();
      await client.login(userId, world.userSig(userId));
      assert.equal((await client.myProfile()).nick, 'new');
    });

    sdkTest(`${name}: two pages of one browser see each other`, async (t) => {
      const userId = `two ${name}`;
      const context = await browser.newContext();
      t.after(() => context.close());
      const one = await loggedIn(t, userId, { package: name, context });
      const other = await loggedIn(t, userId, { package: name, context });
      await one.update({ nick: 'one' });
      await other.untilUpdated(userId, { nick: 'one' });
      await other.update({ nick: 'other' });
      await one.untilUpdated(userId, { nick: 'other' });
    });

    sdkTest(`${name}: a large answer comes compressed`, async (t) => {
      const client = await loggedIn(t, `reader ${name}`, { package: name });
      const userIds = Array.from({ length: 100 }, (_, number) => `many ${number}`);
      const AccountList = userIds.map((UserID) => ({ UserID, Nick: `nick of ${UserID}` }));
      assertOk(await world.app.call('im_open_login_svc/multiaccount_import', { AccountList }));
      const profiles = await client.profiles(...userIds);
      assert.deepEqual(
        profiles.map((profile) => profile.nick),
        userIds.map((userId) => `nick of ${userId}`),
      );
      assert.equal(client.received('profile.portrait_get_all').at(-1)?.form, 'compressed');
    });

    sdkTest(`${name}: is kicked over REST`, async (t) => {
      const userId = `kicked ${name}`;
      const client = await loggedIn(t, userId, { package: name });
      assertOk(await world.app.call('im_open_login_svc/kick', { UserID: userId }));
      client.allowWarning(/[kK]ick/);
      const { data } = await client.untilEvent('KICKED_OUT');
      assert.equal(data.type, 'REST_API_Kick');
      await world.untilStatus(userId, 'Offline');
    });

    sdkTest(`${name}: is back after a restart of the server`, async (t) => {
      const flags = { port: String(await freePort()), clientHelloInterval: '1s' };
      const own = await startWorld(t, { flags });
      const client = await loggedIn(t, 'ann', { package: name, world: own });
      await own.server.close();
      await own.server.start();
      await own.set('ann', ...nick('away'));
      await assertBack(client, own, { userId: 'ann', seen: 'away', withinMs: 30_000 });
    });
  }
});
