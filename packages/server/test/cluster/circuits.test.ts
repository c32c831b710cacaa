/** Each node judges an endpoint by what it sees in its own lanes: who asks is told of the worst, whichever node he asks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { laneOf } from '../../src/storage/lane.ts';
import { ok, startReceiver, status } from '../support/live/receiver.ts';
import { nick } from '../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../support/live/test-server.ts';
import { postgresServer, testDatabase } from '../support/postgres.ts';
import { until } from '../support/until.ts';
import { appOf, Cluster } from './cluster.ts';

const LANES = 256;
const CANDIDATES = Array.from({ length: 120 }, (_, number) => `user${number}`);
/** Enough that their failures open a circuit. */
const USERS = 20;
const WITHIN_MS = 20_000;

test('an endpoint that fails for the users of one node is open at both, and closed at both when it is back', async (t) => {
  const databaseUrl = await testDatabase(t);
  const postgres = await postgresServer();
  const start = (): Promise<TestServer> => startTestServer(t, { flags: { databaseUrl } });
  const nodes: [TestServer, TestServer] = [await start(), await start()];
  await new Cluster(postgres, databaseUrl, []).untilShares(LANES / 2, LANES / 2);
  const apps = await appOf(nodes);
  const [app] = apps;
  let isDown = true;
  const receiver = await startReceiver(t, () => (isDown ? status(503) : ok()));
  const endpoint = await app.addEndpoint(receiver.url);
  const path = `/endpoints/${endpoint.endpointId}`;
  await app.importUsers(...CANDIDATES);
  const lanes = await postgres.query('SELECT lane, owner FROM portrait.lane', databaseUrl);
  const owners = new Map(lanes.map(({ lane, owner }) => [lane as number, owner as string]));
  const untilShown = async (state: string): Promise<void> => {
    for (const asked of apps) {
      await until(async () => (await asked.admin('GET', path)).json.state === state, {
        what: () => `${state} at both`,
        withinMs: WITHIN_MS,
      });
    }
  };
  for (const owner of new Set(owners.values())) {
    const isTheirs = (userId: string): boolean => owners.get(laneOf(app.sdkAppId, userId, LANES)) === owner;
    const users = CANDIDATES.filter(isTheirs).slice(0, USERS);
    assert.equal(users.length, USERS);
    isDown = true;
    await Promise.all(users.map((userId) => app.set(userId, nick('one'))));
    await untilShown('open');
    isDown = false;
    await app.turnEndpoint(endpoint, 'resume');
    await untilShown('active');
  }
  const { items } = (await app.admin('GET', `${path}/events`)).json as {
    readonly items: readonly { readonly kind: string }[];
  };
  const count = (kind: string): number => items.filter((event) => event.kind === kind).length;
  assert.deepEqual([count('circuit-opened'), count('circuit-closed')], [2, 2], JSON.stringify(items));
});
