/** Endpoints come, change, pause and go, while changes go on. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { suiteOwner } from '../support/live/cleanup.ts';
import { HistoryChecker } from '../support/live/history-checker.ts';
import { HANG, ok, startReceiver, status } from '../support/live/receiver.ts';
import { recordedSet } from '../support/live/recorded-set.ts';
import { nick, TestApp } from '../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../support/live/test-server.ts';
import { until } from '../support/until.ts';

const TOKEN = 'endpoint-token';

describe('endpoints', () => {
  const owner = suiteOwner();
  let server: TestServer;

  before(async () => {
    server = await startTestServer(owner);
  });

  async function appWith(...userIds: readonly string[]): Promise<TestApp> {
    const app = await server.createApp();
    await app.importUsers(...userIds);
    return app;
  }

  async function setAll(app: TestApp, userId: string, values: readonly string[]): Promise<void> {
    for (const value of values) await app.set(userId, nick(value));
  }

  test('two of one app know nothing of each other, another app gets nothing', async (t) => {
    const broken = await startReceiver(t, () => status(500));
    const fine = await startReceiver(t);
    const foreign = await startReceiver(t);
    const app = await appWith('id1');
    const otherApp = await appWith('id1');
    await otherApp.addEndpoint(foreign.url);
    const [first, second] = [
      await app.addEndpoint(broken.url, { onDead: 'hold', maxAttempts: 1 }),
      await app.addEndpoint(fine.url),
    ];
    await setAll(app, 'id1', ['a', 'b', 'c']);
    await app.untilSettled(`endpointId=${second.endpointId}`);
    assert.deepEqual(
      fine.callbacks.map(({ value }) => value),
      ['a', 'b', 'c'],
    );
    const held = await app.untilSettled(`endpointId=${first.endpointId}`, ['held', 'waiting']);
    assert.deepEqual(
      held.map(({ state }) => state),
      ['held', 'waiting', 'waiting'],
    );
    assert.equal(broken.callbacks[0]?.eventId, fine.callbacks[0]?.eventId, 'one event, one webhook-id');
    assert.equal(foreign.callbacks.length, 0);
    assert.deepEqual(await otherApp.deliveries(), []);
  });

  test('one that does not want the command gets nothing', async (t) => {
    const [unwanted, wanted] = [await startReceiver(t), await startReceiver(t)];
    const app = await appWith('id1');
    const off = await app.addEndpoint(unwanted.url, { commands: [] });
    const on = await app.addEndpoint(wanted.url);
    await setAll(app, 'id1', ['a', 'b']);
    await app.untilSettled(`endpointId=${on.endpointId}`);
    const skipped = await app.untilSettled(`endpointId=${off.endpointId}`, ['skipped']);
    assert.equal(skipped.length, 2);
    await app.patchEndpoint(off, { commands: ['Profile.CallbackPortraitSet'] });
    await setAll(app, 'id1', ['c']);
    await app.untilSettled(`endpointId=${off.endpointId}`, ['skipped', 'delivered']);
    assert.deepEqual(
      unwanted.callbacks.map(({ value, sequence }) => [value, sequence]),
      [['c', 3]],
    );
  });

  test('one that is added later starts where startFrom says', async (t) => {
    const receivers = {
      beginning: await startReceiver(t),
      now: await startReceiver(t),
      moment: await startReceiver(t),
      future: await startReceiver(t),
    };
    const app = await appWith('id1', 'id2');
    await setAll(app, 'id1', ['a', 'b']);
    const told = (await app.deliveries()).map(({ endpointId, state, why }) => [endpointId, state, why?.code]);
    assert.deepEqual(told, Array(2).fill([null, 'skipped', 'no-endpoint']), 'the log says why nothing was sent');
    const moment = new Date(Date.now() + 1).toISOString();
    await until(() => new Date().toISOString() > moment, { what: () => 'the next millisecond' });
    await setAll(app, 'id2', ['c']);
    await app.addEndpoint(receivers.beginning.url, { startFrom: 'beginning' });
    await app.addEndpoint(receivers.now.url);
    await app.addEndpoint(receivers.moment.url, { startFrom: moment });
    await app.addEndpoint(receivers.future.url, { startFrom: '2999-01-01T00:00:00Z' });
    await setAll(app, 'id1', ['d']);
    await app.untilSettled('', ['delivered', 'skipped']);
    const values = Object.entries(receivers).map(([name, receiver]) => [
      name,
      receiver.callbacks.map(({ userId, sequence, value }) => `${userId}/${sequence} ${value}`).sort(),
    ]);
    assert.deepEqual(values, [
      ['beginning', ['id1/1 a', 'id1/2 b', 'id1/3 d', 'id2/1 c']],
      ['now', ['id1/3 d']],
      ['moment', ['id1/3 d', 'id2/1 c']],
      ['future', ['id1/3 d']],
    ]);
  });

  test('one that is paused gets nothing until it is resumed, and then everything in order', async (t) => {
    const [paused, running] = [await startReceiver(t), await startReceiver(t)];
    const app = await appWith('id1', 'id2');
    const endpoint = await app.addEndpoint(paused.url);
    const other = await app.addEndpoint(running.url);
    await setAll(app, 'id1', ['a']);
    await app.untilSettled();
    await app.turnEndpoint(endpoint, 'pause');
    await setAll(app, 'id1', ['b', 'c']);
    await setAll(app, 'id2', ['d']);
    await app.untilSettled(`endpointId=${other.endpointId}`);
    const waiting = await app.deliveries(`endpointId=${endpoint.endpointId}`);
    assert.deepEqual(
      waiting.map(({ state }) => state),
      ['delivered', 'pending', 'pending', 'pending'],
    );
    assert.equal(paused.callbacks.length, 1);
    await app.turnEndpoint(endpoint, 'resume');
    await app.untilSettled();
    assert.deepEqual(
      paused.of('id1').map(({ value }) => value),
      ['a', 'b', 'c'],
    );
    assert.equal(paused.of('id2').length, 1);
  });

  test('a retry that falls due while its endpoint is paused waits too', async (t) => {
    let isBroken = true;
    const receiver = await startReceiver(t, () => (isBroken ? status(500) : ok()));
    const app = await appWith('id1');
    const endpoint = await app.addEndpoint(receiver.url);
    await setAll(app, 'id1', ['a']);
    await app.untilSettled('', ['retrying']);
    await app.turnEndpoint(endpoint, 'pause');
    isBroken = false;
    const [parked] = await app.deliveries();
    const attempts = parked?.attempts.length ?? 0;
    const dueAt = Date.parse(parked?.nextTryAt ?? '');
    await until(() => Date.now() > dueAt + 20, { what: () => 'the retry to fall due' });
    assert.equal((await app.deliveries())[0]?.attempts.length, attempts);
    await app.turnEndpoint(endpoint, 'resume');
    await app.untilSettled();
    assert.equal(receiver.callbacks.length, attempts + 1);
  });

  test('a new URL, concurrency and time-out in the middle lose, double and reorder nothing', async (t) => {
    const [before, behind] = [await startReceiver(t, () => ok(3)), await startReceiver(t, () => ok(3))];
    const users = ['id0', 'id1', 'id2', 'id3', 'id4', 'id5'];
    const app = await appWith(...users);
    const endpoint = await app.addEndpoint(before.url, { token: TOKEN });
    const [signingSecret = ''] = endpoint.signingSecrets;
    const checker = new HistoryChecker({ sdkAppId: app.sdkAppId, token: TOKEN, signingSecret });
    before.onCallback = checker.received;
    behind.onCallback = checker.received;
    const writers = users.map(async (userId) => {
      for (let change = 1; change <= 30; change += 1) {
        await recordedSet(app, checker, { userId, value: `${userId}#${change}` });
      }
    });
    await before.untilReceived(20);
    await app.patchEndpoint(endpoint, { url: behind.url });
    await behind.untilReceived(20);
    await app.patchEndpoint(endpoint, { concurrency: 2 });
    await app.patchEndpoint(endpoint, { timeoutMs: 9_000, maxAttempts: 3, url: before.url });
    await app.patchEndpoint(endpoint, { url: behind.url, concurrency: 64 });
    await Promise.all(writers);
    await app.untilSettled();
    const { acknowledged, repeats } = checker.check();
    assert.deepEqual({ acknowledged, repeats }, { acknowledged: 180, repeats: 0 });
  });

  test('one that is removed with POSTs under way gets nothing more; the other goes on', async (t) => {
    const [removed, other] = [await startReceiver(t, () => HANG), await startReceiver(t)];
    const app = await appWith('id1', 'id2');
    const endpoint = await app.addEndpoint(removed.url, { timeoutMs: 30_000 });
    const kept = await app.addEndpoint(other.url);
    await setAll(app, 'id1', ['a', 'b']);
    await setAll(app, 'id2', ['c']);
    await removed.untilReceived(2);
    await app.removeEndpoint(endpoint);
    await setAll(app, 'id1', ['d']);
    const deliveries = await app.untilSettled();
    assert.deepEqual([...new Set(deliveries.map(({ endpointId }) => endpointId))], [kept.endpointId]);
    assert.equal(removed.callbacks.length, 2);
    assert.deepEqual(
      other.of('id1').map(({ value }) => value),
      ['a', 'b', 'd'],
    );
    assert.equal((await app.admin('GET', `/endpoints/${endpoint.endpointId}`)).status, 404);
  });

  test('an app that is removed under load and made anew begins anew', async (t) => {
    const receiver = await startReceiver(t);
    const users = Array.from({ length: 8 }, (_, number) => `id${number}`);
    const app = await appWith(...users);
    await app.addEndpoint(receiver.url);
    let isGone = false;
    const writers = users.map(async (userId) => {
      for (let change = 0; !isGone; change += 1) {
        const { reply } = await app.call('profile/portrait_set', {
          From_Account: userId,
          ProfileItem: nick(String(change)),
        });
        assert.ok([0, 40003, 70020].includes(reply.ErrorCode), reply.ErrorInfo);
      }
    });
    await receiver.untilReceived(50);
    assert.equal((await app.admin('DELETE', '')).status, 204);
    isGone = true;
    await Promise.all(writers);
    const anew = await TestApp.create(server, { sdkAppId: app.sdkAppId });
    assert.deepEqual((await anew.admin('GET', '/users')).json.items, [], 'its users are gone');
    const fresh = await startReceiver(t);
    await anew.addEndpoint(fresh.url, { startFrom: 'beginning' });
    await anew.importUsers(...users);
    for (let change = 0; change < 20; change += 1) {
      await Promise.all(users.map((userId) => anew.set(userId, nick(`new${change}`))));
    }
    await anew.untilSettled();
    for (const userId of users) {
      assert.deepEqual(
        fresh.of(userId).map(({ sequence, value }) => [sequence, value]),
        Array.from({ length: 20 }, (_, change) => [change + 1, `new${change}`]),
      );
    }
  });

  test('an app that is removed does not come back with a restart', async (t) => {
    const own = await startTestServer(t);
    const receiver = await startReceiver(t);
    const app = await own.createApp();
    await app.addEndpoint(receiver.url);
    await app.importUsers('id1', 'id2');
    for (const value of ['a', 'b']) for (const userId of ['id1', 'id2']) await app.set(userId, nick(value));
    await app.untilSettled();
    assert.equal((await app.admin('DELETE', '')).status, 204);
    await own.close();
    await own.start();
    assert.equal((await app.admin('GET', '')).status, 404);
    const anew = await TestApp.create(own, { sdkAppId: app.sdkAppId });
    await anew.addEndpoint(receiver.url, { startFrom: 'beginning' });
    assert.deepEqual((await anew.admin('GET', '/users')).json.items, []);
    await anew.importUsers('id1');
    assert.deepEqual(await anew.get('id1'), {});
    await anew.set('id1', nick('c'));
    await anew.untilSettled();
    assert.deepEqual(
      receiver.callbacks.slice(4).map(({ userId, sequence, value }) => [userId, sequence, value]),
      [['id1', 1, 'c']],
    );
    assert.equal(new Set(receiver.callbacks.map(({ eventId }) => eventId)).size, 5, 'no webhook-id is given out twice');
  });
});
