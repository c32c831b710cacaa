/** What an endpoint does wrong, how it is named, and what comes next. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { before, describe, test } from 'node:test';
import { makeCertificate } from '../support/certificate.ts';
import { atEnd, type Owner, suiteOwner } from '../support/live/cleanup.ts';
import {
  fail,
  HANG,
  ok,
  RESET,
  type Receiver,
  type ReceiverAnswer,
  type ReceiverScript,
  startReceiver,
  status,
  text,
} from '../support/live/receiver.ts';
import { nick, type ShownDelivery, type TestApp, type TestEndpoint } from '../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../support/live/test-server.ts';
import { until } from '../support/until.ts';

const USERS = ['id1', 'id2'];

describe('retries', { concurrency: true }, () => {
  const owner = suiteOwner();
  let server: TestServer;

  before(async () => {
    server = await startTestServer(owner);
  });

  /** An app of its own with an endpoint at a receiver of its own. */
  async function prepare(
    owner: Owner,
    script: ReceiverScript,
    settings: Readonly<Record<string, unknown>> = {},
  ): Promise<{ receiver: Receiver; app: TestApp; endpoint: TestEndpoint }> {
    const receiver = await startReceiver(owner, script);
    const app = await server.createApp();
    const endpoint = await app.addEndpoint(receiver.url, settings);
    await app.importUsers(...USERS);
    return { receiver, app, endpoint };
  }

  /** Wait for a state of the first change of id1. */
  async function untilState(app: TestApp, state: string): Promise<ShownDelivery> {
    const seen = await until(
      async () => {
        const [first] = await app.deliveries('userId=id1');
        return first?.state === state && first;
      },
      { what: () => `the delivery to be ${state}` },
    );
    return await app.delivery(seen.deliveryId);
  }

  test('an endpoint that is down gets everything, in order, when it is back', async (t) => {
    const { receiver, app } = await prepare(t, () => ok());
    await receiver.stop();
    for (const value of ['a', 'b', 'c']) for (const userId of USERS) await app.set(userId, nick(value));
    const waiting = await untilState(app, 'retrying');
    assert.ok(waiting.attempts.every(({ outcome, reason }) => outcome === 'failed' && reason === 'connect'));
    assert.match(waiting.attempts[0]?.detail ?? '', /ECONNREFUSED/);
    await receiver.listen();
    await app.untilSettled();
    for (const userId of USERS) {
      assert.deepEqual(
        receiver.of(userId).map(({ value }) => value),
        ['a', 'b', 'c'],
      );
    }
  });

  test('an attempt that is repeated has the same webhook-id and bytes, and the next number', async (t) => {
    const { receiver, app } = await prepare(t, ({ attempt }) => (attempt < 2 ? status(500) : ok()));
    await app.set('id1', nick('a'));
    await app.untilSettled();
    const [first, second] = receiver.callbacks;
    assert.ok(first && second);
    assert.deepEqual([first.attempt, second.attempt], [1, 2]);
    assert.deepEqual([second.eventId, second.body, second.sequence], [first.eventId, first.body, first.sequence]);
    assert.equal(second.headers['webhook-id'], first.headers['webhook-id']);
    const [delivery] = await app.deliveries();
    assert.deepEqual(
      delivery?.attempts.map(({ number, outcome }) => [number, outcome]),
      [
        [1, 'failed'],
        [2, 'delivered'],
      ],
    );
  });

  test('Retry-After in seconds is honoured', async (t) => {
    const { receiver, app } = await prepare(t, ({ attempt }) =>
      attempt === 1 ? status(503, { 'retry-after': '2' }) : ok(),
    );
    await app.set('id1', nick('a'));
    await receiver.untilReceived(2);
    const [first, second] = receiver.callbacks;
    // timers may be a millisecond early against another clock
    assert.ok((second?.atMs ?? 0) - (first?.atMs ?? 0) >= 1_990);
  });

  test('Retry-After as a date is honoured', async (t) => {
    const askedFor = Math.ceil(Date.now() / 1_000) * 1_000 + 2_000;
    const { receiver, app } = await prepare(t, ({ attempt }) =>
      attempt === 1 ? status(429, { 'retry-after': new Date(askedFor).toUTCString() }) : ok(),
    );
    await app.set('id1', nick('a'));
    await receiver.untilReceived(2);
    assert.ok((receiver.callbacks[1]?.atUnixMs ?? 0) >= askedFor - 10);
  });

  test('maxAttempts 1 and skip: the change is dead, the next one goes on', async (t) => {
    const { receiver, app } = await prepare(t, ({ sequence }) => (sequence === 1 ? status(500) : ok()), {
      maxAttempts: 1,
    });
    await app.set('id1', nick('a'));
    await app.set('id1', nick('b'));
    const deliveries = await app.untilSettled('', ['delivered', 'dead']);
    assert.deepEqual(
      deliveries.map(({ state, attempts }) => [state, attempts.map(({ outcome }) => outcome)]),
      [
        ['dead', ['dead']],
        ['delivered', ['delivered']],
      ],
    );
    assert.deepEqual(
      receiver.callbacks.map(({ sequence }) => sequence),
      [1, 2],
    );
  });

  test('maxAttempts 2 and skip: two attempts, then the user goes on', async (t) => {
    const { receiver, app } = await prepare(t, ({ sequence }) => (sequence === 1 ? status(500) : ok()), {
      maxAttempts: 2,
    });
    await app.set('id1', nick('a'));
    await app.set('id1', nick('b'));
    const deliveries = await app.untilSettled('', ['delivered', 'dead']);
    assert.deepEqual(
      deliveries.map(({ state }) => state),
      ['dead', 'delivered'],
    );
    assert.deepEqual(
      receiver.callbacks.map(({ sequence, attempt }) => [sequence, attempt]),
      [
        [1, 1],
        [1, 2],
        [2, 1],
      ],
    );
  });

  for (const maxAttempts of [1, 2]) {
    test(`maxAttempts ${maxAttempts} and hold: the user waits for a person, others do not`, async (t) => {
      const { receiver, app } = await prepare(t, ({ userId }) => (userId === 'id1' ? status(500) : ok()), {
        maxAttempts,
        onDead: 'hold',
      });
      await app.set('id1', nick('a'));
      await app.set('id1', nick('b'));
      await app.set('id2', nick('a'));
      const held = await untilState(app, 'held');
      assert.deepEqual(
        held.attempts.map(({ outcome }) => outcome),
        [...Array(maxAttempts - 1).fill('failed'), 'dead'],
      );
      await app.set('id1', nick('c'));
      await app.set('id2', nick('b'));
      await app.untilSettled('userId=id2');
      await until(async () => (await app.deliveries('userId=id1')).at(-1)?.state === 'waiting', {
        what: () => 'the last change to wait',
      });
      const states = (await app.deliveries('userId=id1')).map(({ state }) => state);
      assert.deepEqual(states, ['held', 'waiting', 'waiting']);
      assert.deepEqual(
        receiver.of('id1').map(({ sequence, attempt }) => [sequence, attempt]),
        Array.from({ length: maxAttempts }, (_, index) => [1, index + 1]),
      );
    });
  }

  test('a person releases held users by pausing and resuming: they go on in order', async (t) => {
    let isMended = false;
    const { receiver, app, endpoint } = await prepare(t, () => (isMended ? ok() : status(500)), {
      maxAttempts: 1,
      onDead: 'hold',
    });
    await app.set('id1', nick('a'));
    await untilState(app, 'held');
    await app.set('id1', nick('b'));
    isMended = true;
    await app.turnEndpoint(endpoint, 'pause');
    await app.turnEndpoint(endpoint, 'resume');
    await app.untilSettled('userId=id1');
    assert.deepEqual(
      receiver.of('id1').map(({ sequence, attempt }) => [sequence, attempt]),
      [
        [1, 1],
        [1, 2],
        [2, 1],
      ],
    );
  });

  test('a person who resumes an endpoint has who waits for an hour tried at once', async (t) => {
    let isMended = false;
    const { receiver, app, endpoint } = await prepare(t, () =>
      isMended ? ok() : status(429, { 'retry-after': '3600' }),
    );
    await app.set('id1', nick('a'));
    await untilState(app, 'retrying');
    isMended = true;
    await app.turnEndpoint(endpoint, 'resume');
    await app.untilSettled('userId=id1');
    assert.equal(receiver.callbacks.length, 2);
  });

  const HALF: ReceiverAnswer = { kind: 'answer', status: 200, body: '{"ErrorCode":', isHalf: true };
  const FAULTS = [
    { name: 'status 500', answer: status(500), reason: 'status', status: 500, detail: /500/ },
    { name: 'status 201', answer: status(201), reason: 'status', status: 201, detail: /201/ },
    { name: 'ErrorCode 1', answer: fail(), reason: 'rejected', status: 200, detail: /ErrorCode 1/ },
    { name: 'text that is not JSON', answer: text('<p>hi</p>'), reason: 'not-json', status: 200, detail: /<p>hi/ },
    { name: 'an empty body', answer: text(''), reason: 'not-json', status: 200, detail: /empty/ },
    {
      name: 'a redirect',
      answer: status(302, { location: 'http://127.0.0.1:1/' }),
      reason: 'redirect',
      status: 302,
      detail: /302/,
    },
    { name: 'no answer', answer: HANG, reason: 'timeout', status: undefined, detail: /no answer in 300 ms/ },
    { name: 'half an answer', answer: HALF, reason: 'timeout', status: undefined, detail: /did not end in 300 ms/ },
    {
      name: '70,000 bytes',
      answer: text(`"${'x'.repeat(70_000)}"`),
      reason: 'body-too-large',
      status: undefined,
      detail: /65536 bytes/,
    },
    { name: 'a reset', answer: RESET, reason: 'connect', status: undefined, detail: /ECONNRESET|closed/ },
  ] as const;
  for (const { name, answer, ...expected } of FAULTS) {
    test(`${name} is a failure with the reason ${expected.reason}`, async (t) => {
      const endpoint = { maxAttempts: 1, timeoutMs: expected.reason === 'timeout' ? 300 : 10_000 };
      const { app } = await prepare(t, () => answer, endpoint);
      await app.set('id1', nick('a'));
      const { attempts } = await untilState(app, 'dead');
      const [attempt] = attempts;
      assert.equal(attempts.length, 1);
      assert.deepEqual(
        { outcome: attempt?.outcome, reason: attempt?.reason, status: attempt?.status },
        { outcome: 'dead', reason: expected.reason, status: expected.status },
      );
      assert.match(attempt?.detail ?? '', expected.detail);
      if (answer.kind === 'answer' && expected.status) assert.equal(attempt?.answer, answer.body);
    });
  }

  test('TLS spoken to a plain server is a failure with the reason tls', async (t) => {
    const receiver = await startReceiver(t);
    const app = await server.createApp();
    await app.addEndpoint(receiver.url.replace('http:', 'https:'), { maxAttempts: 1, timeoutMs: 10_000 });
    await app.importUsers('id1');
    await app.set('id1', nick('a'));
    assert.equal((await untilState(app, 'dead')).attempts[0]?.reason, 'tls');
  });

  test('a certificate that nobody vouches for is a failure with the reason tls', async (t) => {
    let asked = 0;
    const secure = createServer(makeCertificate({ name: 'localhost' }), (_request, response) => {
      asked += 1;
      response.end();
    });
    secure.listen(0, '127.0.0.1');
    await once(secure, 'listening');
    atEnd(t, async () => {
      secure.closeAllConnections();
      secure.close();
    });
    const app = await server.createApp();
    const { port } = secure.address() as AddressInfo;
    await app.addEndpoint(`https://localhost:${port}/`, { maxAttempts: 1, timeoutMs: 10_000 });
    await app.importUsers('id1');
    await app.set('id1', nick('a'));
    const { attempts } = await untilState(app, 'dead');
    assert.equal(attempts[0]?.reason, 'tls');
    assert.match(attempts[0]?.detail ?? '', /self-signed/);
    assert.equal(asked, 0, 'nothing was said before the certificate was checked');
  });

  test('a name that can not exist is a failure with the reason dns', async () => {
    const app = await server.createApp();
    // a label of 64 characters: the resolver refuses it without asking anybody
    await app.addEndpoint(`http://${'a'.repeat(64)}.invalid/`, { maxAttempts: 1, timeoutMs: 10_000 });
    await app.importUsers('id1');
    await app.set('id1', nick('a'));
    assert.equal((await untilState(app, 'dead')).attempts[0]?.reason, 'dns');
  });

  test('a name that leads to an address that is not allowed is a failure with the reason address-refused', async (t) => {
    const strict = await startTestServer(t, { flags: { webhookAllow: 'none' } });
    const receiver = await startReceiver(t);
    const app = await strict.createApp();
    const { status: refused } = await app.admin('POST', '/endpoints', { url: receiver.url });
    assert.equal(refused, 400, 'an address in the URL is refused at once');
    await app.addEndpoint(receiver.url.replace('127.0.0.1', 'localhost'), { maxAttempts: 1, timeoutMs: 10_000 });
    await app.importUsers('id1');
    await app.set('id1', nick('a'));
    const { attempts } = await untilState(app, 'dead');
    assert.equal(attempts[0]?.reason, 'address-refused');
    assert.equal(receiver.callbacks.length, 0);
  });

  const ANSWERS = [
    { name: 'handled', answer: ok(), protocol: 'delivered', tencent: 'delivered', 'any-2xx': 'delivered' },
    {
      name: 'ErrorCode 0 alone',
      answer: text('{"ErrorCode":0}'),
      protocol: 'delivered',
      tencent: 'delivered',
      'any-2xx': 'delivered',
    },
    { name: 'FAIL', answer: fail(), protocol: 'rejected', tencent: 'delivered', 'any-2xx': 'delivered' },
    {
      name: 'FAIL with 0',
      answer: text('{"ActionStatus":"FAIL","ErrorCode":0}'),
      protocol: 'rejected',
      tencent: 'delivered',
      'any-2xx': 'delivered',
    },
    {
      name: 'ErrorCode as text',
      answer: text('{"ErrorCode":"0"}'),
      protocol: 'rejected',
      tencent: 'delivered',
      'any-2xx': 'delivered',
    },
    { name: 'a number', answer: text('5'), protocol: 'not-json', tencent: 'delivered', 'any-2xx': 'delivered' },
    { name: 'garbage', answer: text('ok'), protocol: 'not-json', tencent: 'not-json', 'any-2xx': 'delivered' },
    {
      name: 'no content',
      answer: { kind: 'answer', status: 204, body: '' },
      protocol: 'status',
      tencent: 'status',
      'any-2xx': 'delivered',
    },
    { name: 'redirect', answer: status(307), protocol: 'redirect', tencent: 'redirect', 'any-2xx': 'redirect' },
    { name: 'status 404', answer: status(404), protocol: 'status', tencent: 'status', 'any-2xx': 'status' },
  ] as const;
  for (const success of ['protocol', 'tencent', 'any-2xx'] as const) {
    test(`what counts as delivered by the rule ${success}`, async (t) => {
      const script: ReceiverScript = ({ userId }) => ANSWERS[Number(userId)]?.answer ?? ok();
      const { app } = await prepare(t, script, { success, maxAttempts: 1, timeoutMs: 10_000 });
      const users = ANSWERS.map((_, index) => String(index));
      await app.importUsers(...users);
      for (const userId of users) await app.set(userId, nick('a'));
      const deliveries = await app.untilSettled('', ['delivered', 'dead']);
      assert.deepEqual(
        deliveries.map(({ userId, state, attempts }) => [
          ANSWERS[Number(userId)]?.name,
          state === 'delivered' ? state : attempts[0]?.reason,
        ]),
        ANSWERS.map((answer) => [answer.name, answer[success]]),
      );
    });
  }
});
