/**
 * A pooler as PgBouncer is in transaction mode: many clients share few connections to the server, and each has one for a transaction only. It is stricter:
 * who comes next has another connection than the one he had before, and what is left in a session, or would be, is written down.
 *
 * Clients may send statements without waiting for the answers to those before: a connection is taken away when all have been answered and no transaction is open.
 *
 * @see PostgreSQL, "Frontend/Backend Protocol", chapters "Message Flow" and "Message Formats"
 */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { atEnd, type Owner } from './live/cleanup.ts';
import { PooledClient } from './pooler/pooled-client.ts';
import { ServerPool } from './pooler/server-pool.ts';
import type { PostgresServer } from './postgres-server.ts';

const SERVERS = 3;
const LEFT = `SELECT 'statement ' || name FROM pg_prepared_statements UNION ALL SELECT 'channel ' || c FROM pg_listening_channels() AS c
  UNION ALL SELECT 'setting ' || name FROM pg_settings WHERE source = 'session' UNION ALL SELECT 'cursor ' || name FROM pg_cursors WHERE is_holdable`;

/** A pooler that runs. */
export interface TransactionPooler {
  readonly port: number;
  /** what clients did that needs a session, each kind once */
  readonly violations: readonly string[];
  /** transactions that had another connection than their client's transaction before */
  readonly moves: number;
  /** What is left in the sessions of the server: named statements, channels, settings. Nobody may be at work. */
  leftovers(): Promise<readonly string[]>;
}

/** Start a pooler in front of a server. Its owner closes it. @param servers  connections to each database */
export async function startTransactionPooler(
  owner: Owner,
  postgres: PostgresServer,
  servers: number = SERVERS,
): Promise<TransactionPooler> {
  const pooler = new Pooler(postgres, servers);
  atEnd(owner, () => pooler.close());
  await pooler.listen();
  return pooler;
}

class Pooler implements TransactionPooler {
  readonly #postgres: PostgresServer;
  readonly #serversPerDatabase: number;
  readonly #listener = createServer({ noDelay: true }, (socket) => this.#serve(socket));
  readonly #pools = new Map<string, ServerPool>();
  readonly #clients = new Map<PooledClient, string>();
  readonly #violations = new Set<string>();
  moves = 0;

  constructor(postgres: PostgresServer, serversPerDatabase: number) {
    this.#postgres = postgres;
    this.#serversPerDatabase = serversPerDatabase;
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  get violations(): readonly string[] {
    return [...this.#violations];
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#listener.listen(0, '127.0.0.1', resolve));
  }

  async leftovers(): Promise<readonly string[]> {
    const idle = [...this.#pools.values()].flatMap((pool) => pool.idle);
    return (await Promise.all(idle.map((server) => server.ask(LEFT)))).flat();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#listener.close(resolve));
    for (const client of this.#clients.keys()) client.end();
    for (const pool of this.#pools.values()) for (const server of pool.all) server.destroy();
    await closed;
  }

  #serve(socket: Socket): void {
    const client = new PooledClient(socket, {
      poolOf: (database) => {
        this.#clients.set(client, database);
        return this.#pool(database);
      },
      onViolation: (what) => this.#violations.add(what),
      onMove: () => {
        this.moves += 1;
      },
      onEnd: () => this.#clients.delete(client),
    });
  }

  #pool(database: string): ServerPool {
    const known = this.#pools.get(database);
    if (known) return known;
    const pool = new ServerPool({
      url: this.#postgres.url(database),
      most: this.#serversPerDatabase,
      // as PgBouncer: who waits for the server learns that it is not there
      onFault: () => {
        for (const [client, name] of this.#clients) if (name === database) client.end();
      },
    });
    this.#pools.set(database, pool);
    return pool;
  }
}
