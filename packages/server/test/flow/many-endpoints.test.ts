/** An app with a dozen endpoints, each with its own settings, cursor and fate. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verify } from '@portrait/receiver';
import { fail, HANG, ok, type Receiver, type ReceiverScript, startReceiver, status } from '../support/live/receiver.ts';
import { startSecureReceiver } from '../support/live/secure-receiver.ts';
import { nick, type ShownDelivery, type TestEndpoint } from '../support/live/test-app.ts';
import { startTestServer } from '../support/live/test-server.ts';
import { until } from '../support/until.ts';

const USERS = ['id1', 'id2', 'id3'];
/** before the endpoints are made, and after */
const [EARLY, LATE] = [2, 4];
const SIGNING_SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

test('a dozen endpoints with different settings each get what is theirs; a hanging and a failing one cost the others nothing', async (t) => {
  const server = await startTestServer(t);
  const app = await server.createApp();
  await app.importUsers(...USERS);
  const setAll = async (from: number, count: number): Promise<void> => {
    for (let change = from; change < from + count; change += 1) {
      await Promise.all(USERS.map((userId) => app.set(userId, nick(`${userId}#${change}`))));
    }
  };
  await setAll(1, EARLY);
  const moment = new Date(Date.now() + 1).toISOString();
  await until(() => new Date().toISOString() > moment, { what: () => 'the next millisecond' });

  const receivers: Record<string, Receiver> = {};
  const endpoints: Record<string, TestEndpoint> = {};
  const add = async (name: string, body: object = {}, script: ReceiverScript = () => ok()): Promise<void> => {
    receivers[name] = await startReceiver(t, script);
    endpoints[name] = await app.addEndpoint(receivers[name].url, { timeoutMs: 30_000, ...body });
  };
  const secure = await startSecureReceiver(t);
  await add('now');
  await add('beginning', { startFrom: 'beginning' });
  await add('moment', { startFrom: moment });
  await add('headers', { headers: { 'X-Tenant': 'blue' }, token: 'mytoken', signingSecrets: [SIGNING_SECRET] });
  await add('extended', { payload: 'extended' });
  await add('tencent', { success: 'tencent' }, () => fail());
  await add('any-2xx', { success: 'any-2xx' }, () => ({ kind: 'answer', status: 202, body: 'thanks' }));
  await add('one-by-one', { concurrency: 1 });
  await add('ed25519', { signingSecretType: 'ed25519' });
  await add('nothing', { commands: [] });
  await add('paused', { state: 'paused' });
  await add('hangs', {}, () => HANG);
  await add('fails', { maxAttempts: 50 }, () => status(500));
  endpoints.tls = await app.addEndpoint(secure.url, {
    timeoutMs: 30_000,
    tls: { ca: secure.ca, ...secure.issue('portrait') },
  });
  assert.ok(Object.keys(endpoints).length >= 12);

  await setAll(EARLY + 1, LATE);

  const statesOf = async (name: string): Promise<readonly ShownDelivery[]> =>
    app.deliveries(`endpointId=${endpoints[name]?.endpointId}`);
  const fine = [
    'now',
    'beginning',
    'moment',
    'headers',
    'extended',
    'tencent',
    'any-2xx',
    'one-by-one',
    'ed25519',
    'tls',
  ];
  for (const name of fine) {
    await app.untilSettled(`endpointId=${endpoints[name]?.endpointId}`, ['delivered', 'skipped']);
    const late = (await statesOf(name)).filter(({ sequence }) => sequence > EARLY);
    assert.deepEqual([...new Set(late.map(({ state }) => state))], ['delivered'], name);
    assert.equal(late.length, USERS.length * LATE, name);
    assert.ok(
      late.every(({ attempts }) => attempts.length === 1),
      `${name}: no attempt was lost to another`,
    );
  }

  // each has had its own share, in order
  const sequences = (name: string, userId: string) => receivers[name]?.of(userId).map(({ sequence }) => sequence);
  for (const userId of USERS) {
    for (const name of ['now', 'moment', 'headers', 'extended', 'tencent', 'any-2xx', 'one-by-one', 'ed25519']) {
      assert.deepEqual(sequences(name, userId), [3, 4, 5, 6], `${name} ${userId}`);
    }
    assert.deepEqual(sequences('beginning', userId), [1, 2, 3, 4, 5, 6]);
  }
  const [first] = receivers.headers?.callbacks ?? [];
  assert.ok(first);
  assert.equal(first.headers['x-tenant'], 'blue');
  const known = { sdkAppId: app.sdkAppId, token: 'mytoken', signingSecrets: [SIGNING_SECRET] };
  assert.ok((await verify(first, known)).ok);
  assert.equal(JSON.parse(receivers.extended?.callbacks[0]?.body ?? '{}').Sequence, 3);
  assert.ok(receivers['one-by-one']?.callbacks.every(({ running }) => running === 1));
  const [asymmetric] = receivers.ed25519?.callbacks ?? [];
  assert.match(String(asymmetric?.headers['webhook-signature']), /^v1a,/);
  const secured = await secure.untilReceived(USERS.length * LATE);
  assert.deepEqual([secured.length, new Set(secured.map(({ client }) => client))], [12, new Set(['portrait'])]);

  // the others stand where they stand, and hold nobody up
  assert.equal(receivers.nothing?.callbacks.length, 0);
  assert.ok((await statesOf('nothing')).every(({ state }) => state === 'skipped'));
  assert.equal(receivers.paused?.callbacks.length, 0);
  assert.deepEqual(
    (await statesOf('paused')).map(({ state }) => state).slice(USERS.length * EARLY),
    Array(12).fill('pending'),
  );
  const hanging = await receivers.hangs?.untilReceived(USERS.length);
  assert.equal(hanging?.length, USERS.length, 'one POST per user, all of them still open');
  const failing = (await statesOf('fails')).filter(({ sequence }) => sequence > EARLY);
  assert.ok(failing.every(({ state }) => state !== 'delivered' && state !== 'dead'));
  assert.deepEqual(new Set(receivers.fails?.callbacks.map(({ sequence }) => sequence)), new Set([3]), 'order is kept');

  // and each of them goes on from its own cursor
  if (receivers.fails) receivers.fails.script = () => ok();
  for (const name of ['fails', 'paused']) {
    const endpoint = endpoints[name];
    assert.ok(endpoint);
    await app.turnEndpoint(endpoint, 'resume');
    await app.untilSettled(`endpointId=${endpoints[name]?.endpointId}`, ['delivered', 'skipped']);
    for (const userId of USERS) assert.deepEqual(new Set(sequences(name, userId)), new Set([3, 4, 5, 6]), name);
  }
});
