import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startReceiver } from './support/callbacks.ts';
import { startServer, type TestServer } from './support/server.ts';

interface Listed {
  readonly items: readonly { readonly deliveryId: string; readonly userId: string; readonly state: string }[];
  readonly nextCursor: string | null;
}

async function list(server: TestServer, ...flags: readonly string[]): Promise<Listed> {
  return (await server.runJson('deliveries', 'list', ...flags)) as Listed;
}

/** Lists until no delivery is as yet untried. */
async function listSettled(server: TestServer): Promise<Listed> {
  for (;;) {
    const listed = await list(server);
    if (listed.items.every(({ state }) => state === 'delivered' || state === 'dead')) return listed;
  }
}

test('deliveries are listed and their story is told', async (context) => {
  const server = await startServer(context);
  const good = await startReceiver(context);
  assert.equal(await server.runWell('deliveries', 'list'), 'No deliveries.\n');
  const { endpointId } = (await server.runJson('endpoint', 'add', good.url)) as { endpointId: string };
  await server.runWell('profile', 'set', 'alice', 'nick=Al', '--import');
  await server.runWell('profile', 'set', 'alice', 'nick=Alice', 'level=3');
  await server.runWell('profile', 'set', 'bob', 'level=1', '--import');

  const { items, nextCursor } = await listSettled(server);
  assert.equal(nextCursor, null);
  assert.deepEqual(
    items.map(({ userId }) => userId),
    ['bob', 'alice', 'alice'],
  );
  const [, second, first] = items;
  assert.ok(second && first);

  const table = (await server.runWell('deliveries', 'list', '--user', 'alice', '--limit', '1')).split('\n');
  assert.match(table[0] ?? '', /^CHANGED +DELIVERY +USER +CHANGE +STATE +ATTEMPTS +LAST ATTEMPT$/);
  assert.match(
    table[1] ?? '',
    new RegExp(`^\\S+Z  ${second.deliveryId.replace('.', '\\.')}  alice  #2 +delivered +1 +200$`),
  );
  assert.equal(table[2], 'There may be more: --limit lists more than 1.');
  assert.deepEqual((await list(server, '--user', 'alice')).items, items.slice(1));
  assert.deepEqual((await list(server, '--endpoint', endpointId, '--from', '1h', '--to', '0s')).items, items);
  assert.deepEqual((await list(server, '--state', 'dead')).items, []);
  assert.deepEqual((await list(server, '--to', '2020-01-01')).items, []);

  const story = await server.runWell('deliveries', 'show', second.deliveryId);
  assert.match(story, /^Delivery +dlv_\S+\nEvent +evt_\S+, Profile\.CallbackPortraitSet\nEndpoint +ep_\w+\n/);
  assert.match(story, /\nUser +alice, change #2\nMade +\S+Z by administrator \(RESTAPI, 127\.0\.0\.1\)\n/);
  assert.match(story, /\nChanged +nick = "Alice" \(was "Al"\)\n +level = 3\nState +delivered\n/);
  assert.match(story, /\n\nAttempt 1 at \S+Z: delivered after [\d.]+ ms, status 200\n {2}< \{"ActionStatus":"OK".*\n$/);
  const { deliveryId, userId } = (await server.runJson('deliveries', 'show', first.deliveryId)) as Record<
    string,
    unknown
  >;
  assert.deepEqual({ deliveryId, userId }, { deliveryId: first.deliveryId, userId: 'alice' });
});

test('a failed delivery says why', async (context) => {
  const server = await startServer(context);
  const bad = await startReceiver(context, { status: 500, body: 'no\nway' });
  await server.runWell('endpoint', 'add', bad.url, '--max-attempts', '1');
  await server.runWell('profile', 'set', 'alice', 'nick=Al', '--import');
  const { items } = await listSettled(server);
  assert.match(await server.runWell('deliveries', 'list'), / dead +1 +status 500\n$/);
  const story = await server.runWell('deliveries', 'show', items[0]?.deliveryId ?? '');
  assert.match(story, /\nState +dead: it failed and is not tried again\n/);
  assert.match(story, /\nAttempt 1 at \S+Z: dead after [\d.]+ ms, status 500\n {2}status: .*\n {2}< no\n {2}< way\n$/);
});

test('a delivery that is not there is told', async (context) => {
  const server = await startServer(context);
  assert.deepEqual(await server.run('deliveries', 'show', 'dlv_x'), {
    code: 1,
    stdout: '',
    stderr: 'There is no delivery dlv_x of app 1400000001.\n',
  });
});
