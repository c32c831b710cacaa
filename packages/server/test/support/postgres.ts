/** PostgreSQL for tests: one server for a test process, with a fresh database for each who asks. */
import { after } from 'node:test';
import { atEnd, type Owner } from './live/cleanup.ts';
import { type PostgresServer, startPostgresServer } from './postgres-server.ts';

/** What is tested is what becomes of processes, not of power: without syncs of the disk a test takes a third of the time. */
const FLAGS = ['-c', 'fsync=off', '-c', 'max_connections=200', '-c', 'shared_buffers=32MB'];

let server: Promise<PostgresServer> | undefined;

/** The server of this process, started when it is first asked for; it ends with the tests. */
export function postgresServer(): Promise<PostgresServer> {
  server ??= startPostgres();
  return server;
}

after(async () => {
  await (await server)?.stop();
});

/** A server beside the process's own, to be crashed. Whoever starts it stops it. */
export function startPostgres(): Promise<PostgresServer> {
  return startPostgresServer(FLAGS);
}

/** A database of its own for a test. @returns its URL */
export async function testDatabase(owner: Owner): Promise<string> {
  const postgres = await postgresServer();
  const url = await postgres.createDatabase();
  atEnd(owner, () => postgres.dropDatabase(url));
  return url;
}
