/** kill -9 at chosen moments. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startChildServer } from '../support/live/child-server.ts';
import { HANG, ok, startReceiver, status } from '../support/live/receiver.ts';
import { nick, TestApp } from '../support/live/test-app.ts';
import { until } from '../support/until.ts';

test('what was settled behind a POST that hangs is not sent again after a crash', async (t) => {
  let isBroken = true;
  const receiver = await startReceiver(t, ({ userId, sequence }) => {
    if (isBroken && userId === 'hanging') return HANG;
    return isBroken && userId === 'mixed' && sequence === 3 ? status(500) : ok();
  });
  const server = await startChildServer(t);
  const app = await TestApp.create(server);
  await app.addEndpoint(receiver.url, { timeoutMs: 30_000 });
  await app.importUsers('hanging', 'mixed', 'fine');
  await app.set('hanging', nick('a'));
  for (const value of ['a', 'b', 'c', 'd']) await app.set('mixed', nick(value));
  await app.set('fine', nick('a'));
  await app.untilSettled('userId=mixed', ['delivered', 'retrying', 'waiting']);
  await app.untilSettled('userId=fine');
  await server.end('SIGKILL');
  isBroken = false;
  await server.start();
  await app.untilSettled();
  const accepted = receiver.callbacks.filter(({ acceptedAtMs }) => acceptedAtMs !== undefined);
  assert.deepEqual(accepted.map(({ userId, sequence }) => `${userId}/${sequence}`).sort(), [
    'fine/1',
    'hanging/1',
    'mixed/1',
    'mixed/2',
    'mixed/3',
    'mixed/4',
  ]);
  assert.deepEqual(
    accepted.filter(({ userId }) => userId === 'mixed').map(({ sequence }) => sequence),
    [1, 2, 3, 4],
  );
});

test('a POST whose answer the crash swallowed is sent again, the same', async (t) => {
  const gate = Promise.withResolvers<void>();
  let isFirst = true;
  const receiver = await startReceiver(t, async () => {
    if (isFirst) await gate.promise;
    return ok();
  });
  const server = await startChildServer(t);
  const app = await TestApp.create(server);
  await app.addEndpoint(receiver.url, { timeoutMs: 30_000 });
  await app.importUsers('id1');
  await app.set('id1', nick('a'));
  await receiver.untilReceived(1);
  await server.end('SIGKILL');
  isFirst = false;
  gate.resolve();
  await server.start();
  await app.untilSettled();
  const [first, second] = receiver.callbacks;
  assert.ok(first && second && receiver.callbacks.length === 2);
  assert.deepEqual(
    [second.eventId, second.body, second.sequence, second.attempt],
    [first.eventId, first.body, 1, 1],
    'a crash costs no attempt',
  );
  await until(() => second.acceptedAtMs !== undefined, { what: () => 'the answer' });
});
