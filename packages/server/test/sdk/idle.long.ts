/** Official clients on which nobody does anything. */
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { nick } from '../support/live/test-app.ts';
import { SDK_PACKAGES } from './support/message.ts';
import type { SdkClient } from './support/sdk-client.ts';
import { sdkTest } from './support/witness.ts';
import { startWorld } from './support/world.ts';

const START_FRAMES = 25;

describe('idle', { concurrency: true }, () => {
  for (const name of SDK_PACKAGES) {
    sdkTest(`${name}: 30 times wshello, the idle traffic of ten minutes`, async (t) => {
      const world = await startWorld(t, { flags: { clientHelloInterval: '1s' } });
      const client = await world.loggedIn(t, 'ann', { package: name });
      await client.untilReceived('im_open_status.wshello', 30, 60_000);
      assertUndisturbed(client, START_FRAMES + 30);
      await world.set('ann', ...nick('still heard'));
      await client.untilUpdated('ann', { nick: 'still heard' });
    });

    sdkTest(`${name}: heartbeats alone keep a client above the idle limit`, async (t) => {
      const world = await startWorld(t, { flags: { clientHelloInterval: '10m', clientIdleTimeout: '15s' } });
      const client = await world.loggedIn(t, 'ann', { package: name });
      await client.untilReceived('heartbeat.alive', 8, 120_000);
      assertUndisturbed(client, START_FRAMES + 8);
      assert.equal(await world.status('ann'), 'Online');
      await world.set('ann', ...nick('still heard'));
      await client.untilUpdated('ann', { nick: 'still heard' });
    });

    sdkTest(`${name}: nobody logged in, and then somebody does`, async (t) => {
      const world = await startWorld(t, { flags: { clientLoginTimeout: '10s' } });
      const client = await world.client(t, { package: name });
      await client.untilReceived('heartbeat.alive', 3, 60_000);
      await client.login('ann', world.userSig('ann'));
      assert.equal((await client.update({ nick: 'late' })).nick, 'late');
    });
  }
});

/** One connection from first to last, each request answered well, and not too many of them. */
function assertUndisturbed(client: SdkClient, maxSent: number): void {
  assert.equal(client.traffic.filter(({ kind }) => kind === 'opened').length, 1);
  assert.equal(client.traffic.filter(({ kind }) => kind === 'closed').length, 0);
  assert.ok(client.sent().length <= maxSent, `${client.sent().length} requests`);
  const failed = client.received().filter(({ body }) => body.ErrorCode !== undefined && body.ErrorCode !== 0);
  assert.deepEqual(failed, []);
  assert.deepEqual(client.warnings, []);
}
