/** One node on PostgreSQL does what one on the embedded store does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ok, startReceiver, status } from '../support/live/receiver.ts';
import { nick } from '../support/live/test-app.ts';
import { startTestServer } from '../support/live/test-server.ts';
import { testDatabase } from '../support/postgres.ts';

test('a change that is answered is stored and arrives, in order, also behind a failure', async (t) => {
  const databaseUrl = await testDatabase(t);
  const receiver = await startReceiver(t, ({ sequence, attempt }) =>
    sequence === 2 && attempt === 1 ? status(500) : ok(),
  );
  const server = await startTestServer(t, { flags: { databaseUrl } });
  const app = await server.createApp();
  await app.addEndpoint(receiver.url);
  await app.importUsers('alice', 'bob');
  for (const value of ['a', 'b', 'c']) await app.set('alice', nick(value));
  await app.set('bob', nick('d'));
  assert.deepEqual(await app.get('alice'), { Tag_Profile_IM_Nick: 'c' });
  await app.untilSettled();
  const accepted = receiver.callbacks.filter(
    ({ acceptedAtMs, userId }) => acceptedAtMs !== undefined && userId === 'alice',
  );
  assert.deepEqual(
    accepted.map(({ sequence, value }) => [sequence, value]),
    [
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ],
  );
});

test('what was not delivered before a stop arrives after the next start', async (t) => {
  const databaseUrl = await testDatabase(t);
  const receiver = await startReceiver(t, () => ok());
  const server = await startTestServer(t, { flags: { databaseUrl } });
  const app = await server.createApp();
  const endpoint = await app.addEndpoint(receiver.url);
  await app.turnEndpoint(endpoint, 'pause');
  await app.importUsers('alice');
  for (const value of ['a', 'b']) await app.set('alice', nick(value));
  await server.close();
  await server.start();
  await app.turnEndpoint(endpoint, 'resume');
  await app.untilSettled();
  assert.deepEqual(
    receiver.callbacks.map(({ sequence }) => sequence),
    [1, 2],
  );
});
