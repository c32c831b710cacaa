/** How statements and their parameters go to PostgreSQL. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import pg from 'pg';
import { systemClock } from '../../src/clock.ts';
import { StoreError } from '../../src/errors.ts';
import { ChangeCommits } from '../../src/storage/postgres/commit-changes.ts';
import { Database, type SqlValue } from '../../src/storage/postgres/database.ts';
import { openPostgresStore } from '../../src/storage/postgres/open.ts';
import { prepared } from '../../src/storage/postgres/prepared.ts';
import { atEnd } from '../support/live/cleanup.ts';
import { postgresServer, testDatabase } from '../support/postgres.ts';
import { APP, NICK, ORIGIN, sampleApp } from '../support/samples.ts';
import { until } from '../support/until.ts';

const ONE_CONNECTION = { poolSize: 1, clock: systemClock } as const;

async function database(t: TestContext, url?: string): Promise<Database> {
  const made = new Database({ ...ONE_CONNECTION, url: url ?? (await testDatabase(t)) });
  atEnd(t, () => made.close());
  return made;
}

describe('postgres: arrays as parameters', () => {
  const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { freq: 5 });
  const kinds: Readonly<Record<string, fc.Arbitrary<string | number | boolean | null | Uint8Array>>> = {
    int: orNull(fc.integer()),
    bigint: orNull(fc.maxSafeInteger()),
    float8: orNull(fc.double({ noNaN: true, noDefaultInfinity: true })),
    boolean: orNull(fc.boolean()),
    text: orNull(
      fc.string({ unit: fc.constantFrom('a', '"', '\\', ',', '{', '}', ' ', '\n', 'é', '中', '😀', 'NULL') }),
    ),
    bytea: orNull(fc.uint8Array()),
  };

  for (const [type, arbitrary] of Object.entries(kinds)) {
    test(`${type}: arrive as they are`, async (t) => {
      const db = await database(t);
      const sql = `SELECT value FROM unnest($1::${type}[]) WITH ORDINALITY AS v (value, no) ORDER BY no`;
      await fc.assert(
        fc.asyncProperty(fc.array(arbitrary, { maxLength: 20 }), async (values) => {
          const rows = await db.query(sql, [values as SqlValue]);
          const plain = (value: unknown): unknown => {
            if (value instanceof Uint8Array) return Buffer.from(value);
            return Object.is(value, -0) && type !== 'float8' ? 0 : value;
          };
          assert.deepEqual(
            rows.map(({ value }) => plain(value)),
            values.map(plain),
          );
        }),
        { numRuns: 60 },
      );
    });
  }

  test('the least and the largest', async (t) => {
    const db = await database(t);
    const ints = [-(2 ** 31), 2 ** 31 - 1, 0, -1];
    const bigints = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, -1, 2 ** 32, -(2 ** 32), 2 ** 32 - 1];
    const [row] = await db.query('SELECT $1::int[]::text AS ints, $2::bigint[]::text AS bigints', [ints, bigints]);
    assert.deepEqual(row, { ints: `{${ints.join()}}`, bigints: `{${bigints.join()}}` });
  });
});

test('postgres: a value that can not be sent fails its transaction alone', async (t) => {
  const db = await database(t);
  await assert.rejects(
    db.transaction((tx) => tx.query('SELECT $1::int[] AS numbers', [[2 ** 31]])),
    StoreError,
  );
  const send = async () =>
    db.transaction(async (tx) => {
      tx.send('SELECT $1::int[] AS numbers', [[2 ** 31]]);
      await tx.query('SELECT 1 AS one');
    });
  await assert.rejects(send, StoreError);
  assert.deepEqual(await db.transaction((tx) => tx.query('SELECT 1 AS one')), [{ one: 1 }]);
});

describe('postgres: prepared statements', () => {
  const SQL = prepared('SELECT n.value + 1 AS value FROM unnest($1::bigint[]) AS n (value)');
  const run = (db: Database): Promise<number> =>
    db.transaction(async (tx) => (await tx.query(SQL, [[41]]))[0]?.value as number);
  const known = async (db: Database): Promise<unknown> =>
    (await db.query("SELECT name FROM pg_prepared_statements WHERE statement NOT LIKE '%set_config%'")).map(
      ({ name }) => name,
    );

  test('a connection keeps a statement', async (t) => {
    const db = await database(t);
    assert.equal(await run(db), 42);
    assert.equal(await run(db), 42);
    assert.deepEqual(await known(db), [SQL.name]);
  });

  test('a connection that has forgotten it, as one behind a pooler: the statement goes out whole, from then on', async (t) => {
    const db = await database(t);
    assert.equal(await run(db), 42);
    await db.query('DEALLOCATE ALL');
    assert.equal(await run(db), 42);
    assert.equal(await run(db), 42);
    assert.deepEqual(await known(db), []);
  });

  test('a connection on which another client prepared it, as one behind a pooler: the same', async (t) => {
    const db = await database(t);
    await db.query(`PREPARE ${SQL.name} AS SELECT 1`);
    assert.equal(await run(db), 42);
    assert.equal(await run(db), 42);
  });

  test('none where connections are not to remember anything', async (t) => {
    const db = new Database({ ...ONE_CONNECTION, url: await testDatabase(t), prepares: false });
    atEnd(t, () => db.close());
    assert.equal(await run(db), 42);
    assert.deepEqual(await known(db), []);
  });

  test('changes of an empty store are planned for a full one', async (t) => {
    const url = await testDatabase(t);
    const store = await openPostgresStore({ url, poolSize: 3, laneCount: 4, clock: systemClock });
    atEnd(t, () => store.close());
    await store.createApp(sampleApp());
    const db = await database(t, url);
    const items = [{ tag: NICK, value: 'Alice' }];
    for (const kind of ['import', 'set'] as const) {
      const command = { kind, sdkAppId: APP, userId: 'alice', items, origin: ORIGIN, announce: false };
      await new ChangeCommits({ database: db, laneCount: 4, clock: systemClock, time: () => undefined }).commit([
        command,
      ]);
    }
    await db.query('SET plan_cache_mode = force_generic_plan'); // the plan that is there, not another one for EXPLAIN
    const statements = await db.query(
      'SELECT name, cardinality(parameter_types) AS count, generic_plans FROM pg_prepared_statements WHERE cardinality(parameter_types) > 0',
    );
    assert.ok(statements.length >= 3, JSON.stringify(statements));
    for (const { name, count, generic_plans } of statements) {
      assert.ok((generic_plans as number) > 0);
      const nulls = new Array(count as number).fill('NULL').join();
      const plan = JSON.stringify(await db.query(`EXPLAIN EXECUTE ${name}(${nulls})`));
      assert.ok(!plan.includes('Seq Scan'), plan);
    }
  });
});

test('postgres: a piece that the server ends because it waited too long is sent once more', async (t) => {
  const url = await testDatabase(t);
  const db = await database(t, url);
  await db.learnLimits();
  await db.query('CREATE TABLE thing AS SELECT 1 AS value');
  const holder = new pg.Client({ connectionString: url });
  await holder.connect();
  atEnd(t, () => holder.end());
  await holder.query('BEGIN; LOCK TABLE thing');
  const postgres = await postgresServer();
  const waiting = async (): Promise<unknown> => {
    const sql = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'UPDATE thing%'";
    return (await postgres.query(sql))[0]?.pid;
  };
  const sent = db.send([[prepared('UPDATE thing SET value = value + 1 RETURNING value'), []]]);
  const first = await until(waiting, { what: () => 'the piece to wait' });
  await until(async () => ((await waiting()) ?? first) !== first, { what: () => 'another connection to wait' });
  await holder.query('COMMIT');
  assert.deepEqual(await sent, [[{ value: 2 }]]);
});
