/** Connections that fall silent: neither side is told that the other is gone. */
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { nick } from '../support/live/test-app.ts';
import { assertBack } from './support/assert-back.ts';
import { SDK_PACKAGES } from './support/message.ts';
import { startRelay } from './support/relay.ts';
import { sdkTest } from './support/witness.ts';
import { startWorld } from './support/world.ts';

/** 10 s without a frame, 3 s without an answer to heartbeat.alive, and time for the login. */
const WITHIN_MS = 30_000;

describe('silent connections', { concurrency: true }, () => {
  for (const name of SDK_PACKAGES) {
    sdkTest(`${name}: the client finds out and is back; its old connection is let go without a word`, async (t) => {
      const world = await startWorld(t, { flags: { clientHelloInterval: '2s', clientIdleTimeout: '20s' } });
      const relay = await startRelay(t, world.server.port);
      const client = await world.loggedIn(t, 'ann', { package: name, url: relay.url });
      await client.untilReceived('im_open_status.wshello');
      relay.silence();
      await world.set('ann', ...nick('meanwhile'));
      assert.equal(await world.status('ann'), 'Online', 'not yet noticed');
      await assertBack(client, world, { userId: 'ann', seen: 'meanwhile', withinMs: WITHIN_MS });
      // until after the idle limit of the old connection
      await client.untilReceived(
        'im_open_status.wshello',
        client.received('im_open_status.wshello').length + 12,
        40_000,
      );
      assert.equal(await world.status('ann'), 'Online');
      assert.deepEqual(client.eventsOf('KICKED_OUT'), []);
      await world.set('ann', ...nick('still heard'));
      await client.untilUpdated('ann', { nick: 'still heard' });
    });

    sdkTest(`${name}: a client that is gone without a word is offline after the idle limit`, async (t) => {
      const world = await startWorld(t, { flags: { clientIdleTimeout: '15s' } });
      const relay = await startRelay(t, world.server.port);
      const client = await world.loggedIn(t, 'ann', { package: name, url: relay.url });
      relay.silence();
      await client.close();
      assert.equal(await world.status('ann'), 'Online', 'not yet noticed');
      await world.untilStatus('ann', 'Offline', WITHIN_MS);
    });
  }
});
