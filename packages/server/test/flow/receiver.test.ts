/** The receiver library behind a real socket, fed by the real server: late handlers, gaps, changes that come late. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { createHandler, type HandlerOptions, profilePatch } from '@portrait/receiver';
import { nodeHandler } from '@portrait/receiver/node';
import { sqliteStore } from '@portrait/receiver/sqlite';
import { createSender } from '@portrait/receiver/testing';
import { atEnd } from '../support/live/cleanup.ts';
import { nick } from '../support/live/test-app.ts';
import { startTestServer } from '../support/live/test-server.ts';
import { until } from '../support/until.ts';

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const TOKEN = 'mytoken';
/** So that no attempt is lost to a machine that does other things too. */
const PATIENT_MS = 30_000;

/** A server with an app, a user, and a receiver that is its endpoint. */
async function start(t: TestContext, options: Partial<HandlerOptions>, endpoint: object = {}) {
  const server = await startTestServer(t);
  const app = await server.createApp();
  await app.importUsers('alice');
  const errors: string[] = [];
  const database = new DatabaseSync(':memory:');
  const receiver = createHandler({
    sdkAppId: app.sdkAppId,
    token: TOKEN,
    signingSecrets: [SECRET],
    store: sqliteStore(database),
    answerWithinMs: PATIENT_MS,
    onError: (error) => void errors.push(String(error)),
    onRejected: ({ reason }) => void errors.push(reason),
    ...options,
  });
  const listener = createServer(nodeHandler(receiver));
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  atEnd(t, async () => {
    listener.closeAllConnections();
    listener.close();
    await once(listener, 'close');
    database.close();
  });
  const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/callback`;
  await app.addEndpoint(url, { token: TOKEN, signingSecrets: [SECRET], ...endpoint });
  return { app, url, errors };
}

test('a handler that outlasts the sender is answered 503, runs once, and its later attempt is OK', async (t) => {
  let runs = 0;
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const { app, errors } = await start(t, {
    answerWithinMs: 50,
    on: {
      'Profile.CallbackPortraitSet': async () => {
        runs += 1;
        await ended;
      },
    },
  });
  await app.set('alice', nick('Alice'));
  await until(() => errors.length > 0, { what: () => 'the sender was told to come again' });
  end();
  const [delivery] = await app.untilSettled();
  const statuses = (await app.delivery(delivery?.deliveryId ?? '')).attempts.map(({ status }) => status);
  assert.deepEqual([runs, statuses[0], statuses.at(-1)], [1, 503, 200]);
  assert.match(errors[0] ?? '', /^LateError/);
});

test('a change that died is a gap for the next one, and comes late when it is sent again', async (t) => {
  const seen: unknown[] = [];
  let isDown = false;
  const { app, url, errors } = await start(
    t,
    {
      on: {
        'Profile.CallbackPortraitSet': (event, { sequence }) => {
          if (isDown) throw new Error('down');
          seen.push(['run', sequence, profilePatch(event).nick]);
        },
      },
      onGap: (_event, { sequence, lastSequence }) => void seen.push(['gap', lastSequence, sequence]),
      onStale: (_event, { sequence, lastSequence }) => void seen.push(['stale', lastSequence, sequence]),
    },
    { maxAttempts: 1, timeoutMs: PATIENT_MS },
  );
  await app.set('alice', nick('1'));
  await app.untilSettled();
  isDown = true;
  await app.set('alice', nick('2'));
  const [, dead] = await app.untilSettled('', ['delivered', 'dead']);
  isDown = false;
  await app.set('alice', nick('3'));
  await app.untilSettled('', ['delivered', 'dead']);
  assert.ok(dead?.state === 'dead');
  const { eventId: webhookId, sequence, userId, event } = dead;
  const sender = createSender({ sdkAppId: app.sdkAppId, url, token: TOKEN, signingSecrets: [SECRET] });
  const again = await sender.send({ webhookId, sequence, userId, body: event.body });
  assert.deepEqual([again.status, again.ok], [200, true]);
  assert.deepEqual(seen, [
    ['run', 1, '1'],
    ['gap', 1, 3],
    ['run', 3, '3'],
    ['stale', 3, 2],
  ]);
  assert.deepEqual(errors, ['Error: down']);
});

test('what the server sends today is good by every policy', async (t) => {
  for (const require of ['body-signature', 'either', 'token', 'none'] as const) {
    const proofs: string[] = [];
    const { app, errors } = await start(t, {
      require,
      on: { 'Profile.CallbackPortraitSet': (_event, { provedBy }) => void proofs.push(provedBy) },
    });
    await app.set('alice', nick('Alice'));
    await app.untilSettled();
    assert.deepEqual([proofs, errors], [[require === 'either' ? 'body-signature' : require], []]);
  }
});
