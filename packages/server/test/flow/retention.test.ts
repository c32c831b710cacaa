/** What is old goes by itself, and what a deleted account left is overwritten, while the server runs. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ok, startReceiver } from '../support/live/receiver.ts';
import { assertOk } from '../support/live/rest-call.ts';
import { nick, type TestApp } from '../support/live/test-app.ts';
import { startTestServer } from '../support/live/test-server.ts';
import { until } from '../support/until.ts';

async function deleteAccount(app: TestApp, userId: string): Promise<void> {
  assertOk(await app.call('im_open_login_svc/account_delete', { DeleteItem: [{ UserID: userId }] }));
}

describe('retention', { concurrency: 2 }, () => {
  test('settled deliveries go when they are old enough, owed ones never', async (t) => {
    const receiver = await startReceiver(t);
    const server = await startTestServer(t, { flags: { retention: '1s' } });
    const app = await server.createApp();
    await app.importUsers('id1');
    const endpoint = await app.addEndpoint(receiver.url, { state: 'paused' });
    for (const value of ['a', 'b', 'c']) await app.set('id1', nick(value));
    const { oldestEventAt } = (await app.admin('GET', '')).json;
    assert.equal(oldestEventAt, (await app.deliveries())[0]?.event.at);
    const other = await server.createApp();
    await other.importUsers('id1');
    await other.set('id1', nick('of nobody'));
    const isEmpty = async (one: TestApp): Promise<boolean> => (await one.admin('GET', '')).json.oldestEventAt === null;
    await until(() => isEmpty(other), { what: () => 'the app without endpoints to be emptied' });
    assert.equal((await app.deliveries()).length, 3, 'what the paused endpoint is owed is there, though as old');

    await app.turnEndpoint(endpoint, 'resume');
    await until(() => isEmpty(app), { what: () => 'what was delivered to go' });
    assert.deepEqual(
      receiver.callbacks.map(({ sequence }) => sequence),
      [1, 2, 3],
    );
    assert.deepEqual(await app.deliveries(), []);
    const late = await startReceiver(t);
    await app.addEndpoint(late.url, { startFrom: 'beginning' });
    await app.set('id1', nick('d'));
    await until(() => late.callbacks.length > 0 && receiver.callbacks.length > 3, { what: () => 'the next callback' });
    assert.deepEqual([late.callbacks[0]?.sequence, receiver.callbacks[3]?.sequence], [4, 4]);
  });

  test('a deleted account is overwritten when all is delivered, and is not sent to endpoints that come later', async (t) => {
    const bodies: string[] = [];
    const receiver = await startReceiver(t, ({ body }) => {
      bodies.push(body);
      return ok();
    });
    const server = await startTestServer(t);
    const app = await server.createApp();
    await app.importUsers('id1', 'id2');
    const endpoint = await app.addEndpoint(receiver.url, { state: 'paused' });
    await app.set('id1', nick('Ann'));
    await app.set('id2', nick('Bea'));
    await app.set('id1', nick('Cleo'));
    const owed = await app.deliveries();
    await deleteAccount(app, 'id1');
    await app.turnEndpoint(endpoint, 'resume');
    await app.untilSettled();
    assert.deepEqual(bodies.sort(), owed.map(({ event }) => event.body).sort(), 'what was owed came as it was');

    const erased = async (): Promise<readonly unknown[]> =>
      (await app.admin('GET', '/deliveries')).json.items.map(({ event }: { event: { erased?: true } }) => event.erased);
    await until(async () => (await erased()).filter((one) => one === true).length === 2, {
      what: () => 'two erased events',
    });
    const shown = JSON.stringify(await Promise.all(owed.map(({ deliveryId }) => app.delivery(deliveryId))));
    assert.doesNotMatch(shown, /Ann|Cleo/);
    assert.match(shown, /Bea/);

    const late = await startReceiver(t);
    const lateEndpoint = await app.addEndpoint(late.url, { startFrom: 'beginning' });
    const states = await app.untilSettled(`endpointId=${lateEndpoint.endpointId}`, ['delivered', 'skipped']);
    assert.deepEqual(
      states.map(({ userId, state, why }) => [userId, state, why?.code]),
      [
        ['id1', 'skipped', 'erased'],
        ['id2', 'delivered', undefined],
        ['id1', 'skipped', 'erased'],
      ],
    );
    assert.equal(late.callbacks.length, 1);
  });
});
