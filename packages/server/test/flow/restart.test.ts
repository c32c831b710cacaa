/** A clean stop, and what the next start goes on with. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HistoryChecker } from '../support/live/history-checker.ts';
import { RawConnection } from '../support/live/raw-socket.ts';
import { HANG, ok, type ReceivedCallback, type Receiver, startReceiver, status } from '../support/live/receiver.ts';
import { recordedSet } from '../support/live/recorded-set.ts';
import { nick, type TestApp, type TestEndpoint } from '../support/live/test-app.ts';
import { startTestServer } from '../support/live/test-server.ts';
import { until } from '../support/until.ts';

const TOKEN = 'restart-token';

function checkerFor(app: TestApp, { signingSecrets: [signingSecret = ''] }: TestEndpoint): HistoryChecker {
  return new HistoryChecker({ sdkAppId: app.sdkAppId, token: TOKEN, signingSecret });
}

function shapeOf({ eventId, body, sequence }: ReceivedCallback): object {
  return { eventId, body, sequence };
}

/** Callbacks that are under way at the receiver now. */
async function untilRunning(receiver: Receiver, count: number): Promise<void> {
  await until(() => (receiver.callbacks.at(-1)?.running ?? 0) >= count, { what: () => `${count} POSTs under way` });
}

describe('restart', { concurrency: true }, () => {
  test('what is pending, retried or behind a retry goes on, with the same webhook-id and bytes', async (t) => {
    let isBroken = true;
    const receiver = await startReceiver(t, ({ userId }) => (isBroken && userId === 'parked' ? status(500) : ok()));
    const later = await startReceiver(t);
    const server = await startTestServer(t);
    const app = await server.createApp();
    const endpoint = await app.addEndpoint(receiver.url, { token: TOKEN });
    const pausedEndpoint = await app.addEndpoint(later.url, { state: 'paused' });
    const checker = checkerFor(app, endpoint);
    receiver.onCallback = checker.received;
    await app.importUsers('parked', 'fine');
    for (const value of ['a', 'b', 'c']) {
      await recordedSet(app, checker, { userId: 'parked', value: `parked ${value}` });
      await recordedSet(app, checker, { userId: 'fine', value: `fine ${value}` });
    }
    await app.untilSettled(`userId=fine&endpointId=${endpoint.endpointId}`);
    const byEndpoint = `endpointId=${endpoint.endpointId}`;
    await app.untilSettled(`userId=parked&${byEndpoint}`, ['retrying', 'waiting']);
    await server.close();
    const failed = receiver.of('parked');
    assert.ok(failed.every(({ sequence }) => sequence === 1));
    isBroken = false;
    await server.start();
    await app.untilSettled(byEndpoint);
    checker.check();
    assert.equal(receiver.of('fine').length, 3, 'what was settled is not repeated');
    const retried = receiver.of('parked').filter(({ sequence }) => sequence === 1);
    assert.deepEqual(
      retried.map(({ attempt }) => attempt),
      retried.map((_, index) => index + 1),
      'attempts go on counting',
    );
    const pending = await app.deliveries(`endpointId=${pausedEndpoint.endpointId}`);
    assert.ok(pending.length === 6 && pending.every(({ state }) => state === 'pending'), 'paused it stays');
    await app.turnEndpoint(pausedEndpoint, 'resume');
    await app.untilSettled();
    assert.deepEqual(
      later.of('fine').map(({ value }) => value),
      ['fine a', 'fine b', 'fine c'],
    );
  });

  test('a user who is held stays held', async (t) => {
    const receiver = await startReceiver(t, ({ userId }) => (userId === 'held' ? status(500) : ok()));
    const server = await startTestServer(t);
    const app = await server.createApp();
    await app.addEndpoint(receiver.url, { maxAttempts: 1, onDead: 'hold' });
    await app.importUsers('held', 'fine');
    for (const value of ['a', 'b']) await app.set('held', nick(value));
    await app.untilSettled('', ['held', 'waiting']);
    await server.close();
    await server.start();
    await app.set('held', nick('c'));
    await app.set('fine', nick('d'));
    await app.untilSettled('userId=fine');
    const held = await app.untilSettled('userId=held', ['held', 'waiting']);
    assert.deepEqual(
      held.map(({ state }) => state),
      ['held', 'waiting', 'waiting'],
    );
    assert.equal(receiver.of('held').length, 1);
  });

  test('POSTs that are answered while the server stops are not repeated', async (t) => {
    const gate = Promise.withResolvers<void>();
    const receiver = await startReceiver(t, async ({ userId }) => {
      if (userId.startsWith('slow')) await gate.promise;
      return ok();
    });
    const server = await startTestServer(t);
    const app = await server.createApp();
    const endpoint = await app.addEndpoint(receiver.url, { token: TOKEN, timeoutMs: 30_000 });
    const checker = checkerFor(app, endpoint);
    receiver.onCallback = checker.received;
    const users = ['slow1', 'slow2', 'slow3', 'fast'];
    await app.importUsers(...users);
    for (const userId of users) await recordedSet(app, checker, { userId, value: `${userId} a` });
    for (const userId of users) await recordedSet(app, checker, { userId, value: `${userId} b` });
    await untilRunning(receiver, 3);
    await until(() => receiver.of('fast').length === 2, { what: () => 'the fast user' });
    const closed = server.close();
    gate.resolve();
    await closed;
    const before = receiver.callbacks.length;
    await server.start();
    await app.untilSettled();
    const { repeats } = checker.check();
    assert.equal(repeats, 0);
    assert.ok(before >= 5 && receiver.callbacks.length === 8);
  });

  test('POSTs that time out while the server stops are failures, and are repeated', async (t) => {
    let isHanging = true;
    const receiver = await startReceiver(t, () => (isHanging ? HANG : ok()));
    const server = await startTestServer(t);
    const app = await server.createApp();
    await app.addEndpoint(receiver.url, { timeoutMs: 1_000 });
    await app.importUsers('id1', 'id2');
    await app.set('id1', nick('a'));
    await app.set('id2', nick('b'));
    await receiver.untilReceived(2);
    const startedAt = performance.now();
    await server.close();
    assert.ok(performance.now() - startedAt < 8_000, 'the stop waits for the time-out, not for its own patience');
    isHanging = false;
    await server.start();
    await app.untilSettled();
    for (const userId of ['id1', 'id2']) {
      const [hung, repeated] = receiver.of(userId);
      assert.ok(hung && repeated);
      assert.deepEqual(shapeOf(repeated), shapeOf(hung));
      assert.equal(repeated.attempt, 2);
    }
  });

  test('calls that are answered while the server stops are stored and delivered after the next start', async (t) => {
    const receiver = await startReceiver(t, () => ok(1));
    const server = await startTestServer(t);
    const app = await server.createApp();
    const endpoint = await app.addEndpoint(receiver.url, { token: TOKEN });
    const checker = checkerFor(app, endpoint);
    receiver.onCallback = checker.received;
    const users = Array.from({ length: 8 }, (_, number) => `id${number}`);
    await app.importUsers(...users);
    for (let round = 0; round < 3; round += 1) {
      const writers = users.map(async (userId) => {
        for (let change = 0; ; change += 1) {
          const outcome = await recordedSet(app, checker, { userId, value: `${userId} ${round}.${change}` });
          if (outcome !== 'acknowledged') return;
        }
      });
      const enough = receiver.callbacks.length + 100;
      await receiver.untilReceived(enough);
      const startedAt = performance.now();
      await server.close();
      const tookMs = performance.now() - startedAt;
      assert.ok(tookMs < 9_000, `nothing hangs, and the stop took ${tookMs} ms`);
      await Promise.all(writers);
      await server.start();
    }
    await app.untilSettled();
    const { repeats, unacknowledgedButStored, acknowledged } = checker.check();
    assert.ok(acknowledged > 300);
    assert.equal(repeats, 0, 'a clean stop repeats nothing');
    assert.equal(unacknowledgedButStored, 0, 'a clean stop answers what it stored');
    for (const userId of users) {
      const { Tag_Profile_IM_Nick: value } = await app.get(userId);
      assert.ok(checker.finalValues(userId).includes(String(value)), `${userId} has ${value}`);
    }
  });

  test('connections on which nothing is in hand do not hold up a stop', async (t) => {
    const server = await startTestServer(t);
    const app = await server.createApp();
    await app.importUsers('id1');
    const silent = await Promise.all([1, 2, 3].map(() => RawConnection.open(server.port)));
    silent[1]?.send('POST /v4/profile/portrait_set HTTP/1.1\r\n');
    await app.set('id1', nick('a'));
    let isClosed = false;
    const closed = server.close().then(() => {
      isClosed = true;
    });
    try {
      await until(() => isClosed, { what: () => 'the stop', withinMs: 9_000 });
    } finally {
      for (const connection of silent) connection.destroy();
      await closed;
    }
  });
});
