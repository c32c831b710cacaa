/** Client certificates through the whole way: admin API, test, attempt, delivery log. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeCertificate } from '../support/certificate.ts';
import { startSecureReceiver } from '../support/live/secure-receiver.ts';
import { nick, type TestEndpoint } from '../support/live/test-app.ts';
import { startTestServer } from '../support/live/test-server.ts';

const TIMEOUT = { timeoutMs: 30_000 };

test('a receiver that wants a client certificate gets it, the log says what is wrong otherwise, and a change takes effect', async (t) => {
  const receiver = await startSecureReceiver(t);
  const server = await startTestServer(t);
  const app = await server.createApp();
  await app.importUsers('id1');
  const tls = { ca: receiver.ca, ...receiver.issue('portrait') };
  const right = await app.addEndpoint(receiver.url, { tls, ...TIMEOUT });
  const wrong: [TestEndpoint, RegExp][] = [
    [await app.addEndpoint(receiver.url, { tls: { ca: receiver.ca }, ...TIMEOUT }), /client certificate/],
    [await app.addEndpoint(receiver.url, TIMEOUT), /authority that is not known; name it in tls\.ca/],
    [
      await app.addEndpoint(receiver.url, { tls: { ...tls, ca: makeCertificate().cert }, ...TIMEOUT }),
      /authority that is not known/,
    ],
    [
      await app.addEndpoint(receiver.url.replace('localhost', '127.0.0.1'), { tls, ...TIMEOUT }),
      /another host name.*127\.0\.0\.1/,
    ],
  ];

  const sample = await app.admin('POST', `/endpoints/${right.endpointId}/test`);
  assert.equal(sample.json.outcome, 'delivered', sample.text);
  assert.doesNotMatch(sample.text, /PRIVATE KEY/);
  for (const [{ endpointId }, detail] of wrong) {
    const { json } = await app.admin('POST', `/endpoints/${endpointId}/test`);
    assert.deepEqual([json.outcome, json.reason], ['failed', 'tls']);
    assert.match(json.detail, detail);
  }

  await app.set('id1', nick('a'));
  await app.untilSettled(`endpointId=${right.endpointId}`);
  assert.deepEqual(
    receiver.callbacks.map(({ client }) => client),
    ['portrait', 'portrait'],
  );
  for (const [{ endpointId }, detail] of wrong) {
    const [delivery] = await app.untilSettled(`endpointId=${endpointId}`, ['retrying']);
    const [attempt] = delivery?.attempts ?? [];
    assert.equal(attempt?.reason, 'tls');
    assert.match(attempt?.detail ?? '', detail);
  }

  // what is put right is delivered at the next attempt, over a new connection
  for (const [endpoint] of wrong) await app.patchEndpoint(endpoint, { tls, url: receiver.url });
  await app.untilSettled();
  assert.equal(receiver.callbacks.length, 2 + wrong.length);
  await app.patchEndpoint(right, { tls: receiver.issue('renewed') });
  await app.set('id1', nick('b'));
  await app.untilSettled(`endpointId=${right.endpointId}`);
  assert.ok(receiver.callbacks.some(({ client }) => client === 'renewed'));
  assert.ok(!JSON.stringify(await app.deliveries()).includes('PRIVATE KEY'));

  // and after a restart
  await server.close();
  await server.start();
  await app.set('id1', nick('c'));
  await app.untilSettled();
  assert.equal(receiver.callbacks.filter(({ body }) => body.includes('"c"')).length, 1 + wrong.length);
});
