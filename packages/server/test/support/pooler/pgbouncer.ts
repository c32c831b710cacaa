/** The real PgBouncer, where it is installed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import pg from 'pg';
import { atEnd, type Owner } from '../live/cleanup.ts';
import { freePort, type PostgresServer } from '../postgres-server.ts';
import { until } from '../until.ts';

/** It does not run as root: then as nobody. */
const NOBODY = 65_534;

/** Why there is none; undefined = it is there. */
export const withoutPgbouncer: string | undefined = pathOfPgbouncer() ? undefined : 'no pgbouncer on the PATH';

/** Start it in transaction mode in front of a server. Its owner ends it. @returns its port */
export async function startPgbouncer(owner: Owner, postgres: PostgresServer, servers = 3): Promise<number> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'portrait-pgbouncer-'));
  atEnd(owner, () => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o755);
  const server = new URL(postgres.url('postgres'));
  const file = join(folder, 'pgbouncer.ini');
  const target = `host=${server.hostname} port=${server.port} user=${server.username} password=${server.password}`;
  const settings = [
    '[databases]',
    `* = ${target}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    'pool_mode = transaction',
    `default_pool_size = ${servers}`,
    'max_client_conn = 500',
    'server_login_retry = 1',
  ];
  await writeFile(file, `${settings.join('\n')}\n`);
  const isRoot = process.getuid?.() === 0;
  const child = spawn(pathOfPgbouncer() ?? '', [file], {
    stdio: 'ignore',
    ...(isRoot && { uid: NOBODY, gid: NOBODY }),
  });
  atEnd(owner, () => end(child));
  await until(() => answers(postgres.url('postgres', port)), { what: () => `PgBouncer (${child.exitCode ?? 'runs'})` });
  return port;
}

function pathOfPgbouncer(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, 'pgbouncer')).find((path) => existsSync(path));
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
