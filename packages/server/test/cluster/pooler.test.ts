/** Two nodes whose connections to the database go through a pooler in transaction mode. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Owner } from '../support/live/cleanup.ts';
import { HistoryChecker } from '../support/live/history-checker.ts';
import { ok, startReceiver, status } from '../support/live/receiver.ts';
import { TestApp } from '../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../support/live/test-server.ts';
import { Writers } from '../support/live/writers.ts';
import { startPgbouncer, withoutPgbouncer } from '../support/pooler/pgbouncer.ts';
import { postgresServer, testDatabase } from '../support/postgres.ts';
import { startTransactionPooler, type TransactionPooler } from '../support/transaction-pooler.ts';
import { until } from '../support/until.ts';

const TOKEN = 'pooler-token';
const PORTABLE = { portableSql: 'on' };
const CHANGES = 150;

/** Changes through both nodes while one of them stops and comes back: nothing is lost, nothing is out of order. */
async function checkUnderLoad(
  owner: Owner & { diagnostic(text: string): void },
  nodes: readonly [TestServer, TestServer],
): Promise<void> {
  const [first, second] = nodes;
  let count = 0;
  const receiver = await startReceiver(owner, () => {
    count += 1;
    return count % 50 === 0 ? status(500) : ok();
  });
  const app = await TestApp.create(first);
  const endpoint = await app.addEndpoint(receiver.url, { token: TOKEN, maxAttempts: 50 });
  const [signingSecret = ''] = endpoint.signingSecrets;
  const checker = new HistoryChecker({ sdkAppId: app.sdkAppId, token: TOKEN, signingSecret });
  receiver.onCallback = checker.received;
  const userIds = Array.from({ length: 10 }, (_, number) => `user${number}`);
  await app.importUsers(...userIds);
  const other = await until(() => TestApp.find(second, app.sdkAppId).catch(() => undefined), {
    what: () => 'the app at the other node',
  });
  const groups = [app, other].map((one, node) => {
    return new Writers(owner, { app: one, checker, userIds, count: 6, name: `${node}.` });
  });
  const more = async (ofGroups: readonly Writers[]): Promise<void> => {
    const enough = ofGroups.map(({ acknowledged }) => acknowledged + CHANGES);
    await until(() => ofGroups.every(({ acknowledged }, at) => acknowledged >= (enough[at] ?? 0)), {
      what: () => `${CHANGES} changes by each node`,
      withinMs: 60_000,
    });
  };
  for (const group of groups) group.go();
  await more(groups);
  groups[1]?.rest();
  await second.close();
  await more(groups.slice(0, 1));
  await second.start();
  groups[1]?.go();
  await more(groups);
  await Promise.all(groups.map((group) => group.stop()));
  await until(() => checker.isAllAccepted, {
    what: () => `${checker.missing().length} changes to arrive: ${checker.missing().slice(0, 5).join()}`,
    withinMs: 60_000,
  });
  await app.untilSettled();
  owner.diagnostic(JSON.stringify(checker.check()));
}

async function startNodes(
  owner: Owner,
  port: number,
  flags: Readonly<Record<string, string>>,
): Promise<[TestServer, TestServer]> {
  const postgres = await postgresServer();
  const databaseUrl = postgres.url(new URL(await testDatabase(owner)).pathname.slice(1), port);
  const start = (): Promise<TestServer> => startTestServer(owner, { flags: { databaseUrl, ...flags } });
  return [await start(), await start()];
}

async function startPooler(owner: Owner): Promise<TransactionPooler> {
  return startTransactionPooler(owner, await postgresServer());
}

test('the connections of both nodes share three of the server: all arrives in order, and nothing is left in a session', async (t) => {
  const pooler = await startPooler(t);
  const nodes = await startNodes(t, pooler.port, PORTABLE);
  await checkUnderLoad(t, nodes);
  for (const node of nodes) await node.close();
  assert.ok(pooler.moves > 0);
  assert.deepEqual([pooler.violations, await pooler.leftovers()], [[], []]);
});

test('without --portable-sql on the same arrives: hints are not heard, and statements that a connection does not know are noticed', async (t) => {
  const pooler = await startPooler(t);
  const nodes = await startNodes(t, pooler.port, {});
  await checkUnderLoad(t, nodes);
  for (const node of nodes) await node.close();
  assert.deepEqual([...pooler.violations].sort(), ['LISTEN', 'a named statement']);
});

for (const [kind, flags] of [
  ['portable', PORTABLE],
  ['with hints', {}],
] as const) {
  test(`behind PgBouncer, ${kind}: all arrives in order`, { skip: withoutPgbouncer ?? false }, async (t) => {
    await checkUnderLoad(t, await startNodes(t, await startPgbouncer(t, await postgresServer()), flags));
  });
}
