/** Several real nodes on one database. */
import { setTimeout as delay } from 'node:timers/promises';
import { type ChildServer, startChildServer } from '../support/live/child-server.ts';
import type { Owner } from '../support/live/cleanup.ts';
import { TestApp } from '../support/live/test-app.ts';
import { type PostgresServer, postgresServer, testDatabase } from '../support/postgres.ts';
import { until } from '../support/until.ts';

/** What a cluster is made of. */
export interface ClusterOptions {
  readonly nodes: number;
  /** settings of each node, as they are typed */
  readonly args?: readonly string[];
  /** settings of one of them beside the others */
  readonly argsOf?: (node: number) => readonly string[];
  /** where the nodes find the database; default: at the server itself */
  readonly urlOf?: (databaseUrl: string) => string;
}

/** Start nodes one after the other. Their owner kills them. */
export async function startCluster(owner: Owner, options: ClusterOptions): Promise<Cluster> {
  const { nodes, args = [], argsOf = () => [], urlOf = (url) => url } = options;
  const databaseUrl = await testDatabase(owner);
  const servers: ChildServer[] = [];
  for (let node = 0; node < nodes; node += 1) {
    servers.push(
      await startChildServer(owner, { args: ['--database-url', urlOf(databaseUrl), ...args, ...argsOf(node)] }),
    );
  }
  return new Cluster(await postgresServer(), databaseUrl, servers);
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
  async apps(): Promise<readonly TestApp[]> {
    const first = await TestApp.create(this.node(0));
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

async function untilFound(node: ChildServer, sdkAppId: number): Promise<TestApp> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await TestApp.find(node, sdkAppId);
    } catch (error) {
      if (tries > 200) throw error;
      await delay(10);
    }
  }
}
