/** Nodes share the lanes of a database, and take them over from each other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HistoryChecker } from '../support/live/history-checker.ts';
import { HANG, ok, startReceiver } from '../support/live/receiver.ts';
import { nick } from '../support/live/test-app.ts';
import { Writers } from '../support/live/writers.ts';
import { until } from '../support/until.ts';
import { startCluster } from './cluster.ts';

const TOKEN = 'cluster-token';
/** Whoever waits for a lease to end waits for most of this: what is given up is taken before. */
const LEASE_MS = 4_500;

test('three nodes have even shares; a stop hands its share over at once, kill -9 when its lease has ended', async (t) => {
  const cluster = await startCluster(t, 3);
  await cluster.untilShares(86, 86, 84);
  const stopping = performance.now();
  const stopped = await cluster.node(2).end('SIGTERM');
  assert.equal(stopped?.code, 0, stopped?.stderr);
  await cluster.untilShares(128, 128);
  const handedOverMs = performance.now() - stopping;
  const killing = performance.now();
  await cluster.node(1).end('SIGKILL');
  await cluster.untilShares(256);
  const takenOverMs = performance.now() - killing;
  t.diagnostic(JSON.stringify({ handedOverMs: Math.round(handedOverMs), takenOverMs: Math.round(takenOverMs) }));
  assert.ok(handedOverMs < LEASE_MS, `${handedOverMs} ms`);
  await cluster.node(2).start();
  await cluster.untilShares(128, 128);
});

test('changes through any node arrive from whichever has the lane, in order, while nodes come and go', async (t) => {
  const receiver = await startReceiver(t, () => ok());
  const cluster = await startCluster(t, 3);
  const apps = await cluster.apps();
  const [first] = apps;
  assert.ok(first);
  const endpoint = await first.addEndpoint(receiver.url, { token: TOKEN, maxAttempts: 50 });
  const checker = new HistoryChecker({
    sdkAppId: first.sdkAppId,
    token: TOKEN,
    signingSecret: endpoint.signingSecrets[0] ?? '',
  });
  receiver.onCallback = checker.received;
  const userIds = Array.from({ length: 10 }, (_, number) => `user${number}`);
  await first.importUsers(...userIds);
  const groups = apps.map((app, node) => new Writers(t, { app, checker, userIds, count: 6, name: `${node}.` }));
  const more = async (changes: number): Promise<void> => {
    const enough = groups.map(({ acknowledged }) => acknowledged + changes);
    await until(() => groups.slice(0, 2).every(({ acknowledged }, node) => acknowledged >= (enough[node] ?? 0)), {
      what: () => `${changes} changes by each node`,
      withinMs: 60_000,
    });
  };
  for (const group of groups) group.go();
  await more(100);
  groups[2]?.rest();
  await cluster.node(2).end('SIGKILL');
  await more(100);
  await cluster.node(2).start();
  await cluster.untilShares(86, 86, 84);
  await more(100);
  await Promise.all(groups.map((group) => group.stop()));
  await until(() => checker.isAllAccepted, {
    what: () => `${checker.missing().length} changes to arrive: ${checker.missing().slice(0, 5).join()}`,
    withinMs: 60_000,
  });
  t.diagnostic(JSON.stringify(checker.check()));
});

test('nodes that only answer and nodes that only deliver do so together', async (t) => {
  const receiver = await startReceiver(t, () => ok());
  const cluster = await startCluster(t, 3, (node) => ['--roles', node === 0 ? 'api' : 'dispatch']);
  await cluster.untilShares(128, 128);
  const [app] = await cluster.apps();
  assert.ok(app);
  await app.addEndpoint(receiver.url);
  const userIds = Array.from({ length: 20 }, (_, number) => `user${number}`);
  await app.importUsers(...userIds);
  for (const userId of userIds) await app.set(userId, nick('a'));
  await app.untilSettled();
  assert.equal(receiver.callbacks.length, userIds.length);
});

test('what a node that hangs has under way is not sent by another one before its time is over, however long that is', async (t) => {
  const timeoutMs = 8_000;
  let isSlow = true;
  const receiver = await startReceiver(t, () => (isSlow ? HANG : ok()));
  const cluster = await startCluster(t, 2);
  await cluster.untilShares(128, 128);
  const [app] = await cluster.apps();
  assert.ok(app);
  await app.addEndpoint(receiver.url, { timeoutMs, concurrency: 100 });
  const userIds = Array.from({ length: 20 }, (_, number) => `user${number}`);
  await app.importUsers(...userIds);
  for (const userId of userIds) await app.set(userId, nick('a'));
  await receiver.untilReceived(userIds.length);
  cluster.node(1).signal('SIGSTOP');
  isSlow = false;
  await until(() => userIds.every((userId) => receiver.of(userId).some(({ acceptedAtMs }) => acceptedAtMs)), {
    what: () => 'all of them to be accepted',
    withinMs: 40_000,
  });
  const pauses = userIds.map((userId) => {
    const [first, second] = receiver.of(userId);
    return (second?.atMs ?? 0) - (first?.atMs ?? 0);
  });
  const sentAnew = userIds.filter((userId) => receiver.of(userId)[1]?.attempt === 1);
  t.diagnostic(
    JSON.stringify({ ofTheOther: sentAnew.length, shortest: Math.min(...pauses), longest: Math.max(...pauses) }),
  );
  assert.ok(sentAnew.length > 0, 'the node that hangs had none under way');
  assert.ok(Math.min(...pauses) >= timeoutMs - 100, `${pauses}`);
});
