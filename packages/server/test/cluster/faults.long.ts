/** Three nodes under load, and what can go wrong goes wrong: what was acknowledged arrives, in order, and nothing else does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atEnd } from '../support/live/cleanup.ts';
import { HistoryChecker } from '../support/live/history-checker.ts';
import { randomFrom, testSeed } from '../support/live/random.ts';
import { ok, RESET, type ReceiverScript, startReceiver, status } from '../support/live/receiver.ts';
import { Writers } from '../support/live/writers.ts';
import { startPostgres } from '../support/postgres.ts';
import { until } from '../support/until.ts';
import { Cluster, startNodes } from './cluster.ts';
import { startTcpProxy } from './tcp-proxy.ts';

const ROUNDS = 12;
const USERS = 12;
const WRITERS_PER_NODE = 6;
const TOKEN = 'cluster-token';
/** Pauses between attempts grow to minutes, and an unlucky user has had five by the end. */
const PATIENCE_MS = 600_000;
/** A death, and no node has more than its lease and the second within which others look. */
const LONGEST_WAIT_MS = 8_000;

const FAULTS = ['kill', 'stop', 'crash', 'cut', 'term'] as const;

test(`${ROUNDS} faults of nodes, database and network under load`, { timeout: 1_800_000 }, async (t) => {
  const seed = testSeed();
  t.diagnostic(`seed ${seed} (PORTRAIT_TEST_SEED)`);
  const random = randomFrom(seed);
  let isUnreliable = true;
  const script: ReceiverScript = () => {
    const dice = isUnreliable ? random.next() : 1;
    if (dice < 0.02) return status(500);
    if (dice < 0.03) return RESET;
    return ok(dice < 0.3 ? random.between(1, 25) : 0);
  };
  const receiver = await startReceiver(t, script);
  const postgres = await startPostgres();
  atEnd(t, () => postgres.stop());
  const databaseUrl = await postgres.createDatabase();
  const proxy = await startTcpProxy(t, postgres.port);
  const url = postgres.url(new URL(databaseUrl).pathname.slice(1), proxy.port);
  const cluster = new Cluster(postgres, databaseUrl, await startNodes(t, 3, () => ['--database-url', url]));
  const apps = await cluster.apps();
  const [first] = apps;
  assert.ok(first);
  const endpoint = await first.addEndpoint(receiver.url, { token: TOKEN, maxAttempts: 50, timeoutMs: 2_000 });
  const [signingSecret = ''] = endpoint.signingSecrets;
  const checker = new HistoryChecker({ sdkAppId: first.sdkAppId, token: TOKEN, signingSecret });
  receiver.onCallback = checker.received;
  const userIds = Array.from({ length: USERS }, (_, number) => `user${number}`);
  await first.importUsers(...userIds);
  const groups = apps.map(
    (app, node) => new Writers(t, { app, checker, userIds, count: WRITERS_PER_NODE, name: `${node}.` }),
  );
  const more = async (): Promise<void> => {
    const enough = groups.reduce((sum, { acknowledged }) => sum + acknowledged, 0) + 200;
    await until(() => groups.reduce((sum, { acknowledged }) => sum + acknowledged, 0) >= enough, {
      what: () => '200 changes',
      withinMs: 60_000,
    });
  };
  for (const group of groups) group.go();
  await more();
  for (let round = 0; round < ROUNDS; round += 1) {
    const fault = FAULTS[round % FAULTS.length];
    const number = random.between(0, 2);
    const node = cluster.node(number);
    t.diagnostic(`${round}: ${fault} ${number}`);
    if (fault === 'kill' || fault === 'term') {
      groups[number]?.rest();
      await node.end(fault === 'kill' ? 'SIGKILL' : 'SIGTERM');
      await more();
      await node.start();
      groups[number]?.go();
    } else if (fault === 'stop') {
      node.signal('SIGSTOP');
      await cluster.untilShares(128, 128); // its leases are over, others have its lanes
      node.signal('SIGCONT');
    } else if (fault === 'crash') await postgres.crash();
    else proxy.cutAll();
    await more();
  }
  await Promise.all(groups.map((group) => group.stop()));
  isUnreliable = false;
  await until(() => checker.isAllAccepted, {
    what: () => `${checker.missing().length} changes to arrive: ${checker.missing().slice(0, 5).join()}`,
    withinMs: PATIENCE_MS,
  });
  await first.untilSettled();
  t.diagnostic(JSON.stringify({ rounds: ROUNDS, cuts: proxy.cuts, ...checker.check() }));
});

test('nobody waits longer over the death of a node than a lease lasts', { timeout: 300_000 }, async (t) => {
  const receiver = await startReceiver(t, () => ok());
  const postgres = await startPostgres();
  atEnd(t, () => postgres.stop());
  const databaseUrl = await postgres.createDatabase();
  const nodes = await startNodes(t, 2, () => ['--database-url', databaseUrl]);
  const cluster = new Cluster(postgres, databaseUrl, nodes);
  const [app] = await cluster.apps();
  assert.ok(app);
  await app.addEndpoint(receiver.url);
  const userIds = Array.from({ length: 40 }, (_, number) => `user${number}`);
  await app.importUsers(...userIds);
  await cluster.untilShares(128, 128);
  const sentAt = new Map<string, number>();
  const send = async (round: number): Promise<void> => {
    for (const userId of userIds) {
      sentAt.set(`${userId} ${round}`, performance.now());
      await app.set(userId, [{ Tag: 'Tag_Profile_IM_Nick', Value: `${userId} ${round}` }]);
    }
  };
  await send(0);
  await receiver.untilReceived(userIds.length);
  await cluster.node(1).end('SIGKILL');
  for (let round = 1; round <= 20; round += 1) await send(round);
  await receiver.untilReceived(sentAt.size);
  const waits = receiver.callbacks.map(({ value, atMs }) => atMs - (sentAt.get(String(value)) ?? 0));
  const longest = Math.max(...waits);
  t.diagnostic(`longest wait ${Math.round(longest)} ms`);
  assert.ok(longest <= LONGEST_WAIT_MS, `${longest} ms`);
});
