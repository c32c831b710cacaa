/** One delivery sent again by a person. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { type Owner, suiteOwner } from '../support/live/cleanup.ts';
import { ok, type Receiver, type ReceiverScript, startReceiver, status } from '../support/live/receiver.ts';
import { nick, type ShownDelivery, type TestApp, type TestEndpoint } from '../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../support/live/test-server.ts';
import { until } from '../support/until.ts';

describe('redeliver', { concurrency: true }, () => {
  const owner = suiteOwner();
  let server: TestServer;

  before(async () => {
    server = await startTestServer(owner);
  });

  async function prepare(
    testOwner: Owner,
    script: ReceiverScript,
    settings: Readonly<Record<string, unknown>> = {},
  ): Promise<{ receiver: Receiver; app: TestApp; endpoint: TestEndpoint }> {
    const receiver = await startReceiver(testOwner, script);
    const app = await server.createApp();
    const endpoint = await app.addEndpoint(receiver.url, settings);
    await app.importUsers('id1', 'id2');
    return { receiver, app, endpoint };
  }

  const untilStates = (app: TestApp, ...states: readonly string[]): Promise<readonly ShownDelivery[]> =>
    until(
      async () => {
        const deliveries = await app.deliveries();
        return deliveries.map(({ state }) => state).join() === states.join() && deliveries;
      },
      { what: () => `deliveries to be ${states}` },
    );

  const redeliver = async (app: TestApp, delivery: ShownDelivery | undefined): Promise<ShownDelivery> => {
    const answer = await app.admin('POST', `/deliveries/${delivery?.deliveryId}/redeliver`);
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
  };

  /** `number outcome` of each attempt */
  const attemptsOf = ({ attempts }: ShownDelivery): readonly string[] =>
    attempts.map(({ number, outcome }) => `${number} ${outcome}`);

  test('what was delivered comes once more: same bytes, same webhook-id, the next attempt number', async (t) => {
    const { receiver, app } = await prepare(t, () => ok());
    await app.set('id1', nick('a'));
    const [delivery] = await app.untilSettled();
    const again = await redeliver(app, delivery);
    assert.deepEqual([again.state, attemptsOf(again)], ['delivered', ['1 delivered', '2 delivered']]);
    const [first, second] = receiver.callbacks;
    assert.deepEqual(
      [second?.eventId, second?.body, second?.sequence, second?.attempt],
      [first?.eventId, first?.body, 1, 2],
    );
    assert.deepEqual(await app.delivery(again.deliveryId), again);
    assert.equal(attemptsOf(await redeliver(app, delivery)).at(-1), '3 delivered');
  });

  test('what is dead is delivered when it arrives at last, and dead while it does not', async (t) => {
    let isBroken = true;
    const { app } = await prepare(t, () => (isBroken ? status(500) : ok()), { maxAttempts: 1 });
    await app.set('id1', nick('a'));
    const [dead] = await untilStates(app, 'dead');
    const failed = await redeliver(app, dead);
    assert.deepEqual([failed.state, attemptsOf(failed)], ['dead', ['1 dead', '2 dead']]);
    assert.equal(failed.attempts.at(-1)?.reason, 'status');
    isBroken = false;
    const arrived = await redeliver(app, dead);
    assert.deepEqual([arrived.state, attemptsOf(arrived)], ['delivered', ['1 dead', '2 dead', '3 delivered']]);
  });

  test('what an endpoint was not to get, because it is older, can be sent to it', async (t) => {
    const { app, endpoint } = await prepare(t, () => ok());
    await app.set('id1', nick('a'));
    await app.untilSettled();
    const late = await startReceiver(t);
    const second = await app.addEndpoint(late.url);
    const skipped = (await app.deliveries()).find(({ endpointId }) => endpointId === second.endpointId);
    assert.equal(skipped?.state, 'skipped');
    const sent = await redeliver(app, skipped);
    assert.deepEqual([sent.state, attemptsOf(sent)], ['delivered', ['1 delivered']]);
    assert.deepEqual([late.callbacks.length, late.callbacks[0]?.attempt], [1, 1]);
    assert.notEqual(endpoint.endpointId, second.endpointId);
  });

  test('what is retrying is tried now: if it arrives, what waits behind comes by itself, in order', async (t) => {
    let isBroken = true;
    const { receiver, app } = await prepare(t, () => (isBroken ? status(503, { 'retry-after': '3000' }) : ok()));
    for (const value of ['a', 'b', 'c']) await app.set('id1', nick(value));
    const [first, second] = await untilStates(app, 'retrying', 'waiting', 'waiting');
    const refused = await app.admin('POST', `/deliveries/${second?.deliveryId}/redeliver`);
    assert.deepEqual(
      [refused.status, refused.json.detail],
      [409, 'it comes by itself, and is waiting: waits behind change #1 of the same user, which is tried again'],
    );
    const failed = await redeliver(app, first);
    assert.deepEqual([failed.state, attemptsOf(failed)], ['retrying', ['1 failed', '2 failed']]);
    assert.equal(failed.nextTryAt, first?.nextTryAt, 'it keeps its next try');
    isBroken = false;
    const arrived = await redeliver(app, first);
    assert.equal(arrived.state, 'delivered');
    await app.untilSettled();
    assert.deepEqual(
      receiver.callbacks.map(({ sequence, attempt }) => [sequence, attempt]),
      [
        [1, 1],
        [1, 2],
        [1, 3],
        [2, 1],
        [3, 1],
      ],
    );
  });

  test('a retrying delivery is not killed by a person, however often he tries', async (t) => {
    const { app } = await prepare(t, () => status(503, { 'retry-after': '3000' }), { maxAttempts: 2 });
    await app.set('id1', nick('a'));
    const [first] = await untilStates(app, 'retrying');
    for (const number of [2, 3, 4]) {
      const failed = await redeliver(app, first);
      assert.deepEqual([failed.state, attemptsOf(failed).at(-1)], ['retrying', `${number} failed`]);
    }
  });

  test('what is held is tried now, and stays held if it fails', async (t) => {
    let isBroken = true;
    const { app } = await prepare(t, () => (isBroken ? status(500) : ok()), { maxAttempts: 1, onDead: 'hold' });
    await app.set('id1', nick('a'));
    await app.set('id1', nick('b'));
    const [held] = await untilStates(app, 'held', 'waiting');
    assert.equal((await redeliver(app, held)).state, 'held');
    isBroken = false;
    assert.equal((await redeliver(app, held)).state, 'delivered');
    await app.untilSettled();
  });

  test('what is pending comes by itself, and why it has not yet is told', async (t) => {
    const { app, endpoint } = await prepare(t, () => ok());
    await app.turnEndpoint(endpoint, 'pause');
    await app.set('id1', nick('a'));
    await app.set('id1', nick('b'));
    const [first, second] = await untilStates(app, 'pending', 'pending');
    const details = [];
    for (const delivery of [first, second]) {
      const refused = await app.admin('POST', `/deliveries/${delivery?.deliveryId}/redeliver`);
      details.push([refused.status, refused.json.detail]);
    }
    assert.deepEqual(details, [
      [409, 'it comes by itself, and is pending: the endpoint is paused'],
      [409, 'it comes by itself, and is pending: the endpoint is paused'],
    ]);
    await app.turnEndpoint(endpoint, 'resume');
    await app.untilSettled();
  });

  test('a person may send to a paused endpoint', async (t) => {
    const { receiver, app, endpoint } = await prepare(t, () => ok());
    await app.set('id1', nick('a'));
    const [delivery] = await app.untilSettled();
    await app.turnEndpoint(endpoint, 'pause');
    await redeliver(app, delivery);
    assert.equal(receiver.callbacks.length, 2);
  });

  test('never two callbacks at a time for a user, though many send: live changes and redeliveries', async (t) => {
    const { receiver, app } = await prepare(t, () => ok(5));
    await app.set('id1', nick('start'));
    const [delivery] = await app.untilSettled();
    const changes = Array.from({ length: 20 }, (_, number) => app.set('id1', nick(`v${number}`)));
    const again = Array.from({ length: 10 }, () => redeliver(app, delivery));
    await Promise.all([...changes, ...again]);
    await app.untilSettled();
    assert.equal(Math.max(...receiver.of('id1').map(({ runningOfUser }) => runningOfUser)), 1);
    const numbers = receiver.of('id1').filter(({ sequence }) => sequence === 1);
    assert.deepEqual(
      numbers.map(({ attempt }) => attempt),
      Array.from({ length: 11 }, (_, index) => index + 1),
      'each attempt has a number of its own',
    );
    const fresh = receiver.of('id1').filter(({ sequence }) => sequence > 1);
    assert.deepEqual(
      fresh.map(({ sequence }) => sequence),
      Array.from({ length: 20 }, (_, index) => index + 2),
    );
  });

  test('a redelivery is not sent where there is no such delivery, and takes no body', async (t) => {
    const { app } = await prepare(t, () => ok());
    await app.set('id1', nick('a'));
    const [delivery] = await app.untilSettled();
    const path = `/deliveries/${delivery?.deliveryId}`;
    assert.equal((await app.admin('POST', '/deliveries/dlv_x/redeliver')).status, 404);
    assert.equal((await app.admin('POST', `${path}x/redeliver`)).status, 404);
    assert.equal((await app.admin('POST', `${path}/redeliver`, { now: true })).status, 400);
    assert.equal((await app.admin('POST', `${path}/redeliver?now=true`)).status, 400);
    const other = await server.createApp();
    assert.equal((await other.admin('POST', `${path}/redeliver`)).status, 404);
  });
});
