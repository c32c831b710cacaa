/** Connections that break while the server is there. `reconnect.long.ts` has those that just fall silent. */
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { nick } from '../support/live/test-app.ts';
import { userSigIssuedAt } from '../support/live/user-sig.ts';
import { until } from '../support/until.ts';
import { assertBack } from './support/assert-back.ts';
import { SDK_PACKAGES } from './support/message.ts';
import { startRelay } from './support/relay.ts';
import type { SdkClient } from './support/sdk-client.ts';
import { sdkTest } from './support/witness.ts';
import { startWorld } from './support/world.ts';

/** The SDK takes a connection that breaks within its first second for one that was refused. */
async function untilSettled(client: SdkClient): Promise<void> {
  await client.untilReceived('im_open_status.wshello');
}

describe('reconnect', { concurrency: 2 }, () => {
  for (const name of SDK_PACKAGES) {
    sdkTest(`${name}: is back at once after a reset`, async (t) => {
      const world = await startWorld(t, { flags: { clientHelloInterval: '2s' } });
      const relay = await startRelay(t, world.server.port);
      const client = await world.loggedIn(t, 'ann', { package: name, url: relay.url });
      await untilSettled(client);
      relay.cut();
      await world.set('ann', ...nick('meanwhile'));
      await client.untilEvent('NET_STATE_CHANGE', ({ state }) => state === 'connected');
      await assertBack(client, world, { userId: 'ann', seen: 'meanwhile', withinMs: 5_000 });
      assert.equal(client.traffic.filter(({ kind }) => kind === 'opened').length, 2);
    });

    sdkTest(`${name}: who comes back to find another in its place is told, and may log in again`, async (t) => {
      const flags = { clientHelloInterval: '2s' };
      const world = await startWorld(t, { flags, app: { maxSessionsPerPlatform: 1 } });
      const relay = await startRelay(t, world.server.port);
      const client = await world.loggedIn(t, 'ann', { package: name, url: relay.url });
      await untilSettled(client);
      await relay.stop();
      await world.untilStatus('ann', 'Offline');
      const other = await world.loggedIn(t, 'ann', { package: name, label: 'the other' });
      await relay.listen();
      client.allowWarning(/[kK]icked/, /SocketHandler\._onError/);
      await client.untilEvent('KICKED_OUT', ({ type }) => type === 'multipleAccount');
      await client.untilEvent('SDK_NOT_READY');
      assert.equal((await other.update({ nick: 'other' })).nick, 'other');
      other.allowWarning(/[kK]icked/);
      await client.login('ann', world.userSig('ann'));
      await other.untilEvent('KICKED_OUT', ({ type }) => type === 'multipleAccount');
      assert.equal((await client.myProfile()).nick, 'other');
    });

    sdkTest(`${name}: a UserSig that ran out meanwhile ends the session`, async (t) => {
      const world = await startWorld(t, { flags: { clientHelloInterval: '2s' } });
      const relay = await startRelay(t, world.server.port);
      const client = await world.client(t, { package: name, url: relay.url });
      const nowSeconds = Math.floor(Date.now() / 1_000);
      await client.login('ann', userSigIssuedAt(world.app, 'ann', nowSeconds, 3));
      await untilSettled(client);
      await until(() => Date.now() >= (nowSeconds + 4) * 1_000, { what: () => 'the end of the UserSig' });
      relay.cut();
      client.allowWarning(/onUserSigExpired/);
      // of the SDK: it leaves the promise of the login it makes by itself to nobody
      client.allowUncaught(/"code":70001/);
      await client.untilEvent('KICKED_OUT', ({ type }) => type === 'userSigExpired');
      await client.untilEvent('SDK_NOT_READY');
      assert.equal(await world.status('ann'), 'Offline');
      await client.login('ann', world.userSig('ann'));
      assert.equal((await client.update({ nick: 'again' })).nick, 'again');
    });
  }
});
