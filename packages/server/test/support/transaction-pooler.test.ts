import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { atEnd, type Owner } from './live/cleanup.ts';
import { postgresServer, testDatabase } from './postgres.ts';
import { startTransactionPooler } from './transaction-pooler.ts';

async function connect(owner: Owner, options: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client({ pipeline: true, ...options } as pg.ClientConfig);
  client.on('error', () => undefined);
  await client.connect();
  atEnd(owner, () => client.end());
  return client;
}

async function pooled(owner: Owner): Promise<{
  readonly url: string;
  readonly pooler: Awaited<ReturnType<typeof startTransactionPooler>>;
}> {
  const postgres = await postgresServer();
  const database = new URL(await testDatabase(owner)).pathname.slice(1);
  const pooler = await startTransactionPooler(owner, postgres, 2);
  return { url: postgres.url(database, pooler.port), pooler };
}

const backend = async (client: pg.Client): Promise<number> =>
  (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;

test('a client has one connection for a transaction, and another one for the next', async (t) => {
  const { url, pooler } = await pooled(t);
  const [a, b] = [await connect(t, { connectionString: url }), await connect(t, { connectionString: url })];
  await a.query('BEGIN');
  await b.query('BEGIN');
  const pids = [await backend(a), await backend(b), await backend(a), await backend(b)];
  assert.deepEqual(pids.slice(0, 2), pids.slice(2));
  assert.notEqual(pids[0], pids[1]);
  await Promise.all([a.query('COMMIT'), b.query('COMMIT')]);
  assert.notEqual(await backend(a), await backend(a));
  assert.ok(pooler.moves > 0);
});

test('what is sent without waiting is answered by one connection, in order, also behind a fault', async (t) => {
  const { url } = await pooled(t);
  const clients = await Promise.all(Array.from({ length: 6 }, () => connect(t, { connectionString: url })));
  await Promise.all(
    clients.map(async (client, number) => {
      for (let round = 0; round < 20; round += 1) {
        const answers = await Promise.allSettled([
          client.query('BEGIN'),
          client.query('SELECT pg_backend_pid() AS pid, $1::int AS n', [number]),
          client.query('SELECT pg_backend_pid() AS pid, $1::int AS n', [number]),
          client.query('SELECT 1 / $1::int', [0]),
          client.query('ROLLBACK'),
          client.query('SELECT $1::int AS n', [round]),
        ]);
        assert.deepEqual(
          answers.map(({ status }) => status),
          ['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
        );
        const [, first, second, , , last] = answers.map((answer) => 'value' in answer && answer.value.rows[0]);
        assert.deepEqual(first, second);
        assert.equal(first.n, number);
        assert.equal(last.n, round);
      }
    }),
  );
});

test('a client that goes in the middle of a transaction takes its connection with it', async (t) => {
  const { url, pooler } = await pooled(t);
  const [a, b] = [await connect(t, { connectionString: url }), await connect(t, { connectionString: url })];
  await b.query('CREATE TABLE x (n INT)');
  await a.query('BEGIN; INSERT INTO x VALUES (1)');
  await a.end();
  await b.query('BEGIN; LOCK TABLE x; COMMIT');
  assert.equal((await b.query('SELECT count(*)::int AS n FROM x')).rows[0].n, 0);
  assert.deepEqual([pooler.violations, await pooler.leftovers()], [[], []]);
});

test('what needs a session is written down, and found in the sessions', async (t) => {
  const { url, pooler } = await pooled(t);
  const client = await connect(t, { connectionString: url, options: '-c geqo=off' });
  await client.query('BEGIN; SET LOCAL geqo = off; COMMIT');
  assert.deepEqual(pooler.violations, ['startup parameter options']);
  await client.query({ name: 'mine', text: 'SELECT 1' });
  await client.query('LISTEN news');
  await client.query('BEGIN; SET geqo = off; COMMIT');
  assert.deepEqual(pooler.violations.slice(1), ['a named statement', 'LISTEN', 'SET']);
  assert.deepEqual([...(await pooler.leftovers())].sort(), ['channel news', 'setting geqo', 'statement mine']);
});
