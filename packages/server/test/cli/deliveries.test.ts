import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startReceiver } from './support/callbacks.ts';
import { startServer, type TestServer } from './support/server.ts';

interface Listed {
  readonly items: readonly {
    readonly deliveryId: string;
    readonly eventId: string;
    readonly userId: string;
    readonly state: string;
  }[];
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
  assert.match(table[0] ?? '', /^CHANGED +DELIVERY +USER +CHANGE +STATE +ATTEMPTS +LAST ATTEMPT +WHY$/);
  assert.match(
    table[1] ?? '',
    new RegExp(`^\\S+Z  ${second.deliveryId.replace('.', '\\.')}  alice  #2 +delivered +1 +200$`),
  );
  assert.equal(table[2], 'There may be more: --limit lists more than 1.');
  assert.deepEqual((await list(server, '--user', 'alice')).items, items.slice(1));
  assert.deepEqual((await list(server, '--endpoint', endpointId, '--from', '1h', '--to', '0s')).items, items);
  assert.deepEqual((await list(server, '--state', 'dead,held')).items, []);
  assert.deepEqual((await list(server, '--state', 'dead,delivered')).items, items);
  assert.deepEqual((await list(server, '--reason', 'timeout')).items, []);
  assert.deepEqual((await list(server, '--event', second.eventId)).items, [second]);
  assert.deepEqual((await list(server, '--user', 'alice', '--sequence', '1')).items, [first]);
  assert.deepEqual((await list(server, '--to', '2020-01-01')).items, []);

  const story = await server.runWell('deliveries', 'show', second.deliveryId);
  assert.match(story, /^Delivery +dlv_\S+\nEndpoint +ep_\w+\nEvent +evt_\S+, Profile\.CallbackPortraitSet\n/);
  assert.match(story, /\nUser +alice, change #2\nMade +\S+Z by administrator \(RESTAPI, 127\.0\.0\.1\)\n/);
  assert.match(story, /\nChanged +nick = "Al" → "Alice"\n +level = 3\nState +delivered\n/);
  assert.match(story, /\n\nAttempt 1 at \S+Z: delivered after [\d.]+ ms, status 200\n/);
  assert.match(story, /\n {2}first byte +[\d.]+ ms +█+\n {2}body +[\d.]+ ms +█+\n {2}> POST http:\S+\n/);
  assert.match(story, /\n {2}> webhook-signature: v1,\S+\n {2}> \(made again .*\)\n {2}< \{"ActionStatus":"OK".*\n$/);
  const change = await server.runWell('deliveries', 'show', second.eventId);
  assert.match(change, /^Event +evt_\S+, Profile\.CallbackPortraitSet\nUser +alice, change #2\n/);
  assert.match(change, new RegExp(`\n\nDELIVERY .*\n${second.deliveryId}  delivered +1 +200\n$`));
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
  assert.match(await server.runWell('deliveries', 'list', '--reason', 'status'), / dead +1 +status 500\n$/);
  const story = await server.runWell('deliveries', 'show', items[0]?.deliveryId ?? '');
  assert.match(story, /\nState +dead\nWhy +all attempts failed, the last one: status\n/);
  assert.match(story, /\nAttempt 1 at \S+Z: dead after [\d.]+ ms, status 500\n {2}status: .*\n/);
  assert.match(story, /\n {2}< content-type: text\/x-test\n[\s\S]*\n {2}< no\n {2}< way\n$/);
  assert.doesNotMatch(story, /made again/);
});

test('a change that went nowhere is listed, with the reason', async (context) => {
  const server = await startServer(context);
  await server.runWell('profile', 'set', 'alice', 'nick=Al', '--import');
  assert.match(
    await server.runWell('deliveries', 'list'),
    / dlv_\S+\.none +alice +#1 +skipped +0 +the app has no endpoint\n$/,
  );
  const { items } = await list(server);
  assert.match(
    await server.runWell('deliveries', 'show', items[0]?.deliveryId ?? ''),
    /\nEndpoint +none\n[\s\S]*\nState +skipped\nWhy +the app has no endpoint\n$/,
  );
});

test('what can not be searched for is refused with what is expected', async (context) => {
  const server = await startServer(context);
  const wrong = await server.run('deliveries', 'list', '--state', 'dead,done');
  assert.deepEqual([wrong.code, wrong.stdout], [2, '']);
  assert.match(wrong.stderr, /^--state takes one or several of pending, .*, with commas, not "dead,done"\.\n$/);
  const alone = await server.run('deliveries', 'list', '--sequence', '1');
  assert.deepEqual([alone.code, alone.stderr], [2, '--sequence needs --user.\n']);
});

test('a delivery that is not there is told', async (context) => {
  const server = await startServer(context);
  assert.deepEqual(await server.run('deliveries', 'show', 'dlv_x'), {
    code: 1,
    stdout: '',
    stderr: 'There is no delivery dlv_x of app 1400000001.\n',
  });
});
