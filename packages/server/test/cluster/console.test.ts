/** What a console is shown is that of all nodes, whichever node it speaks to. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Owner } from '../support/live/cleanup.ts';
import { ok, startReceiver, status } from '../support/live/receiver.ts';
import { SseClient } from '../support/live/sse-client.ts';
import { nick, TestApp } from '../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../support/live/test-server.ts';
import { postgresServer, testDatabase } from '../support/postgres.ts';
import { until } from '../support/until.ts';
import { appOf, Cluster, untilFound } from './cluster.ts';

/** What is to be seen within a second: a loaded machine gets more. */
const WITHIN_MS = 10_000;
const USERS = Array.from({ length: 12 }, (_, number) => `user${number}`);
/** So few that their failures open no circuit. */
const FAILING = USERS.slice(0, 4);

/** Two nodes on a fresh database, one app by both. */
async function startTwo(
  owner: Owner,
  roles: readonly [string, string] = ['api,dispatch', 'api,dispatch'],
): Promise<{ readonly nodes: readonly [TestServer, TestServer]; readonly apps: readonly [TestApp, TestApp] }> {
  const databaseUrl = await testDatabase(owner);
  const start = (role: string): Promise<TestServer> => startTestServer(owner, { flags: { databaseUrl, roles: role } });
  const [a, b] = [await start(roles[0]), await start(roles[1])];
  const shares = roles.filter((role) => role.includes('dispatch')).map((_, __, all) => 256 / all.length);
  // from here on the first one knows that it is not alone
  await new Cluster(await postgresServer(), databaseUrl, []).untilShares(...shares);
  return { nodes: [a, b], apps: await appOf([a, b]) };
}

/** Who looks on at a node. */
class LiveView {
  readonly #client: SseClient;

  constructor(client: SseClient) {
    this.#client = client;
  }

  static async open(owner: Owner, node: TestServer, { sdkAppId }: TestApp): Promise<LiveView> {
    return new LiveView(await SseClient.open(owner, node, `/apps/${sdkAppId}/deliveries/live`));
  }

  /** Last state told of each delivery, as `user#sequence state`. */
  get states(): readonly string[] {
    const last = new Map<string, string>();
    for (const { data } of this.#client.events) {
      for (const { deliveryId, userId, sequence, state } of data.items) {
        last.set(deliveryId, `${userId}#${sequence} ${state}`);
      }
    }
    return [...last.values()].sort();
  }

  get gaps(): number {
    return this.#client.events.filter(({ data }) => !data.isComplete).length;
  }

  async untilStates(states: readonly string[]): Promise<void> {
    const expected = [...states].sort();
    await until(() => this.states.join() === expected.join(), {
      what: () => `${expected.join()}; they are ${this.states.join()}`,
      withinMs: WITHIN_MS,
    });
  }
}

describe('the console among nodes', { concurrency: 3 }, () => {
  for (const roles of [
    ['api,dispatch', 'api,dispatch'],
    ['api', 'dispatch'],
  ] as const) {
    test(`changes and outcomes of either node are told live at both: ${roles.join(' and ')}`, async (t) => {
      const { nodes, apps } = await startTwo(t, roles);
      const [a, b] = apps;
      const mayArrive = Promise.withResolvers<void>();
      const receiver = await startReceiver(t, async ({ attempt, userId }) => {
        if (attempt === 1 && FAILING.includes(userId)) return status(500);
        await mayArrive.promise;
        return ok();
      });
      await a.addEndpoint(receiver.url, { timeoutMs: 30_000 });
      await a.importUsers(...USERS);
      const views = [await LiveView.open(t, nodes[0], a), await LiveView.open(t, nodes[1], b)];
      const answering = roles[1] === 'dispatch' ? [a] : [a, b];
      for (const [index, userId] of USERS.entries()) {
        await (answering[index % answering.length] as TestApp).set(userId, nick('one'));
      }
      const stateOf = (userId: string): string => (FAILING.includes(userId) ? 'retrying' : 'pending');
      for (const view of views) await view.untilStates(USERS.map((userId) => `${userId}#1 ${stateOf(userId)}`));
      mayArrive.resolve();
      for (const view of views) await view.untilStates(USERS.map((userId) => `${userId}#1 delivered`));
      assert.deepEqual(
        views.map(({ gaps }) => gaps),
        [0, 0],
      );
    });
  }

  test('what waits when somebody begins to look on, and what is sent again through another node, is told too', async (t) => {
    const { nodes, apps } = await startTwo(t);
    const [a, b] = apps;
    const receiver = await startReceiver(t, () => status(500));
    const endpoint = await a.addEndpoint(receiver.url, { maxAttempts: 1 });
    await a.importUsers(...FAILING);
    for (const userId of FAILING) await a.set(userId, nick('one'));
    const dead = await a.untilSettled('', ['dead']);
    receiver.script = () => ok();
    await a.turnEndpoint(endpoint, 'pause');
    for (const userId of FAILING) await a.set(userId, nick('two'));
    const view = await LiveView.open(t, nodes[1], b);
    await a.turnEndpoint(endpoint, 'resume');
    await view.untilStates(FAILING.map((userId) => `${userId}#2 delivered`));
    for (const { deliveryId } of dead) await a.admin('POST', `/deliveries/${deliveryId}/redeliver`);
    await view.untilStates(FAILING.flatMap((userId) => [`${userId}#1 delivered`, `${userId}#2 delivered`]));
  });

  test('a node that was alone is joined by another: who looks on reads anew, and then misses nothing', async (t) => {
    const databaseUrl = await testDatabase(t);
    const start = (): Promise<TestServer> => startTestServer(t, { flags: { databaseUrl } });
    const first = await start();
    const a = await TestApp.create(first);
    await a.addEndpoint((await startReceiver(t)).url);
    await a.importUsers('alice');
    const view = await LiveView.open(t, first, a);
    await a.set('alice', nick('one'));
    await view.untilStates(['alice#1 delivered']);
    assert.equal(view.gaps, 0);
    const b = await untilFound(await start(), a.sdkAppId);
    await until(() => view.gaps === 1, { what: () => 'the gap', withinMs: WITHIN_MS });
    await b.set('alice', nick('two'));
    await view.untilStates(['alice#1 delivered', 'alice#2 delivered']);
    assert.equal(view.gaps, 1);
  });

  test('figures of either node count what both do, and all that waits', async (t) => {
    const { apps } = await startTwo(t);
    const [a, b] = apps;
    const receiver = await startReceiver(t, () => ok());
    const endpoint = await a.addEndpoint(receiver.url);
    await a.importUsers(...USERS);
    await a.turnEndpoint(endpoint, 'pause');
    const stateAtB = async () => (await b.admin('GET', `/endpoints/${endpoint.endpointId}`)).json.state;
    await until(async () => (await stateAtB()) === 'paused', {
      what: () => 'the pause at the other node',
      withinMs: WITHIN_MS,
    });
    for (const [index, userId] of USERS.entries()) await (apps[index % 2] as TestApp).set(userId, nick('one'));
    const shown = async (app: TestApp): Promise<string> => {
      const { backlog, oldestPendingAgeMs, total } = (await app.admin('GET', '/stats?window=15m')).json;
      return `${total.changes} changes, ${total.delivered} delivered, ${backlog.at(-1)} wait${oldestPendingAgeMs.at(-1) > 0 ? ', an age' : ''}`;
    };
    const untilShown = async (expected: string): Promise<void> => {
      for (const app of apps) {
        let last = '';
        await until(
          async () => {
            last = await shown(app);
            return last === expected;
          },
          { what: () => `${expected}; there are ${last}`, withinMs: 25_000 },
        );
      }
    };
    await untilShown('12 changes, 0 delivered, 12 wait, an age');
    await a.turnEndpoint(endpoint, 'resume');
    await untilShown('12 changes, 12 delivered, 0 wait');
  });
});
