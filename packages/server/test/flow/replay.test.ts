/** Deliveries of a time sent again, as a job. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { type Owner, suiteOwner } from '../support/live/cleanup.ts';
import { HistoryChecker } from '../support/live/history-checker.ts';
import {
  HANG,
  ok,
  type ReceivedCallback,
  type Receiver,
  type ReceiverScript,
  startReceiver,
  status,
} from '../support/live/receiver.ts';
import { recordedSet } from '../support/live/recorded-set.ts';
import { previewReplay, readReplay, startReplay, untilReplay, untilReplayed } from '../support/live/replay.ts';
import { nick, type ShownDelivery, type TestApp, type TestEndpoint } from '../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../support/live/test-server.ts';
import { until } from '../support/until.ts';

const TOKEN = 'replay-token';
const USERS = ['id1', 'id2', 'id3', 'id4', 'id5'];
/** So few that the circuit takes their failures for their own: what fails dies. */
const FEW = USERS.slice(0, 4);

/** `user/sequence` of each callback */
const namesOf = (callbacks: readonly ReceivedCallback[]): readonly string[] =>
  callbacks.map(({ userId, sequence }) => `${userId}/${sequence}`);

describe('replay', { concurrency: true }, () => {
  const owner = suiteOwner();
  let server: TestServer;

  before(async () => {
    server = await startTestServer(owner);
  });

  async function prepare(
    testOwner: Owner,
    script: ReceiverScript = () => ok(),
    settings: Readonly<Record<string, unknown>> = {},
  ): Promise<{ receiver: Receiver; app: TestApp; endpoint: TestEndpoint }> {
    const receiver = await startReceiver(testOwner, script);
    const app = await server.createApp();
    const endpoint = await app.addEndpoint(receiver.url, { token: TOKEN, ...settings });
    await app.importUsers(...USERS);
    return { receiver, app, endpoint };
  }

  /** `count` changes of each user. */
  async function change(app: TestApp, count: number): Promise<void> {
    for (let number = 1; number <= count; number += 1) {
      await Promise.all(USERS.map((userId) => app.set(userId, nick(`${userId} ${number}`))));
    }
  }

  const of = (app: TestApp, endpoint: TestEndpoint): Promise<readonly ShownDelivery[]> =>
    app.deliveries(`endpointId=${endpoint.endpointId}`);

  /** The callbacks of each user come in order, one at a time. */
  function assertInOrder(callbacks: readonly ReceivedCallback[]): void {
    for (const [userId, own] of Map.groupBy(callbacks, (callback) => callback.userId)) {
      const sequences = own.map(({ sequence }) => sequence);
      assert.deepEqual(
        sequences,
        sequences.toSorted((a, b) => a - b),
        userId,
      );
      assert.ok(
        own.every(({ runningOfUser }) => runningOfUser === 1),
        userId,
      );
    }
  }

  test('what died while the backend was down arrives in order when it is repaired', async (t) => {
    let isBroken = true;
    const { receiver, app, endpoint } = await prepare(t, () => (isBroken ? status(500) : ok(1)), { maxAttempts: 1 });
    const [signingSecret = ''] = endpoint.signingSecrets;
    const checker = new HistoryChecker({ sdkAppId: app.sdkAppId, token: TOKEN, signingSecret });
    for (let number = 1; number <= 15; number += 1) {
      const changes = FEW.map((userId) => recordedSet(app, checker, { userId, value: `${userId} ${number}` }));
      await Promise.all(changes);
    }
    await app.untilSettled('', ['dead']);
    isBroken = false;
    receiver.onCallback = checker.received;
    const { endpointId } = endpoint;
    const preview = await previewReplay(app, { endpointId, from: '0', state: 'dead' });
    assert.deepEqual([preview.total, preview.byState.dead, preview.byState.delivered], [60, 60, 0]);
    assert.deepEqual(preview.filter.state, 'dead');
    assert.deepEqual([preview.first?.sequence, preview.last?.sequence], [1, 15]);
    const made = await startReplay(app, { endpointId, state: 'dead' });
    assert.deepEqual([made.total, made.done], [60, 0]);
    const { delivered, failed, skipped, done, position, startedAt, finishedAt } = await untilReplayed(app, made.jobId);
    assert.deepEqual({ delivered, failed, skipped, done }, { delivered: 60, failed: 0, skipped: 0, done: 60 });
    assert.deepEqual(position, { events: 60, of: 60 });
    assert.ok(startedAt && finishedAt && startedAt <= finishedAt);
    assert.equal(receiver.callbacks.length, 60 + preview.total);
    assert.equal(checker.check().callbacks, 60);
    assertInOrder(receiver.callbacks.slice(60));
    const deliveries = await of(app, endpoint);
    assert.ok(deliveries.every(({ state }) => state === 'delivered'));
    assert.ok(deliveries.every(({ attempts }) => attempts.map(({ number }) => number).join() === '1,2'));
    const again = await previewReplay(app, { endpointId, from: '0', state: 'dead' });
    assert.deepEqual([again.total, again.first, again.last], [0, null, null]);
  });

  test('a replay without a filter sends all that was settled, with the same bytes and ids', async (t) => {
    const { receiver, app, endpoint } = await prepare(t, () => ok(1));
    await change(app, 4);
    await app.untilSettled();
    const before = receiver.callbacks.length;
    const { jobId } = await startReplay(app, { endpointId: endpoint.endpointId });
    assert.equal((await untilReplayed(app, jobId)).delivered, 20);
    const [once, again] = [receiver.callbacks.slice(0, before), receiver.callbacks.slice(before)];
    const messageOf = ({ eventId, body }: ReceivedCallback): string => `${eventId} ${body}`;
    assert.deepEqual(again.map(messageOf).toSorted(), once.map(messageOf).toSorted());
    assert.ok(again.every(({ attempt }) => attempt === 2));
    assertInOrder(again);
  });

  test('one user, one state, one time: nothing else is sent', async (t) => {
    let isBroken = true;
    const { receiver, app, endpoint } = await prepare(
      t,
      ({ userId, sequence }) => {
        const isBad = userId === 'id1' || (sequence === 2 && FEW.includes(userId));
        return isBroken && isBad ? status(500) : ok();
      },
      { maxAttempts: 1 },
    );
    await change(app, 3);
    await app.untilSettled('', ['delivered', 'dead']);
    isBroken = false;
    const { endpointId } = endpoint;
    const sent = async (body: object): Promise<readonly string[]> => {
      const from = receiver.callbacks.length;
      const made = await startReplay(app, { endpointId, ...body });
      const { total, done } = await untilReplayed(app, made.jobId);
      const names = namesOf(receiver.callbacks.slice(from));
      assert.deepEqual([names.length, done], [total, total]);
      return names;
    };
    assert.deepEqual(await sent({ userId: 'id2', state: 'dead' }), ['id2/2']);
    assert.deepEqual(await sent({ userId: 'id1' }), ['id1/1', 'id1/2', 'id1/3']);
    assert.deepEqual((await sent({ state: 'dead' })).toSorted(), ['id3/2', 'id4/2']);
    assert.deepEqual(await sent({ state: 'dead' }), []);
    assert.deepEqual(await sent({ state: 'skipped' }), []);
    const events = await app.deliveries('userId=id4');
    const [, second] = events;
    const at = second?.event.at ?? '';
    assert.deepEqual(await sent({ userId: 'id4', from: at, to: at }), ['id4/2']);
    assert.deepEqual(await sent({ userId: 'nobody' }), []);
  });

  test('an endpoint that is new gets what was changed before it', async (t) => {
    const { receiver, app } = await prepare(t);
    await change(app, 2);
    await app.untilSettled();
    const late = await startReceiver(t);
    const second = await app.addEndpoint(late.url);
    const preview = await previewReplay(app, { endpointId: second.endpointId, from: '0' });
    assert.deepEqual([preview.total, preview.byState.skipped], [10, 10]);
    const { jobId } = await startReplay(app, { endpointId: second.endpointId, state: 'skipped' });
    await untilReplayed(app, jobId);
    assert.deepEqual(namesOf(late.callbacks).toSorted(), namesOf(receiver.callbacks).toSorted());
    assertInOrder(late.callbacks);
    assert.equal(receiver.callbacks.length, 10, 'the other endpoint gets nothing');
  });

  test('what is still to come by itself is left to the dispatcher', async (t) => {
    let isBroken = false;
    const { receiver, app, endpoint } = await prepare(t, () =>
      isBroken ? status(503, { 'retry-after': '3000' }) : ok(),
    );
    await app.set('id1', nick('a'));
    await app.untilSettled();
    isBroken = true;
    await app.set('id1', nick('b'));
    await app.set('id1', nick('c'));
    await until(
      async () => (await app.deliveries()).map(({ state }) => state).join() === 'delivered,retrying,waiting',
      {
        what: () => 'the user to be parked',
      },
    );
    isBroken = false;
    const { jobId, total } = await startReplay(app, { endpointId: endpoint.endpointId });
    assert.equal(total, 1);
    const { delivered, skipped } = await untilReplayed(app, jobId);
    assert.deepEqual({ delivered, skipped }, { delivered: 1, skipped: 2 });
    assert.deepEqual(namesOf(receiver.callbacks), ['id1/1', 'id1/2', 'id1/1']);
  });

  test('what fails is tried again, then given up; the user’s next one comes', async (t) => {
    let isPoisoned = false;
    const { receiver, app, endpoint } = await prepare(t, ({ userId, sequence }) =>
      isPoisoned && userId === 'id1' && sequence === 1 ? status(500) : ok(),
    );
    await change(app, 2);
    await app.untilSettled();
    isPoisoned = true;
    const before = receiver.callbacks.length;
    const { jobId } = await startReplay(app, { endpointId: endpoint.endpointId });
    const { delivered, failed } = await untilReplayed(app, jobId);
    assert.deepEqual({ delivered, failed }, { delivered: 9, failed: 1 });
    const ofUser = receiver.callbacks.slice(before).filter(({ userId }) => userId === 'id1');
    assert.deepEqual(namesOf(ofUser), ['id1/1', 'id1/1', 'id1/1', 'id1/2']);
    assert.deepEqual(
      ofUser.map(({ attempt }) => attempt),
      [2, 3, 4, 2],
    );
    const [first] = await app.deliveries('userId=id1');
    assert.equal(first?.state, 'dead');
  });

  test('a replay is cancelled in the middle: what runs comes to its end, nothing more is started', async (t) => {
    const gate = Promise.withResolvers<void>();
    const { receiver, app, endpoint } = await prepare(t, async ({ attempt }) => {
      if (attempt > 1) await gate.promise;
      return ok();
    });
    await change(app, 10);
    await app.untilSettled();
    const { jobId, total } = await startReplay(app, { endpointId: endpoint.endpointId });
    assert.equal(total, 50);
    await receiver.untilReceived(50 + USERS.length);
    const cancelled = await app.admin('POST', `/replays/${jobId}/cancel`);
    assert.deepEqual([cancelled.status, cancelled.json.state, cancelled.json.done], [200, 'cancelled', 0]);
    assert.ok(cancelled.json.finishedAt);
    gate.resolve();
    const { delivered } = await untilReplay(app, jobId, ({ done }) => done === USERS.length);
    assert.equal(delivered, USERS.length);
    const again = await app.admin('POST', `/replays/${jobId}/cancel`);
    assert.deepEqual([again.status, again.json.detail], [409, `the replay ${jobId} has ended: cancelled`]);
    // had it gone on, it would have sent more by the time that another one is through
    const other = await startReplay(app, { endpointId: endpoint.endpointId, userId: 'id1' });
    await untilReplayed(app, other.jobId);
    assert.equal(receiver.callbacks.length, 50 + USERS.length + 10);
    assert.deepEqual((await readReplay(app, jobId)).state, 'cancelled');
  });

  test('live callbacks do not wait for a replay that hangs, at the same endpoint or another', async (t) => {
    const isReplayed = ({ attempt }: ReceivedCallback): boolean => attempt > 1;
    const { receiver, app, endpoint } = await prepare(t, (callback) => (isReplayed(callback) ? HANG : ok()), {
      timeoutMs: 30_000,
      concurrency: 16,
    });
    const other = await startReceiver(t);
    await app.addEndpoint(other.url);
    const many = Array.from({ length: 40 }, (_, index) => `many${index}`);
    await app.importUsers(...many);
    for (let round = 0; round < 25; round += 1) {
      await Promise.all(many.map((userId) => app.set(userId, nick(`${round}`))));
    }
    await app.untilSettled();
    const { jobId, total } = await startReplay(app, { endpointId: endpoint.endpointId });
    assert.equal(total, 1_000);
    await until(() => receiver.callbacks.filter(isReplayed).length === 8, { what: () => 'eight to hang' });
    const busy = new Set(receiver.callbacks.filter(isReplayed).map(({ userId }) => userId));
    const live = [...many.filter((userId) => !busy.has(userId)), ...USERS];
    const before = receiver.callbacks.length;
    for (let round = 0; round < 5; round += 1) {
      await Promise.all(live.map((userId) => app.set(userId, nick(`live ${round}`))));
    }
    await until(() => receiver.callbacks.length === before + live.length * 5, {
      what: () => `${live.length * 5} live callbacks, ${receiver.callbacks.length - before} are there`,
    });
    await other.untilReceived(1_000 + live.length * 5);
    assert.equal(receiver.callbacks.filter(isReplayed).length, 8, 'the replay stood still all the while');
    assert.ok(Math.max(...receiver.callbacks.slice(before).map(({ running }) => running)) > 8, 'on slots of its own');
    assert.equal((await readReplay(app, jobId)).done, 0);
    await app.admin('POST', `/replays/${jobId}/cancel`);
  });

  test('a user’s live change waits for the callback of a replay that is under way, and goes before the next', async (t) => {
    const gate = Promise.withResolvers<void>();
    let isReplay = false;
    const { receiver, app, endpoint } = await prepare(t, async () => {
      if (isReplay) await gate.promise;
      return ok();
    });
    for (const value of ['a', 'b', 'c']) await app.set('id1', nick(value));
    await app.untilSettled();
    isReplay = true;
    const { jobId } = await startReplay(app, { endpointId: endpoint.endpointId });
    await receiver.untilReceived(4);
    await app.set('id1', nick('live'));
    await app.set('id2', nick('other'));
    await until(() => receiver.of('id2').length === 1, { what: () => 'another user to go on' });
    assert.deepEqual(namesOf(receiver.of('id1')), ['id1/1', 'id1/2', 'id1/3', 'id1/1']);
    gate.resolve();
    await untilReplayed(app, jobId);
    assert.deepEqual(namesOf(receiver.of('id1')).slice(3), ['id1/1', 'id1/4', 'id1/2', 'id1/3']);
    assert.ok(receiver.callbacks.every(({ runningOfUser }) => runningOfUser === 1));
  });

  test('two replays of an endpoint come one after the other, those of two endpoints together', async (t) => {
    const gate = Promise.withResolvers<void>();
    const script: ReceiverScript = async ({ attempt }) => {
      if (attempt > 1) await gate.promise;
      return ok();
    };
    const { receiver, app, endpoint } = await prepare(t, script);
    const other = await startReceiver(t, script);
    const second = await app.addEndpoint(other.url);
    await change(app, 2);
    await app.untilSettled();
    const { endpointId } = endpoint;
    const one = await startReplay(app, { endpointId });
    const two = await startReplay(app, { endpointId, userId: 'id1' });
    const three = await startReplay(app, { endpointId: second.endpointId });
    await receiver.untilReceived(15);
    await other.untilReceived(15);
    assert.equal((await readReplay(app, one.jobId)).state, 'running');
    assert.equal((await readReplay(app, two.jobId)).state, 'queued');
    assert.equal((await readReplay(app, three.jobId)).state, 'running');
    const listed = await app.admin('GET', '/replays?limit=2');
    assert.deepEqual(
      listed.json.items.map(({ jobId }: { jobId: string }) => jobId),
      [three.jobId, two.jobId],
    );
    const rest = await app.admin('GET', `/replays?limit=2&cursor=${listed.json.nextCursor}`);
    assert.deepEqual([rest.json.items.length, rest.json.items[0].jobId, rest.json.nextCursor], [1, one.jobId, null]);
    gate.resolve();
    for (const { jobId } of [one, two, three]) await untilReplayed(app, jobId);
    assert.deepEqual(namesOf(receiver.callbacks.slice(-2)), ['id1/1', 'id1/2']);
    assertInOrder(receiver.callbacks.slice(10, 20));
  });

  test('a paused endpoint gets nothing until it is resumed', async (t) => {
    const { receiver, app, endpoint } = await prepare(t);
    await change(app, 2);
    await app.untilSettled();
    await app.turnEndpoint(endpoint, 'pause');
    const { jobId } = await startReplay(app, { endpointId: endpoint.endpointId });
    assert.equal((await readReplay(app, jobId)).state, 'queued');
    await app.turnEndpoint(endpoint, 'resume');
    await untilReplayed(app, jobId);
    assert.equal(receiver.callbacks.length, 20);
  });

  test('a pause in the middle halts a replay, which says so', async (t) => {
    const gate = Promise.withResolvers<void>();
    const { receiver, app, endpoint } = await prepare(t, async ({ attempt }) => {
      if (attempt > 1) await gate.promise;
      return ok();
    });
    await change(app, 6);
    await app.untilSettled();
    const { jobId } = await startReplay(app, { endpointId: endpoint.endpointId });
    await receiver.untilReceived(35);
    await app.turnEndpoint(endpoint, 'pause');
    gate.resolve();
    const halted = await untilReplay(app, jobId, ({ done }) => done === 5);
    assert.deepEqual([halted.state, halted.waitsFor], ['running', 'paused']);
    assert.equal(receiver.callbacks.length, 35);
    await app.turnEndpoint(endpoint, 'resume');
    const { waitsFor } = await untilReplayed(app, jobId);
    assert.equal(waitsFor, undefined);
    assert.equal(receiver.callbacks.length, 60);
  });

  test('an endpoint that is down is waited for: nothing is given up', async (t) => {
    const { receiver, app, endpoint } = await prepare(t);
    await change(app, 6);
    await app.untilSettled();
    await receiver.stop();
    const { jobId } = await startReplay(app, { endpointId: endpoint.endpointId });
    await untilReplay(app, jobId, ({ waitsFor }) => waitsFor === 'endpoint-down');
    await receiver.listen();
    const { delivered, failed } = await untilReplayed(app, jobId);
    assert.deepEqual({ delivered, failed }, { delivered: 30, failed: 0 });
    assertInOrder(receiver.callbacks.slice(30));
  });

  test('the job of an endpoint that is deleted fails, that of an app goes with it', async (t) => {
    const { receiver, app, endpoint } = await prepare(t, ({ attempt }) => (attempt > 1 ? HANG : ok()), {
      timeoutMs: 30_000,
    });
    await change(app, 2);
    await app.untilSettled();
    const { jobId } = await startReplay(app, { endpointId: endpoint.endpointId });
    const queued = await startReplay(app, { endpointId: endpoint.endpointId });
    await receiver.untilReceived(15);
    await app.removeEndpoint(endpoint);
    for (const id of [jobId, queued.jobId]) {
      const { state, reason, finishedAt } = await readReplay(app, id);
      assert.deepEqual([state, reason, typeof finishedAt], ['failed', 'endpoint-deleted', 'string']);
    }
    assert.equal((await app.admin('POST', `/replays/${jobId}/cancel`)).status, 409);
    const { status: gone } = await app.admin('DELETE', '');
    assert.equal(gone, 204);
    assert.equal((await app.admin('GET', `/replays/${jobId}`)).status, 404);
  });

  test('an app has at most 20 replays that have not ended', async (t) => {
    const { app, endpoint } = await prepare(t, ({ attempt }) => (attempt > 1 ? HANG : ok()), { timeoutMs: 30_000 });
    await app.set('id1', nick('a'));
    await app.untilSettled();
    const { endpointId } = endpoint;
    const made = await Promise.all(
      Array.from({ length: 25 }, () => app.admin('POST', '/replay', { endpointId, from: '0' })),
    );
    assert.deepEqual(
      made.map((answer) => answer.status).toSorted(),
      [...Array(20).fill(202), ...Array(5).fill(409)].toSorted(),
    );
    assert.match(made.find((answer) => answer.status === 409)?.json.detail, /has 20 replays that have not ended/);
    for (const { json } of made) if (json.jobId) await app.admin('POST', `/replays/${json.jobId}/cancel`);
    assert.equal((await app.admin('POST', '/replay', { endpointId, from: '0' })).status, 202);
    await app.removeEndpoint(endpoint);
  });
});
