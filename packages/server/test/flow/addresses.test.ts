/** Where callbacks go and where not: from the making of an endpoint to what its delivery log says. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { FakeLookup, type FakeName } from '../support/live/fake-lookup.ts';
import { startReceiver, status } from '../support/live/receiver.ts';
import { nick, type ShownAttempt, type TestApp, type TestEndpoint } from '../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../support/live/test-server.ts';
import { httpLoopback } from '../support/loopback.ts';
import { until } from '../support/until.ts';
import { LITERALS, NAMES } from './addresses/hosts.ts';

const ANYWHERE = '0.0.0.0/0,::/0';
const OK = '{"ErrorCode":0}';

/** Make a change, and wait for what each endpoint's one attempt came to. */
async function attemptsAfterChange(app: TestApp, endpoints: readonly TestEndpoint[]): Promise<readonly ShownAttempt[]> {
  await app.set('id1', nick('a'));
  const deliveries = await app.untilSettled('', ['delivered', 'dead']);
  return endpoints.map(({ endpointId }) => {
    const own = deliveries.filter((delivery) => delivery.endpointId === endpointId);
    assert.deepEqual(
      own.map(({ attempts }) => attempts.length),
      [1],
    );
    return own[0]?.attempts[0] ?? assert.fail();
  });
}

async function appOf(server: TestServer): Promise<TestApp> {
  const app = await server.createApp();
  await app.importUsers('id1');
  return app;
}

describe('an endpoint at an address that callbacks may not go to', () => {
  test('is not made, in whatever spelling, and the rule is named', async (t) => {
    const server = await startTestServer(t, { flags: { webhookAllow: 'none' } });
    const app = await appOf(server);
    for (const [host, rule] of LITERALS) {
      for (const url of [`http://${host}/`, `https://${host}:8443/cb`]) {
        const answer = await app.admin('POST', '/endpoints', { url });
        assert.equal(answer.status, 400, url);
        const [fault] = answer.json.errors;
        assert.equal(fault.pointer, '#/url');
        assert.ok(
          fault.detail.endsWith(` is ${rule}, and --webhook-allow does not name it`),
          `${url}: ${fault.detail}`,
        );
      }
    }
  });

  test('is not reached if it was made when that was allowed, and the delivery log names the rule', async (t) => {
    const trap = await httpLoopback(t, (_request, response) => response.end(OK));
    const server = await startTestServer(t, { flags: { webhookAllow: ANYWHERE } });
    const app = await appOf(server);
    const endpoints: TestEndpoint[] = [];
    for (const [host] of LITERALS) {
      endpoints.push(await app.addEndpoint(`http://${host}:${trap.port}/cb`, { maxAttempts: 1 }));
    }
    await server.close();
    server.changeFlags({ webhookAllow: 'none' });
    await server.start();
    const attempts = await attemptsAfterChange(app, endpoints);
    for (const [at, [host, rule]] of LITERALS.entries()) {
      const { outcome, reason, detail, status: answered } = attempts[at] ?? assert.fail();
      assert.deepEqual([outcome, reason, answered], ['dead', 'address-refused', undefined], host);
      assert.ok(detail?.endsWith(` is ${rule}, and --webhook-allow does not name it`), `${host}: ${detail}`);
    }
    const test = await app.admin('POST', `/endpoints/${endpoints[0]?.endpointId}/test`);
    assert.deepEqual([test.json.outcome, test.json.reason], ['failed', 'address-refused'], 'nor by a test');
    assert.equal(trap.connections(), 0);
  });

  test('is not reached by a name, if one of its addresses is such, and the delivery log names it', async (t) => {
    const names: Record<string, FakeName> = Object.fromEntries(NAMES.map(([, asked, addresses]) => [asked, addresses]));
    const service = new FakeLookup(names);
    const trap = await httpLoopback(t, (_request, response) => response.end(OK));
    const server = await startTestServer(t, { flags: { webhookAllow: 'none' }, lookup: service.lookup });
    const app = await appOf(server);
    const endpoints: TestEndpoint[] = [];
    for (const [host] of NAMES) {
      endpoints.push(await app.addEndpoint(`http://${host}:${trap.port}/cb`, { maxAttempts: 1 }));
    }
    assert.deepEqual(service.asked, [], 'names are resolved when they are connected to');
    const attempts = await attemptsAfterChange(app, endpoints);
    for (const [at, [host, asked, , rule]] of NAMES.entries()) {
      const { reason, detail } = attempts[at] ?? assert.fail();
      assert.equal(reason, 'address-refused', host);
      assert.match(detail ?? '', rule);
      assert.ok(detail?.startsWith(`${asked}: `), detail);
    }
    assert.equal(trap.connections(), 0);
  });
});

test('what is allowed is reached in every spelling, at its port, with the host that was configured', async (t) => {
  const receiver = await startReceiver(t);
  const { port } = new URL(receiver.origin);
  const server = await startTestServer(t, { flags: { webhookAllow: '127.0.0.1/32' } });
  const app = await appOf(server);
  const spellings = LITERALS.map(([host]) => host).filter(
    (host) => URL.parse(`http://${host}/`)?.hostname === '127.0.0.1',
  );
  assert.ok(spellings.length >= 12);
  const endpoints: TestEndpoint[] = [];
  for (const host of spellings) endpoints.push(await app.addEndpoint(`http://${host}:${port}/cb`, { maxAttempts: 1 }));
  const attempts = await attemptsAfterChange(app, endpoints);
  assert.deepEqual(
    attempts.map(({ outcome }) => outcome),
    spellings.map(() => 'delivered'),
  );
  assert.deepEqual([...new Set(receiver.callbacks.map(({ headers }) => headers.host))], [`127.0.0.1:${port}`]);
});

test('a URL that is none for callbacks is refused when the endpoint is made', async (t) => {
  const server = await startTestServer(t, { flags: { webhookAllow: 'none' } });
  const app = await server.createApp();
  for (const [url, says] of [
    ['http://user@8.8.8.8/', /user name and password/],
    ['http://user:password@hooks.example.com/', /user name and password/],
    ['http://8.8.8.8@127.0.0.1/', /user name and password|loopback/],
    ['http://hooks.example.com:99999/', /absolute http or https URL/],
    ['http://hooks.example.com:-1/', /absolute http or https URL/],
    ['http://hooks.example.com:80a/', /absolute http or https URL/],
    ['http://[fe80::1%25lo]/', /absolute http or https URL/],
    ['http://[fe80::1%lo]/', /absolute http or https URL/],
    ['http://[::1', /absolute http or https URL/],
    ['http://256.1.1.1/', /absolute http or https URL/],
    ['http://1.2.3.4.5/', /absolute http or https URL/],
    ['http://127.0.0.1%00.example.com/', /absolute http or https URL/],
    ['http://example.com%2f@127.0.0.1/', /user name and password|loopback/],
    ['http:\\\\127.0.0.1\\cb', /loopback/],
    ['http:/127.0.0.1/', /loopback/],
    ['http:127.0.0.1', /loopback/],
    ['//127.0.0.1/', /absolute http or https URL/],
    ['file:///etc/passwd', /got "file:"/],
    ['gopher://127.0.0.1/', /got "gopher:"/],
    ['unix:/run/docker.sock', /got "unix:"/],
  ] as const) {
    const answer = await app.admin('POST', '/endpoints', { url });
    assert.equal(answer.status, 400, url);
    assert.equal(answer.json.errors[0].pointer, '#/url');
    assert.match(answer.json.errors[0].detail, says);
    assert.doesNotMatch(answer.text, /:password/);
  }
});

describe('a name that changes its mind', () => {
  /** 127.0.0.1 is allowed and stands for a public address, 127.0.0.2 is not. */
  async function start(t: TestContext, answers: (readonly string[])[], allow = '127.0.0.1/32') {
    const receiver = await startReceiver(t);
    const { port } = new URL(receiver.origin);
    const service = new FakeLookup({ 'rebind.test': { answers } });
    const server = await startTestServer(t, { flags: { webhookAllow: allow }, lookup: service.lookup });
    const app = await appOf(server);
    const endpoint = await app.addEndpoint(`http://rebind.test:${port}/cb`, { maxAttempts: 1 });
    return { receiver, service, app, endpoint, port };
  }

  test('is connected to at the address that was checked; it is not asked again', async (t) => {
    const { receiver, service, app, endpoint, port } = await start(t, [['127.0.0.1'], ['127.0.0.2'], ['127.0.0.2']]);
    const [attempt] = await attemptsAfterChange(app, [endpoint]);
    assert.equal(attempt?.outcome, 'delivered');
    assert.deepEqual(service.asked, ['rebind.test'], 'one look-up for one connection');
    assert.equal(receiver.callbacks[0]?.headers.host, `rebind.test:${port}`);
  });

  test('is refused at the next connection, when it shows the forbidden address', async (t) => {
    const { receiver, service, app } = await start(t, [['127.0.0.1'], ['127.0.0.2']]);
    receiver.script = () => ({ kind: 'answer', status: 200, headers: { connection: 'close' }, body: OK });
    await app.set('id1', nick('a'));
    await app.untilSettled('', ['delivered']);
    await app.set('id1', nick('b'));
    const [, second] = await app.untilSettled('', ['delivered', 'dead']);
    assert.equal(second?.attempts[0]?.reason, 'address-refused');
    assert.match(second?.attempts[0]?.detail ?? '', /^rebind\.test: 127\.0\.0\.2 is loopback/);
    assert.deepEqual([receiver.callbacks.length, service.asked.length], [1, 2]);
  });

  test('does not reach the next one of several addresses without a check of all', async (t) => {
    const { receiver, app, endpoint } = await start(t, [['127.0.0.1', '127.0.0.2']]);
    const [attempt] = await attemptsAfterChange(app, [endpoint]);
    assert.equal(attempt?.reason, 'address-refused');
    assert.equal(receiver.callbacks.length, 0);
  });

  test('goes on to the second of several good addresses if nobody listens at the first', async (t) => {
    const { receiver, service, app, endpoint } = await start(t, [['127.0.0.2', '127.0.0.1']], '127.0.0.0/8');
    const [attempt] = await attemptsAfterChange(app, [endpoint]);
    assert.deepEqual([attempt?.outcome, receiver.callbacks.length, service.asked.length], ['delivered', 1, 1]);
  });

  test('is given up in time if it does not resolve, or never answers', async (t) => {
    const service = new FakeLookup({ 'slow.test': 'hangs' });
    const server = await startTestServer(t, { lookup: service.lookup });
    const app = await appOf(server);
    const slow = await app.addEndpoint('http://slow.test/', { maxAttempts: 1, timeoutMs: 100 });
    const unknown = await app.addEndpoint('http://unknown.test/', { maxAttempts: 1 });
    const [first, second] = await attemptsAfterChange(app, [slow, unknown]);
    assert.deepEqual([first?.reason, second?.reason], ['timeout', 'dns']);
    assert.match(second?.detail ?? '', /unknown\.test does not resolve \(ENOTFOUND\)/);
  });
});

describe('a redirect', () => {
  for (const code of [301, 302, 303, 307, 308]) {
    test(`with ${code} is not followed, not even to an allowed address`, async (t) => {
      const target = await startReceiver(t);
      const receiver = await startReceiver(t, () => status(code, { location: target.url }));
      const server = await startTestServer(t);
      const app = await appOf(server);
      const endpoint = await app.addEndpoint(receiver.url, { maxAttempts: 1 });
      const [attempt] = await attemptsAfterChange(app, [endpoint]);
      assert.deepEqual([attempt?.reason, attempt?.status], ['redirect', code]);
      assert.deepEqual([receiver.callbacks.length, target.callbacks.length], [1, 0]);
    });
  }
});

test('a port is used as it is configured, and no other', async (t) => {
  const receiver = await startReceiver(t);
  const { port } = new URL(receiver.origin);
  const server = await startTestServer(t);
  const app = await appOf(server);
  const endpoint = await app.addEndpoint(receiver.url, { maxAttempts: 1 });
  const [first] = await attemptsAfterChange(app, [endpoint]);
  assert.equal(first?.outcome, 'delivered');
  await receiver.stop();
  await app.set('id1', nick('b'));
  await until(async () => (await app.deliveries()).some(({ state }) => state === 'dead'), {
    what: () => 'the refusal',
  });
  const last = (await app.deliveries()).at(-1)?.attempts[0];
  assert.equal(last?.reason, 'connect');
  assert.match(last?.detail ?? '', new RegExp(`127\\.0\\.0\\.1:${port}`));
});
