/** An endpoint that is down, comes back, comes and goes, or is gone, seen from outside. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { suiteOwner } from '../support/live/cleanup.ts';
import { HistoryChecker } from '../support/live/history-checker.ts';
import { HANG, ok, startReceiver, status } from '../support/live/receiver.ts';
import { recordedSet } from '../support/live/recorded-set.ts';
import { nick, type TestApp, type TestEndpoint } from '../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../support/live/test-server.ts';
import { until } from '../support/until.ts';

const TOKEN = 'outage-token';

interface ShownEvent {
  readonly kind: string;
  readonly reason?: string;
  readonly detail?: string;
}

/** Oldest first. */
async function eventsOf(app: TestApp, { endpointId }: TestEndpoint): Promise<readonly ShownEvent[]> {
  const { json } = await app.admin('GET', `/endpoints/${endpointId}/events?limit=200`);
  return json.items.toReversed();
}

async function kindsOf(app: TestApp, endpoint: TestEndpoint): Promise<readonly string[]> {
  return (await eventsOf(app, endpoint)).map(({ kind }) => kind);
}

async function untilState(app: TestApp, { endpointId }: TestEndpoint, state: string): Promise<void> {
  let seen: { state?: string; circuit?: { state: string } } = {};
  await until(
    async () => {
      seen = (await app.admin('GET', `/endpoints/${endpointId}`)).json;
      return seen.state === state;
    },
    { what: () => `the endpoint to be ${state}, not ${JSON.stringify(seen)}` },
  );
}

function checkerFor(app: TestApp, { signingSecrets: [signingSecret = ''] }: TestEndpoint): HistoryChecker {
  return new HistoryChecker({ sdkAppId: app.sdkAppId, token: TOKEN, signingSecret });
}

function names(count: number): readonly string[] {
  return Array.from({ length: count }, (_, number) => `id${number}`);
}

async function importAll(app: TestApp, userIds: readonly string[]): Promise<void> {
  for (let first = 0; first < userIds.length; first += 100) {
    await app.call('im_open_login_svc/multiaccount_import', { Accounts: userIds.slice(first, first + 100) });
  }
}

describe('an outage', { concurrency: true }, () => {
  const owner = suiteOwner();
  let server: TestServer;

  before(async () => {
    server = await startTestServer(owner);
  });

  test('changes made while the endpoint is down arrive in order soon after it is back, and none is dead', async (t) => {
    const receiver = await startReceiver(t);
    const app = await server.createApp();
    const endpoint = await app.addEndpoint(receiver.url, { token: TOKEN });
    const checker = checkerFor(app, endpoint);
    receiver.onCallback = checker.received;
    const users = names(120);
    await importAll(app, users);
    await receiver.stop();
    for (let change = 1; change <= 3; change += 1) {
      await Promise.all(users.map((userId) => recordedSet(app, checker, { userId, value: `${userId}#${change}` })));
    }
    await untilState(app, endpoint, 'open');
    const pending = await app.deliveries('state=pending');
    assert.ok(pending.length > 0 && pending.every(({ why }) => why?.code === 'circuit-open'), 'the log says why');
    await receiver.listen();
    await app.turnEndpoint(endpoint, 'resume');
    const backAt = performance.now();
    await until(() => checker.isAllAccepted, { what: () => `${checker.missing().length} changes`, withinMs: 20_000 });
    await app.untilSettled();
    const { acknowledged, repeats } = checker.check();
    assert.deepEqual({ acknowledged, repeats }, { acknowledged: 360, repeats: 0 });
    assert.ok(performance.now() - backAt < 20_000);
    const events = await eventsOf(app, endpoint);
    assert.deepEqual(
      events.filter(({ kind }) => kind !== 'circuit-half-open').map(({ kind, reason }) => [kind, reason]),
      [
        ['created', 'person'],
        ['circuit-opened', 'connect'],
        ['resumed', 'person'],
        ['circuit-closed', undefined],
      ],
    );
    await untilState(app, endpoint, 'active');
  });

  test('an event that fails by itself is dead in its time, and the endpoint stays active for the others', async (t) => {
    const receiver = await startReceiver(t, ({ userId, sequence }) =>
      userId === 'poison' && sequence === 1 ? status(500) : ok(),
    );
    const app = await server.createApp();
    const endpoint = await app.addEndpoint(receiver.url, { maxAttempts: 3 });
    await app.importUsers('poison', 'id1', 'id2');
    for (const value of ['a', 'b']) for (const userId of ['poison', 'id1', 'id2']) await app.set(userId, nick(value));
    const deliveries = await app.untilSettled('', ['delivered', 'dead']);
    assert.deepEqual(
      deliveries.filter(({ state }) => state === 'dead').map(({ userId, sequence }) => [userId, sequence]),
      [['poison', 1]],
    );
    assert.deepEqual(await kindsOf(app, endpoint), ['created']);
  });

  test('an endpoint that answers 410 is paused, and gets everything when a person resumes it', async (t) => {
    let isGone = true;
    const receiver = await startReceiver(t, () => (isGone ? status(410) : ok()));
    const app = await server.createApp();
    const endpoint = await app.addEndpoint(receiver.url, { token: TOKEN, maxAttempts: 1 });
    const checker = checkerFor(app, endpoint);
    await app.importUsers('id1', 'id2');
    await recordedSet(app, checker, { userId: 'id1', value: 'first' });
    await untilState(app, endpoint, 'paused');
    const shown = (await app.admin('GET', `/endpoints/${endpoint.endpointId}`)).json;
    assert.equal(shown.stateReason, 'gone');
    const sent = receiver.callbacks.length;
    for (const userId of ['id1', 'id2']) await recordedSet(app, checker, { userId, value: `${userId} later` });
    const [first] = await app.deliveries('userId=id1');
    assert.deepEqual([first?.state, first?.attempts[0]?.status], ['retrying', 410]);
    assert.equal(receiver.callbacks.length, sent);
    isGone = false;
    receiver.onCallback = checker.received;
    await app.turnEndpoint(endpoint, 'resume');
    await app.untilSettled();
    assert.equal(checker.check().callbacks, 3);
    assert.deepEqual(await kindsOf(app, endpoint), ['created', 'gone', 'resumed']);
  });

  test('changes of a single user survive an endpoint that is down, whatever his attempts', async (t) => {
    const receiver = await startReceiver(t);
    await receiver.stop();
    const app = await server.createApp();
    const endpoint = await app.addEndpoint(receiver.url, { token: TOKEN, maxAttempts: 6 });
    const checker = checkerFor(app, endpoint);
    receiver.onCallback = checker.received;
    await app.importUsers('id1');
    for (const value of ['a', 'b', 'c']) await recordedSet(app, checker, { userId: 'id1', value });
    // the pauses of his own attempts come first: up to 1 s, 5 s, 30 s, 2 min. A person need not wait for them
    await until(
      async () => {
        const [first] = await app.deliveries('userId=id1');
        return (first?.attempts.length ?? 0) >= 2;
      },
      { what: () => 'two attempts' },
    );
    await receiver.listen();
    await app.untilSettled();
    assert.equal(checker.check().repeats, 0);
  });
});

describe('an outage and its neighbours', () => {
  test('three endpoints of an app that hang do not delay another app, nor the app’s own fourth', async (t) => {
    const server = await startTestServer(t);
    const hanging = await startReceiver(t, () => HANG);
    const [fine, other] = [await startReceiver(t), await startReceiver(t)];
    const app = await server.createApp();
    const users = names(520);
    await importAll(app, users);
    for (let i = 0; i < 3; i += 1) await app.addEndpoint(hanging.url, { concurrency: 512, timeoutMs: 30_000 });
    const fourth = await app.addEndpoint(fine.url, { commands: [] });
    await Promise.all(users.map((userId) => app.set(userId, nick('a'))));
    // one app may have three quarters of all slots, and its last endpoint something of that
    await until(() => hanging.callbacks.length >= 740, { what: () => `740 POSTs, not ${hanging.callbacks.length}` });
    const neighbour = await server.createApp();
    await neighbour.addEndpoint(other.url);
    await neighbour.importUsers('id1');
    await app.patchEndpoint(fourth, { commands: ['Profile.CallbackPortraitSet'] });
    const slowest: number[] = [];
    for (let change = 1; change <= 20; change += 1) {
      const sentAt = performance.now();
      await Promise.all([neighbour.set('id1', nick(String(change))), app.set('id1', nick(String(change)))]);
      await Promise.all([other.untilReceived(change), fine.untilReceived(change)]);
      slowest.push(performance.now() - sentAt);
    }
    assert.ok(Math.max(...slowest) < 5_000, `the slowest took ${Math.max(...slowest)} ms, POSTs hang for 30 s`);
    assert.ok(hanging.callbacks.length <= 768, `${hanging.callbacks.length} hang`);
  });

  test('after a restart an endpoint that was down is sent one probe, and then everything', async (t) => {
    const gate = Promise.withResolvers<void>();
    let isDown = true;
    const receiver = await startReceiver(t, async () => {
      if (isDown) return status(503);
      await gate.promise;
      return ok();
    });
    const server = await startTestServer(t);
    const app = await server.createApp();
    const endpoint = await app.addEndpoint(receiver.url, { token: TOKEN, timeoutMs: 30_000 });
    const users = names(60);
    await importAll(app, users);
    for (const value of ['a', 'b']) await Promise.all(users.map((userId) => app.set(userId, nick(value))));
    await untilState(app, endpoint, 'open');
    await server.close();
    const before = receiver.callbacks.length;
    isDown = false;
    await server.start();
    await receiver.untilReceived(before + 1);
    assert.equal((await app.admin('GET', `/endpoints/${endpoint.endpointId}`)).json.state, 'open');
    await app.set('id1', nick('c'));
    // found by the next look at the heads, if it were to start more
    await until(async () => (await app.deliveries('userId=id1')).length === 3, { what: () => 'the change' });
    assert.equal(receiver.callbacks.length, before + 1);
    gate.resolve();
    await app.untilSettled();
    assert.equal(new Set(receiver.callbacks.slice(before).map(({ eventId }) => eventId)).size, 121);
    assert.equal((await kindsOf(app, endpoint)).at(-1), 'circuit-closed');
  });
});
