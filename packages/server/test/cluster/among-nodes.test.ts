/** What is done through one node is seen by the others. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loginRawClient } from '../support/live/raw-client.ts';
import { ok, startReceiver } from '../support/live/receiver.ts';
import { nick, type TestApp } from '../support/live/test-app.ts';
import { until } from '../support/until.ts';
import { appOf, startTwo, WITHIN_MS } from './cluster.ts';

const NICK = 'Tag_Profile_IM_Nick';

for (const [kind, flags] of [
  ['with hints', {}],
  ['portable', { portableSql: 'on' }],
] as const) {
  describe(`two nodes, ${kind}`, { concurrency: 2 }, () => {
    test('settings made, changed and removed at one node count at the other', async (t) => {
      const nodes = await startTwo(t, flags);
      const [a, b] = await appOf(nodes);
      const receiver = await startReceiver(t, () => ok());
      const endpoint = await a.addEndpoint(receiver.url);
      const shownAtB = async () => (await b.admin('GET', `/endpoints/${endpoint.endpointId}`)).json;
      await until(async () => (await shownAtB()).url === receiver.url, {
        what: () => 'the endpoint',
        withinMs: WITHIN_MS,
      });
      await a.patchEndpoint(endpoint, { timeoutMs: 1_234 });
      await until(async () => (await shownAtB()).timeoutMs === 1_234, {
        what: () => 'its timeout',
        withinMs: WITHIN_MS,
      });
      await b.turnEndpoint(endpoint, 'pause');
      const stateAtA = async () => (await a.admin('GET', `/endpoints/${endpoint.endpointId}`)).json.state;
      await until(async () => (await stateAtA()) === 'paused', { what: () => 'the pause', withinMs: WITHIN_MS });
      await a.removeEndpoint(endpoint);
      await until(async () => (await b.admin('GET', `/endpoints/${endpoint.endpointId}`)).status === 404, {
        what: () => 'the removal',
        withinMs: WITHIN_MS,
      });
    });

    test('changes at either node arrive once, and both read what the other wrote', async (t) => {
      const nodes = await startTwo(t, flags);
      const apps = await appOf(nodes);
      const [a, b] = apps;
      const receiver = await startReceiver(t, () => ok());
      await a.addEndpoint(receiver.url);
      const users = Array.from({ length: 20 }, (_, number) => `user${number}`);
      await a.importUsers(...users);
      for (const [index, userId] of users.entries()) {
        await (apps[index % 2] as TestApp).set(userId, nick('one'));
        await (apps[(index + 1) % 2] as TestApp).set(userId, nick('two'));
        assert.deepEqual(await a.get(userId), { [NICK]: 'two' });
      }
      await b.untilSettled();
      assert.equal(receiver.callbacks.length, 40);
      for (const userId of users) {
        const own = receiver.callbacks.filter((callback) => callback.userId === userId);
        assert.deepEqual(
          own.map(({ sequence, value }) => [sequence, value]),
          [
            [1, 'one'],
            [2, 'two'],
          ],
        );
      }
    });

    test('deliveries are sent again whichever node is asked, alone and as a job', async (t) => {
      const nodes = await startTwo(t, flags);
      const [a, b] = await appOf(nodes);
      const receiver = await startReceiver(t, () => ok());
      const endpoint = await a.addEndpoint(receiver.url);
      const { endpointId } = endpoint;
      await until(async () => (await b.admin('GET', `/endpoints/${endpointId}`)).status === 200, {
        what: () => 'the endpoint at the other node',
        withinMs: WITHIN_MS,
      });
      const users = Array.from({ length: 12 }, (_, number) => `user${number}`);
      await a.importUsers(...users);
      for (const userId of users) await a.set(userId, nick('one'));
      const deliveries = await b.untilSettled();
      for (const [index, { deliveryId }] of deliveries.entries()) {
        const answer = await (index % 2 === 0 ? a : b).admin('POST', `/deliveries/${deliveryId}/redeliver`);
        assert.equal(answer.status, 200, answer.text);
      }
      assert.equal(receiver.callbacks.length, 24);
      const asked = { endpointId, from: '2020-01-01T00:00:00Z', ratePerSecond: 1_000 };
      const job = await b.admin('POST', '/replay', asked);
      assert.ok(job.status < 300, job.text);
      await until(() => receiver.callbacks.length === 36, {
        what: () => `36 callbacks, got ${receiver.callbacks.length}`,
      });
      const shown = async () => (await a.admin('GET', `/replays/${job.json.jobId}`)).json;
      await until(async () => (await shown()).state === 'done', { what: () => 'the end of the job' });
      const { delivered, failed } = await shown();
      assert.deepEqual([delivered, failed], [12, 0]);
    });

    test('a client is told of changes and of a forced logout through the other node, and reads its own feed', async (t) => {
      const nodes = await startTwo(t, flags);
      const [, b] = nodes;
      const [appA, appB] = await appOf(nodes);
      await appA.importUsers('alice', 'bob');
      const client = await loginRawClient(t, { server: b, app: appB }, { userId: 'alice' });
      const other = await loginRawClient(t, { server: b, app: appB }, { userId: 'bob' });
      await appA.set('alice', nick('last'));
      await client.untilPushed(NICK, 'last');
      await appB.set('alice', nick('own'));
      await client.untilPushed(NICK, 'own');
      assert.ok(other.pushes.every((items) => items[NICK] === ''));
      await appA.call('im_open_login_svc/kick', { UserID: 'alice' });
      await client.untilKicked();
      assert.equal(other.kick, undefined);
    });
  });
}
