/** How sessions of the official clients end against their will. */
import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { suiteOwner } from '../support/live/cleanup.ts';
import { assertOk } from '../support/live/rest-call.ts';
import { nick, type TestApp } from '../support/live/test-app.ts';
import type { TestServer } from '../support/live/test-server.ts';
import { userSigIssuedAt, userSigOf } from '../support/live/user-sig.ts';
import { until } from '../support/until.ts';
import { SDK_PACKAGES } from './support/message.ts';
import type { SdkClient } from './support/sdk-client.ts';
import { sdkTest } from './support/witness.ts';
import { startWorld, World } from './support/world.ts';

/** The SDK's own codes of calls after a kick. */
const AFTER = { multipleAccount: 3003, REST_API_Kick: 3006, userSigExpired: 3004 } as const;

const LOGGED = [/[kK]ick/, /updateMyProfile/, /onUserSigExpired/, /_hello error: .*"code":70001/, /Oops! code:300\d/];

describe('kick', { concurrency: 2 }, () => {
  const owner = suiteOwner();
  let world: World<TestServer>;

  before(async () => {
    world = await startWorld(owner);
  });

  async function untilKicked(client: SdkClient, type: keyof typeof AFTER): Promise<void> {
    client.allowWarning(...LOGGED);
    const { data } = await client.untilEvent('KICKED_OUT');
    assert.equal(data.type, type);
    await client.untilEvent('SDK_NOT_READY');
    await assert.rejects(client.update({ nick: 'after' }), { code: AFTER[type] });
  }

  /** UserSigs count seconds, and one of the second of the kick falls with it. @returns one that was issued later */
  async function freshUserSig(app: TestApp, userId: string, kickedAtMs: number): Promise<string> {
    const kickSecond = Math.floor(kickedAtMs / 1_000);
    await until(() => Math.floor(Date.now() / 1_000) > kickSecond, { what: () => 'the next second' });
    return userSigOf(app, userId);
  }

  for (const name of SDK_PACKAGES) {
    sdkTest(`${name}: over REST, all sessions of the user`, async (t) => {
      const userId = `kicked of ${name}`;
      const oldSig = world.userSig(userId);
      const clients = [
        await world.loggedIn(t, userId, { package: name }),
        await world.loggedIn(t, userId, { package: name, devMode: true }),
      ];
      const [client] = clients;
      assert.ok(client);
      const bystander = await world.loggedIn(t, 'bystander', { package: name });
      assertOk(await world.app.call('im_open_login_svc/kick', { UserID: userId }));
      const kickedAtMs = Date.now();
      await Promise.all(clients.map((one) => untilKicked(one, 'REST_API_Kick')));
      assert.equal(await world.status(userId), 'Offline');
      assert.deepEqual(await world.app.get(userId), {}, 'nothing was written after the kick');

      await assert.rejects(client.call('login', { userID: userId, userSig: oldSig }), { code: 70001 });
      client.allowWarning(/_login failed.*"code":70001/);
      await client.login(userId, await freshUserSig(world.app, userId, kickedAtMs));
      assert.equal((await client.update({ nick: 'back' })).nick, 'back');
      await world.untilStatus(userId, 'Online');
      assert.equal((await bystander.update({ nick: 'unharmed' })).nick, 'unharmed');
    });

    sdkTest(`${name}: by the next login where one session is allowed, to and fro`, async (t) => {
      const single = await World.on(world.server, { maxSessionsPerPlatform: 1 });
      const userId = `single of ${name}`;
      const first = await single.loggedIn(t, userId, { package: name });
      const second = await single.loggedIn(t, userId, { package: name });
      await untilKicked(first, 'multipleAccount');
      assert.equal((await second.update({ nick: 'second' })).nick, 'second');
      await single.set(userId, ...nick('pushed'));
      await second.untilUpdated(userId, { nick: 'pushed' });

      await first.login(userId, single.userSig(userId));
      await untilKicked(second, 'multipleAccount');
      assert.equal((await first.myProfile()).nick, 'pushed');
      assert.equal((await first.update({ nick: 'first' })).nick, 'first');
      assert.equal(await single.status(userId), 'Online');
      assert.deepEqual(await single.app.get(userId), { Tag_Profile_IM_Nick: 'first' });
    });

    sdkTest(`${name}: the limit can be set while clients are online`, async (t) => {
      const limited = await World.on(world.server);
      const userId = `limited of ${name}`;
      const first = await limited.loggedIn(t, userId, { package: name });
      const second = await limited.loggedIn(t, userId, { package: name });
      const changed = await limited.app.admin('PATCH', '', { maxSessionsPerPlatform: 1 });
      assert.equal(changed.status, 200, changed.text);
      await second.update({ nick: 'still there' });
      await first.untilUpdated(userId, { nick: 'still there' });
      const third = await limited.loggedIn(t, userId, { package: name });
      await Promise.all([untilKicked(first, 'multipleAccount'), untilKicked(second, 'multipleAccount')]);
      assert.equal((await third.update({ nick: 'third' })).nick, 'third');
    });

    sdkTest(`${name}: when the UserSig runs out, at the next request`, async (t) => {
      const userId = `expiring of ${name}`;
      const client = await world.client(t, { package: name });
      const expiresAtMs = await loginFor(client, world.app, { userId, seconds: 2 });
      assert.equal((await client.update({ nick: 'in time' })).nick, 'in time');
      await until(() => Date.now() > expiresAtMs, { what: () => 'the end of the UserSig' });
      client.allowWarning(...LOGGED);
      await assert.rejects(client.update({ nick: 'too late' }), { code: 70001 });
      await untilKicked(client, 'userSigExpired');
      assert.deepEqual(await world.app.get(userId), { Tag_Profile_IM_Nick: 'in time' });
      await client.login(userId, world.userSig(userId));
      assert.equal((await client.update({ nick: 'again' })).nick, 'again');
    });

    sdkTest(`${name}: when the UserSig runs out, at the next wshello of an idle client`, async (t) => {
      const greeting = await startWorld(t, { flags: { clientHelloInterval: '1s' } });
      const client = await greeting.client(t, { package: name });
      const expiresAtMs = await loginFor(client, greeting.app, { userId: 'idle', seconds: 2 });
      await untilKicked(client, 'userSigExpired');
      assert.ok(Date.now() > expiresAtMs);
      await client.login('idle', greeting.userSig('idle'));
      assert.equal((await client.update({ nick: 'again' })).nick, 'again');
    });

    sdkTest(`${name}: when the account is deleted`, async (t) => {
      const userId = `deleted of ${name}`;
      const client = await world.loggedIn(t, userId, { package: name });
      await client.update({ nick: 'before', level: 3 });
      const body = { DeleteItem: [{ UserID: userId }] };
      assertOk(await world.app.call('im_open_login_svc/account_delete', body));
      const deletedAtMs = Date.now();
      await untilKicked(client, 'REST_API_Kick');
      await client.login(userId, await freshUserSig(world.app, userId, deletedAtMs));
      const { nick: shown, level } = await client.myProfile();
      assert.deepEqual([shown, level], ['', 0]);
    });
  }
});

/** Log in with a UserSig of a few seconds. @returns when it has run out for sure, Unix milliseconds */
async function loginFor(
  client: SdkClient,
  app: TestApp,
  { userId, seconds }: { readonly userId: string; readonly seconds: number },
): Promise<number> {
  const nowSeconds = Math.floor(Date.now() / 1_000);
  await client.login(userId, userSigIssuedAt(app, userId, nowSeconds, seconds));
  return (nowSeconds + seconds + 1) * 1_000;
}
