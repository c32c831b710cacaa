/** What Prometheus reads of a server at work. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exchange } from '../support/live/http-exchange.ts';
import { loginRawClient, openRawClient } from '../support/live/raw-client.ts';
import { fail, ok, startReceiver } from '../support/live/receiver.ts';
import { startReplay, untilReplayed } from '../support/live/replay.ts';
import { nick } from '../support/live/test-app.ts';
import { startTestServer } from '../support/live/test-server.ts';
import { type PrometheusPage, parsePrometheus } from '../support/prometheus.ts';
import { until } from '../support/until.ts';

const OUR_LABELS = ['code', 'command', 'door', 'endpoint_id', 'engine', 'kind', 'le', 'outcome', 'quantile', 'reason'];
const LABELS = new Set([...OUR_LABELS, 'sdk_app_id', 'version']);

async function readPage({ url }: { readonly url: string }): Promise<PrometheusPage & { readonly text: string }> {
  const { status, text } = await exchange(`${url}/metrics`, { method: 'GET' });
  assert.equal(status, 200, text);
  return Object.assign(parsePrometheus(text), { text });
}

test('numbers move as changes, deliveries, failures and clients do', async (t) => {
  const server = await startTestServer(t);
  const receiver = await startReceiver(t, ({ userId }) => (userId === 'unlucky_user' ? fail() : ok()));
  const app = await server.createApp();
  const sdk_app_id = String(app.sdkAppId);
  const active = await app.addEndpoint(receiver.url);
  const paused = await app.addEndpoint(receiver.url);
  await app.turnEndpoint(paused, 'pause');
  await app.importUsers('lucky_user', 'unlucky_user');

  const client = await loginRawClient(t, { server, app }, { userId: 'lucky_user' });
  await openRawClient(t, { server, app });
  const stranger = await openRawClient(t, { server, app });
  await assert.rejects(stranger.login('lucky_user', { head: { usersig: 'eJ_forged' } }));
  for (const name of ['nick_1', 'nick_2', 'nick_3']) await app.set('lucky_user', nick(name));
  await client.untilPushed('Tag_Profile_IM_Nick', 'nick_3');
  for (const name of ['nick_1', 'nick_2']) await app.set('unlucky_user', nick(name));
  await app.call('profile/portrait_set', { From_Account: 'lucky_user', ProfileItem: [{ Tag: 'x', Value: 1 }] });
  await app.call('profile/no_such_command_lucky_user', {});

  const atActive = { endpoint_id: active.endpointId, sdk_app_id };
  const atPaused = { endpoint_id: paused.endpointId, sdk_app_id };
  const seen = await until(
    async () => {
      const page = await readPage(server);
      const delivered = page.value('portrait_attempts_total', { ...atActive, outcome: 'delivered' });
      const failed = page.value('portrait_attempts_total', { ...atActive, outcome: 'failed' }) ?? 0;
      const events = page.value('portrait_endpoint_parked_events', atActive);
      return delivered === 3 && failed > 0 && events === 2 && page;
    },
    { what: () => 'all deliveries to be counted' },
  );

  assert.equal(seen.value('portrait_changes_total', { sdk_app_id, kind: 'import' }), 2);
  assert.equal(seen.value('portrait_changes_total', { sdk_app_id, kind: 'set' }), 5);
  const rest = (command: string, code: number): number | undefined =>
    seen.value('portrait_calls_total', { door: 'rest', command, code: String(code) });
  assert.deepEqual([rest('portrait_set', 0), rest('account_import', 0), rest('unknown', 60009)], [5, 2, 1]);
  assert.equal(seen.value('portrait_call_duration_seconds_count', { door: 'rest' }), 9);
  assert.equal(seen.samples('portrait_calls_total', { command: 'portrait_set' }).length, 2, 'one refused');

  const ofFailed = seen.samples('portrait_attempts_total', { ...atActive, outcome: 'failed' });
  assert.deepEqual(
    ofFailed.map(({ labels }) => labels.reason),
    ['rejected'],
  );
  assert.deepEqual(seen.samples('portrait_attempts_total', atPaused), []);
  assert.equal(seen.value('portrait_attempt_duration_seconds_count', { outcome: 'delivered' }), 3);
  assert.ok((seen.value('portrait_attempt_seconds_total', atActive) ?? 0) > 0);

  const figures = ['backlog_events', 'parked_users', 'parked_events', 'paused'];
  const of = (labels: Readonly<Record<string, string>>): readonly (number | undefined)[] =>
    figures.map((name) => seen.value(`portrait_endpoint_${name}`, labels));
  assert.deepEqual(of(atActive), [0, 1, 2, 0]);
  assert.deepEqual(of(atPaused), [5, 0, 0, 1]);
  for (const labels of [atActive, atPaused]) {
    const age = seen.value('portrait_endpoint_oldest_undelivered_age_seconds', labels) ?? -1;
    assert.ok(age >= 0 && age < 60, `${age} s`);
  }

  assert.deepEqual([seen.value('portrait_clients_connected'), seen.value('portrait_sessions')], [3, 1]);
  const logins = seen.samples('portrait_logins_total');
  assert.deepEqual(
    logins.map(({ labels, value }) => [labels.code === '0', value]),
    [
      [true, 1],
      [false, 1],
    ],
  );
  assert.ok((seen.value('portrait_pushes_total') ?? 0) >= 4, 'the whole profile, and three changes');
  assert.ok((seen.value('portrait_commit_writes_sum') ?? 0) >= 10);
  assert.ok((seen.value('portrait_commit_duration_seconds_sum') ?? 0) > 0);
  assert.ok(seen.samples('portrait_store_errors_total').every(({ value }) => value === 0));
  for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'nodejs_heap_size_used_bytes']) {
    assert.ok((seen.value(name) ?? 0) > 0, name);
  }

  for (const secret of ['lucky_user', 'nick_', '127.0.0.1', app.secretKey])
    assert.ok(!seen.text.includes(secret), secret);
  for (const { name, samples } of seen.families.values()) {
    if (!name.startsWith('portrait_')) continue;
    for (const { labels } of samples) for (const label of Object.keys(labels)) assert.ok(LABELS.has(label), label);
  }

  await app.removeEndpoint(paused);
  client.terminate();
  const after = await until(
    async () => {
      const page = await readPage(server);
      return page.value('portrait_clients_connected') === 2 && page;
    },
    { what: () => 'the client to be gone' },
  );
  assert.equal(after.value('portrait_sessions'), 0);
  assert.deepEqual(after.samples('portrait_endpoint_paused', atPaused), []);
  assert.equal(after.samples('portrait_endpoint_paused', atActive).length, 1);
});

test('what is sent again counts as an attempt', async (t) => {
  const server = await startTestServer(t);
  const receiver = await startReceiver(t, () => ok());
  const app = await server.createApp();
  const { endpointId } = await app.addEndpoint(receiver.url);
  await app.importUsers('id1');
  await app.set('id1', nick('a'));
  const [delivery] = await app.untilSettled();
  const again = await app.admin('POST', `/deliveries/${delivery?.deliveryId}/redeliver`);
  assert.equal(again.status, 200, again.text);
  await untilReplayed(app, (await startReplay(app, { endpointId })).jobId);
  assert.equal(receiver.callbacks.length, 3);
  const labels = { endpoint_id: endpointId, outcome: 'delivered' };
  assert.equal((await readPage(server)).value('portrait_attempts_total', labels), 3);
});

test('a process that delivers nothing says nothing of backlogs', async (t) => {
  const server = await startTestServer(t, { flags: { roles: 'api' } });
  const app = await server.createApp();
  const { endpointId: endpoint_id } = await app.addEndpoint('http://127.0.0.1:9/');
  const page = await readPage(server);
  assert.equal(page.value('portrait_endpoint_paused', { endpoint_id }), 0);
  assert.deepEqual(page.samples('portrait_endpoint_backlog_events'), []);
});

test('--metrics-token protects the page', async (t) => {
  const server = await startTestServer(t, { flags: { metricsToken: 'm' } });
  const ask = async (headers: Record<string, string>): Promise<number> =>
    (await exchange(`${server.url}/metrics`, { method: 'GET', headers })).status;
  assert.equal(await ask({}), 401);
  assert.equal(await ask({ authorization: `Bearer ${server.adminToken}` }), 401);
  assert.equal(await ask({ authorization: 'Bearer m' }), 200);
});
