/** A stop does not wait for ever: takes as long as the patience of a stop, 10 s. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawConnection } from '../support/live/raw-socket.ts';
import { HANG, ok, startReceiver } from '../support/live/receiver.ts';
import { restQuery } from '../support/live/rest-call.ts';
import { nick } from '../support/live/test-app.ts';
import { startTestServer } from '../support/live/test-server.ts';
import { until } from '../support/until.ts';

test('POSTs that hang longer than the stop is patient are taken back, and repeated at no cost', async (t) => {
  let isHanging = true;
  const receiver = await startReceiver(t, ({ userId }) => (isHanging && userId === 'hanging' ? HANG : ok()));
  const server = await startTestServer(t);
  const app = await server.createApp();
  await app.addEndpoint(receiver.url, { timeoutMs: 30_000 });
  await app.importUsers('hanging', 'fine');
  for (const userId of ['hanging', 'fine', 'hanging']) await app.set(userId, nick('a'));
  await app.untilSettled('userId=fine');
  await receiver.untilReceived(1, 'hanging');
  const startedAt = performance.now();
  await server.close();
  const tookMs = performance.now() - startedAt;
  assert.ok(tookMs > 9_500 && tookMs < 15_000, `the stop took ${tookMs} ms`);
  isHanging = false;
  await server.start();
  await app.untilSettled();
  assert.equal(receiver.of('fine').length, 1);
  const [hung, ...after] = receiver.of('hanging');
  assert.deepEqual(
    after.map(({ sequence, attempt }) => [sequence, attempt]),
    [
      [1, 1],
      [2, 1],
    ],
    'our own stop costs no attempt',
  );
  assert.deepEqual([after[0]?.eventId, after[0]?.body], [hung?.eventId, hung?.body]);
});

test('a call whose body does not come to its end does not hold up a stop for ever', async (t) => {
  const server = await startTestServer(t);
  const app = await server.createApp();
  await app.importUsers('id1');
  const slow = await RawConnection.open(server.port);
  slow.send(
    `POST /v4/profile/portrait_set?${restQuery(app.caller())} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{`,
  );
  await app.set('id1', nick('a'));
  let isClosed = false;
  const closed = server.close().then(() => {
    isClosed = true;
  });
  try {
    await until(() => isClosed, { what: () => 'the stop', withinMs: 20_000 });
  } finally {
    slow.destroy();
    await closed;
  }
});
