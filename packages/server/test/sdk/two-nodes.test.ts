/** Official clients on two nodes see what they see on one. */
import assert from 'node:assert/strict';
import { startTwo, WITHIN_MS } from '../cluster/cluster.ts';
import { adminCall, nick } from '../support/live/test-app.ts';
import { until } from '../support/until.ts';
import { SDK_PACKAGES } from './support/message.ts';
import { sdkTest } from './support/witness.ts';
import { World } from './support/world.ts';

for (const name of SDK_PACKAGES) {
  sdkTest(`${name}: pushes, and the next login where one session is allowed, at the other node`, async (t) => {
    const [a, b] = await startTwo(t);
    const world = await World.on(a, { maxSessionsPerPlatform: 1 });
    await until(async () => (await adminCall(b, 'GET', `/apps/${world.app.sdkAppId}`)).status === 200, {
      what: () => 'the app at the other node',
      withinMs: WITHIN_MS,
    });
    const userId = `moving ${name}`;
    const first = await world.loggedIn(t, userId, { package: name });
    const second = await world.loggedIn(t, userId, { package: name, url: b.url });
    first.allowWarning(/[kK]ick/, /updateMyProfile/, /Oops! code:300\d/);
    const { data } = await first.untilEvent('KICKED_OUT');
    assert.equal(data.type, 'multipleAccount');
    await first.untilEvent('SDK_NOT_READY');
    await assert.rejects(first.update({ nick: 'after' }), { code: 3003 });
    assert.equal(await world.status(userId), 'Online');
    await world.set(userId, ...nick('pushed'));
    await second.untilUpdated(userId, { nick: 'pushed' });
    assert.equal((await second.update({ nick: 'second' })).nick, 'second');
    second.allowWarning(/[kK]ick/, /Oops! code:300\d/);
    await world.app.call('im_open_login_svc/kick', { UserID: userId });
    assert.equal((await second.untilEvent('KICKED_OUT')).data.type, 'REST_API_Kick');
    assert.equal(await world.status(userId), 'Offline');
  });
}
