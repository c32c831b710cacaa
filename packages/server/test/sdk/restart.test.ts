/** A server that goes away under official clients and comes back; `restart.long.ts` does it with the default settings. */
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { startChildServer } from '../support/live/child-server.ts';
import { nick } from '../support/live/test-app.ts';
import { until } from '../support/until.ts';
import { assertBack } from './support/assert-back.ts';
import { freePort } from './support/free-port.ts';
import { SDK_PACKAGES } from './support/message.ts';
import { sdkTest } from './support/witness.ts';
import { startWorld, World } from './support/world.ts';

const WITHIN_MS = 15_000;

describe('restart', { concurrency: 2 }, () => {
  for (const name of SDK_PACKAGES) {
    sdkTest(`${name}: a clean stop and a start`, async (t) => {
      const flags = { port: String(await freePort()), clientHelloInterval: '1s' };
      const world = await startWorld(t, { flags });
      const ann = await world.loggedIn(t, 'ann', { package: name });
      const bea = await world.loggedIn(t, 'bea', { package: name, devMode: true });
      for (const seen of ['away 1', 'away 2']) {
        await world.server.close();
        await world.server.start();
        await world.set('ann', ...nick(seen));
        await world.set('bea', ...nick(seen));
        await assertBack(ann, world, { userId: 'ann', seen, withinMs: WITHIN_MS });
        await assertBack(bea, world, { userId: 'bea', seen, withinMs: WITHIN_MS });
      }
    });

    sdkTest(`${name}: kill -9`, async (t) => {
      const args = ['--port', String(await freePort()), '--client-hello-interval', '1s'];
      const server = await startChildServer(t, { args });
      const world = await World.on(server);
      const client = await world.loggedIn(t, 'ann', { package: name });
      await client.update({ nick: 'before' });
      await server.end('SIGKILL');
      await server.start();
      assert.deepEqual(await world.app.get('ann'), { Tag_Profile_IM_Nick: 'before' });
      await world.set('ann', ...nick('away'));
      await assertBack(client, world, { userId: 'ann', seen: 'away', withinMs: WITHIN_MS });
    });

    sdkTest(`${name}: a call while the server is away is answered when it is back`, async (t) => {
      const world = await startWorld(t, { flags: { port: String(await freePort()), clientHelloInterval: '1s' } });
      const client = await world.loggedIn(t, 'ann', { package: name });
      await world.server.close();
      await client.untilEvent('NET_STATE_CHANGE', ({ state }) => state === 'disconnected');
      const updated = client.update({ nick: 'patient' });
      await world.server.start();
      assert.equal((await updated).nick, 'patient');
      assert.deepEqual(await world.app.get('ann'), { Tag_Profile_IM_Nick: 'patient' });
      await world.set('ann', ...nick('seen'));
      await assertBack(client, world, { userId: 'ann', seen: 'seen', withinMs: WITHIN_MS });
    });

    sdkTest(`${name}: who lost the session while the server was away is told`, async (t) => {
      const world = await startWorld(t, { flags: { port: String(await freePort()), clientHelloInterval: '1s' } });
      const older = await world.loggedIn(t, 'ann', { package: name });
      const younger = await world.loggedIn(t, 'ann', { package: name });
      await world.app.admin('PATCH', '', { maxSessionsPerPlatform: 1 });
      await world.server.close();
      await world.server.start();
      older.allowWarning(/./);
      await older.untilEvent('KICKED_OUT', ({ type }) => type === 'multipleAccount');
      await world.set('ann', ...nick('the younger stays'));
      await assertBack(younger, world, { userId: 'ann', seen: 'the younger stays', withinMs: WITHIN_MS });
    });

    sdkTest(`${name}: who was kicked over REST while away is told, and may come again`, async (t) => {
      const world = await startWorld(t, { flags: { port: String(await freePort()), clientHelloInterval: '1s' } });
      const client = await world.loggedIn(t, 'ann', { package: name });
      await world.server.close();
      await world.server.start();
      await world.app.call('im_open_login_svc/kick', { UserID: 'ann' });
      const kickedAtMs = Date.now();
      client.allowWarning(/./);
      // of the SDK: it leaves the promise of the login it makes by itself to nobody
      client.allowUncaught(/"code":70001/);
      await client.untilEvent('KICKED_OUT', ({ type }) => type === 'userSigExpired');
      await client.untilEvent('SDK_NOT_READY');
      assert.equal(await world.status('ann'), 'Offline');
      await until(() => Date.now() > kickedAtMs + 1_000, { what: () => 'the next second' });
      await client.login('ann', world.userSig('ann'));
      assert.equal((await client.update({ nick: 'again' })).nick, 'again');
      assert.equal(await world.status('ann'), 'Online');
    });
  }
});
