import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReplayAnswer, ReplayPreviewAnswer } from '../../src/admin/replay-schemas.ts';
import { startReceiver } from './support/callbacks.ts';
import { startServer, type TestServer } from './support/server.ts';

interface Listed {
  readonly items: readonly { readonly deliveryId: string; readonly userId: string; readonly state: string }[];
}

/** Lists until all deliveries are in this state. */
async function listAll(server: TestServer, state: string): Promise<Listed['items']> {
  for (;;) {
    const { items } = (await server.runJson('deliveries', 'list')) as Listed;
    if (items.every((delivery) => delivery.state === state)) return items;
  }
}

test('a delivery is sent again, and what came of it is told', async (context) => {
  const server = await startServer(context);
  const answer: { status: number } = { status: 500 };
  const receiver = await startReceiver(context, answer);
  await server.runWell('endpoint', 'add', receiver.url, '--max-attempts', '1');
  await server.runWell('profile', 'set', 'alice', 'nick=Al', '--import');
  const [{ deliveryId } = { deliveryId: '' }] = await listAll(server, 'dead');
  const failed = await server.run('deliveries', 'redeliver', deliveryId);
  assert.deepEqual([failed.code, failed.stdout], [1, '']);
  assert.match(failed.stderr, /^Attempt 2 failed after [\d.]+ ms: status, .*500.*\. The delivery is dead\.\n$/);
  answer.status = 200;
  assert.match(
    await server.runWell('deliveries', 'redeliver', deliveryId),
    /^Attempt 3 was delivered after [\d.]+ ms\.\n$/,
  );
  const shown = (await server.runJson('deliveries', 'redeliver', deliveryId)) as { state: string; attempts: object[] };
  assert.deepEqual([shown.state, shown.attempts.length], ['delivered', 4]);
  assert.equal(new Set(receiver.received.map(({ headers, body }) => `${headers['webhook-id']} ${body}`)).size, 1);
  assert.deepEqual(await server.run('deliveries', 'redeliver', 'dlv_x'), {
    code: 1,
    stdout: '',
    stderr: 'There is no delivery dlv_x of app 1400000001.\n',
  });
});

test('the deliveries of a time are counted, sent again, watched, listed and cancelled', async (context) => {
  const server = await startServer(context);
  const answer: { status: number } = { status: 500 };
  const receiver = await startReceiver(context, answer);
  const { endpointId } = (await server.runJson('endpoint', 'add', receiver.url, '--max-attempts', '1')) as {
    endpointId: string;
  };
  await server.runWell('profile', 'set', 'alice', 'nick=Al', '--import');
  await server.runWell('profile', 'set', 'alice', 'nick=Alice');
  await server.runWell('profile', 'set', 'bob', 'nick=Bob', '--import');
  await listAll(server, 'dead');
  answer.status = 200;
  assert.equal(await server.runWell('deliveries', 'replays'), 'No replays.\n');

  const replay = ['deliveries', 'replay', '--endpoint', endpointId, '--from', '1h'];
  const counted = await server.runWell(...replay, '--dry-run');
  assert.match(
    counted,
    /^Would be sent +3\nIn this time +3 dead\nFirst +\S+Z, user alice, change #1\nLast +\S+Z, user bob/,
  );
  const { total, byState } = (await server.runJson(...replay, '--dry-run', '--user', 'bob')) as ReplayPreviewAnswer;
  assert.deepEqual([total, byState.dead], [1, 1]);
  assert.match(
    await server.runWell(...replay, '--dry-run', '--to', '2020-01-01', '--from', '2019-01-01'),
    /nothing\n$/,
  );
  assert.equal(receiver.received.length, 3, 'a dry run sends nothing');

  const watched = await server.runWell(...replay, '--state', 'dead', '--rate', '100', '--watch');
  const [jobId = ''] = /rpl_\w+/.exec(watched) ?? [];
  assert.match(watched, new RegExp(`${jobId}: done, 3 of 3 \\(100 %\\), 3 delivered\\n$`));
  assert.equal(receiver.received.length, 6);

  const made = await server.runWell(...replay, '--state', 'dead');
  assert.match(made, /^rpl_\w+: \w+, 0 of 0 .*\nWatch it with: portrait deliveries replays rpl_\w+ --watch\n$/);
  const ended = (await server.runJson(...replay, '--user', 'alice', '--watch')) as ReplayAnswer;
  assert.deepEqual([ended.state, ended.delivered], ['done', 2]);

  const table = (await server.runWell('deliveries', 'replays')).trimEnd().split('\n');
  assert.match(table[0] ?? '', /^MADE +REPLAY +ENDPOINT +STATE +GONE THROUGH +TOTAL +DELIVERED +FAILED +SKIPPED$/);
  assert.match(table[1] ?? '', new RegExp(`^\\S+Z +${ended.jobId} +${endpointId} +done +100 % +2 +2 +0 +0$`));
  assert.equal(table.length, 1 + 3);
  const { items } = (await server.runJson('deliveries', 'replays')) as { items: readonly ReplayAnswer[] };
  assert.equal(items.length, 3);
  const shown = await server.runWell('deliveries', 'replays', jobId);
  assert.match(
    shown,
    /^rpl_\w+: done, .*\nEndpoint +ep_\w+\nChanges +from \S+Z to \S+Z\nState +dead\nRate +100 a second\n/,
  );
  assert.deepEqual(await server.runJson('deliveries', 'replays', ended.jobId), ended);
  assert.match(await server.runWell('deliveries', 'replays', jobId, '--watch'), /: done, 3 of 3/);

  const again = await server.run('deliveries', 'cancel', jobId);
  assert.deepEqual(again, { code: 1, stdout: '', stderr: `The replay ${jobId} has ended: done.\n` });
  await server.runWell('endpoint', 'pause', endpointId);
  const waiting = (await server.runJson(...replay)) as ReplayAnswer;
  assert.equal(waiting.state, 'queued');
  assert.match(
    await server.runWell('deliveries', 'cancel', waiting.jobId),
    new RegExp(`^${waiting.jobId}: cancelled, 0 of 3 \\(0 %\\), 0 delivered\\n$`),
  );
  const cancelled = await server.run('deliveries', 'replays', waiting.jobId, '--watch');
  assert.deepEqual([cancelled.code, cancelled.stderr], [1, `The replay ${waiting.jobId} is cancelled.\n`]);
  const nobody = await server.run('deliveries', 'replay', '--endpoint', 'ep_x', '--from', '1h');
  assert.deepEqual([nobody.code, nobody.stderr], [1, 'endpointId: there is no endpoint "ep_x" of app 1400000001.\n']);
});

test('a replay of which something was not accepted ends with exit code 1', async (context) => {
  const server = await startServer(context);
  const receiver = await startReceiver(context, { status: 500 });
  const { endpointId } = (await server.runJson('endpoint', 'add', receiver.url, '--max-attempts', '1')) as {
    endpointId: string;
  };
  await server.runWell('profile', 'set', 'alice', 'nick=Al', '--import');
  await listAll(server, 'dead');
  const watched = await server.run('deliveries', 'replay', '--endpoint', endpointId, '--from', '1h', '--watch');
  assert.deepEqual(
    [watched.code, watched.stderr],
    [1, 'Not accepted: 1. See them with: portrait deliveries list --state dead\n'],
  );
  assert.match(watched.stdout, /: done, 1 of 1 \(100 %\), 0 delivered, 1 failed\n$/);
});
