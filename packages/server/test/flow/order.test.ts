/** Order per user, users in parallel. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { suiteOwner } from '../support/live/cleanup.ts';
import { HistoryChecker } from '../support/live/history-checker.ts';
import { ok, type ReceiverScript, startReceiver, status } from '../support/live/receiver.ts';
import { recordedSet } from '../support/live/recorded-set.ts';
import { nick, type TestApp, type TestEndpoint } from '../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../support/live/test-server.ts';
import { until } from '../support/until.ts';

const TOKEN = 'order-token';

function checkerFor(app: TestApp, endpoint: TestEndpoint): HistoryChecker {
  const [signingSecret = ''] = endpoint.signingSecrets;
  return new HistoryChecker({ sdkAppId: app.sdkAppId, token: TOKEN, signingSecret });
}

function userIds(count: number): readonly string[] {
  return Array.from({ length: count }, (_, number) => `user${number}`);
}

describe('order', () => {
  const owner = suiteOwner();
  let server: TestServer;

  before(async () => {
    server = await startTestServer(owner);
  });

  /** Each user's changes one after the other, all users at once. */
  async function write(app: TestApp, checker: HistoryChecker, users: readonly string[], count: number): Promise<void> {
    await Promise.all(
      users.map(async (userId) => {
        for (let change = 1; change <= count; change += 1) {
          const outcome = await recordedSet(app, checker, { userId, value: `${userId}#${change}` });
          assert.equal(outcome, 'acknowledged');
        }
      }),
    );
  }

  test('a slow receiver gets each user in order, and many users at once', async (t) => {
    const receiver = await startReceiver(t, () => ok(15));
    const app = await server.createApp();
    const endpoint = await app.addEndpoint(receiver.url, { token: TOKEN });
    const checker = checkerFor(app, endpoint);
    receiver.onCallback = checker.received;
    const users = userIds(12);
    await app.importUsers(...users);
    await write(app, checker, users, 10);
    await receiver.untilReceived(120);
    await app.untilSettled();
    assert.deepEqual(checker.check(), {
      changes: 120,
      acknowledged: 120,
      unacknowledgedButStored: 0,
      callbacks: 120,
      repeats: 0,
    });
    assert.equal(Math.max(...receiver.callbacks.map(({ runningOfUser }) => runningOfUser)), 1);
    assert.ok(Math.max(...receiver.callbacks.map(({ running }) => running)) > 6, 'users run in parallel');
    assert.deepEqual(await app.get('user3'), { Tag_Profile_IM_Nick: 'user3#10' });
  });

  test('changes of one user that are sent at once get one sequence each', async (t) => {
    const receiver = await startReceiver(t, () => ok(2));
    const app = await server.createApp();
    const endpoint = await app.addEndpoint(receiver.url, { token: TOKEN });
    const checker = checkerFor(app, endpoint);
    receiver.onCallback = checker.received;
    await app.importUsers('one');
    const values = Array.from({ length: 50 }, (_, number) => `v${number}`);
    await Promise.all(values.map((value) => recordedSet(app, checker, { userId: 'one', value })));
    await receiver.untilReceived(50);
    await app.untilSettled();
    checker.check();
    const last = receiver.callbacks.at(-1);
    assert.deepEqual(await app.get('one'), { Tag_Profile_IM_Nick: last?.value });
  });

  test('no more POSTs run at a time than the endpoint allows', async (t) => {
    const receiver = await startReceiver(t, () => ok(10));
    const app = await server.createApp();
    await app.addEndpoint(receiver.url, { concurrency: 3 });
    const users = userIds(12);
    await app.importUsers(...users);
    await Promise.all(users.map((userId) => app.set(userId, nick('x'))));
    await receiver.untilReceived(12);
    assert.equal(Math.max(...receiver.callbacks.map(({ running }) => running)), 3);
  });

  test('a user whose callback hangs holds up nobody else, and goes on in order', async (t) => {
    const gate = Promise.withResolvers<void>();
    const script: ReceiverScript = async ({ userId, sequence }) => {
      if (userId === 'stuck' && sequence === 1) await gate.promise;
      return ok();
    };
    const receiver = await startReceiver(t, script);
    const app = await server.createApp();
    const endpoint = await app.addEndpoint(receiver.url, { token: TOKEN, timeoutMs: 30_000 });
    const checker = checkerFor(app, endpoint);
    receiver.onCallback = checker.received;
    await app.importUsers('stuck', 'free');
    await write(app, checker, ['stuck', 'free'], 5);
    await until(() => receiver.of('free').length === 5, { what: () => 'the callbacks of the other user' });
    assert.equal(receiver.of('stuck').length, 1);
    gate.resolve();
    await app.untilSettled();
    checker.check();
    assert.equal(receiver.callbacks.length, 10);
  });

  test('a user whose callback fails is passed by; his later changes wait and keep their order', async (t) => {
    let isBroken = true;
    const receiver = await startReceiver(t, ({ userId }) => (isBroken && userId === 'failing' ? status(500) : ok()));
    const app = await server.createApp();
    const endpoint = await app.addEndpoint(receiver.url, { token: TOKEN });
    const checker = checkerFor(app, endpoint);
    receiver.onCallback = checker.received;
    await app.importUsers('failing', 'fine');
    await write(app, checker, ['failing'], 3);
    await write(app, checker, ['fine'], 3);
    await app.untilSettled('userId=fine');
    const states = (await app.deliveries('userId=failing')).map(({ state }) => state);
    assert.deepEqual(states, ['retrying', 'waiting', 'waiting']);
    isBroken = false;
    await app.untilSettled();
    checker.check();
    const failing = receiver.of('failing').filter(({ sequence }) => sequence > 1);
    assert.deepEqual(
      failing.map(({ sequence, attempt }) => [sequence, attempt]),
      [
        [2, 1],
        [3, 1],
      ],
      'waiting costs no attempt',
    );
  });

  test('a backlog larger than the window drains in order', async (t) => {
    const receiver = await startReceiver(t);
    const app = await server.createApp();
    const endpoint = await app.addEndpoint(receiver.url, { token: TOKEN, state: 'paused' });
    const checker = checkerFor(app, endpoint);
    receiver.onCallback = checker.received;
    const users = userIds(40);
    await app.importUsers(...users);
    await write(app, checker, users, 30);
    await app.turnEndpoint(endpoint, 'resume');
    await receiver.untilReceived(1_200);
    await app.untilSettled();
    const { acknowledged, repeats } = checker.check();
    assert.deepEqual({ acknowledged, repeats }, { acknowledged: 1_200, repeats: 0 });
  });
});
