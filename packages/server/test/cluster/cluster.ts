/** Several real nodes on one database. */
import { type ChildServer, startChildServer } from '../support/live/child-server.ts';
import type { Owner } from '../support/live/cleanup.ts';
import { type AppBody, type Reachable, TestApp } from '../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../support/live/test-server.ts';
import { postgresServer, testDatabase } from '../support/postgres.ts';
import type { PostgresServer } from '../support/postgres-server.ts';
import { until } from '../support/until.ts';

/** What is to be known everywhere within a second; a loaded machine gets more. */
export const WITHIN_MS = 5_000;
const FOUND_WITHIN_MS = 10_000;

/** Two servers in this process, as different nodes. */
export async function startTwo(
  owner: Owner,
  flags: Readonly<Record<string, string>> = {},
): Promise<[TestServer, TestServer]> {
  const databaseUrl = await testDatabase(owner);
  const start = (): Promise<TestServer> => startTestServer(owner, { flags: { databaseUrl, ...flags } });
  return [await start(), await start()];
}

/** One app by both nodes. */
export async function appOf([a, b]: readonly [TestServer, TestServer], body?: AppBody): Promise<[TestApp, TestApp]> {
  const app = await TestApp.create(a, body);
  return [app, await untilFound(b, app.sdkAppId)];
}

/** Start nodes one after the other. Their owner kills them. @param argsOf  settings of each, as they are typed */
export async function startNodes(
  owner: Owner,
  count: number,
  argsOf: (node: number) => readonly string[],
): Promise<readonly ChildServer[]> {
  const nodes: ChildServer[] = [];
  for (let node = 0; node < count; node += 1) nodes.push(await startChildServer(owner, { args: argsOf(node) }));
  return nodes;
}

/** Nodes on a fresh database. @param argsOf  settings of each beside the database */
export async function startCluster(
  owner: Owner,
  count: number,
  argsOf: (node: number) => readonly string[] = () => [],
): Promise<Cluster> {
  const databaseUrl = await testDatabase(owner);
  const nodes = await startNodes(owner, count, (node) => ['--database-url', databaseUrl, ...argsOf(node)]);
  return new Cluster(await postgresServer(), databaseUrl, nodes);
}

/** Nodes, and a look into their database. */
export class Cluster {
  readonly postgres: PostgresServer;
  readonly databaseUrl: string;
  readonly nodes: readonly ChildServer[];

  constructor(postgres: PostgresServer, databaseUrl: string, nodes: readonly ChildServer[]) {
    this.postgres = postgres;
    this.databaseUrl = databaseUrl;
    this.nodes = nodes;
  }

  node(index: number): ChildServer {
    const node = this.nodes[index];
    if (!node) throw new Error(`there is no node ${index}`);
    return node;
  }

  /** One app, by each node. It is made at the first one. */
  async apps(body?: AppBody): Promise<readonly TestApp[]> {
    const first = await TestApp.create(this.node(0), body);
    const others = this.nodes.slice(1).map((node) => untilFound(node, first.sdkAppId));
    return [first, ...(await Promise.all(others))];
  }

  /** How many lanes each owner has, largest first; lanes of nobody are not counted. */
  async shares(): Promise<readonly number[]> {
    const sql = 'SELECT count(*)::int AS n FROM portrait.lane WHERE owner IS NOT NULL GROUP BY owner ORDER BY n DESC';
    return (await this.postgres.query(sql, this.databaseUrl)).map((row) => row.n as number);
  }

  /** Wait until the nodes have these shares. */
  async untilShares(...shares: readonly number[]): Promise<void> {
    let last: readonly number[] = [];
    await until(
      async () => {
        last = await this.shares();
        return last.join() === shares.join();
      },
      { what: () => `shares ${shares.join()}, they are ${last.join()}`, withinMs: 30_000 },
    );
  }
}

/** An app that was made at another node, by this one. */
export async function untilFound(node: Reachable, sdkAppId: number): Promise<TestApp> {
  return await until(() => TestApp.find(node, sdkAppId).catch(() => undefined), {
    what: () => 'the app at the other node',
    withinMs: FOUND_WITHIN_MS,
  });
}
