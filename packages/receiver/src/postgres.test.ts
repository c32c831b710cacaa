import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type pg from 'pg';
import { startPostgres, type TestPostgres } from '../test/postgres.ts';
import { testStore } from '../test/store-contract.ts';
import { createTables, POSTGRES_SCHEMA, postgresStore, recordCallback } from './postgres.ts';

describe('postgresStore', () => {
  let postgres: TestPostgres;
  let pool: pg.Pool;
  before(async () => {
    postgres = await startPostgres();
    pool = postgres.pool();
    // as many processes do that start together
    await Promise.all(Array.from({ length: 8 }, () => createTables(pool)));
    await pool.query(POSTGRES_SCHEMA);
  });
  after(() => postgres.close());

  testStore(async () => postgresStore(pool));

  async function handle(key: string, sequence: number, nick: string, meanwhile?: () => Promise<void>): Promise<string> {
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      const recorded = await recordCallback(client, { key, sdkAppId: 1, sequence }, { userId: 'alice' });
      if (recorded === 'new') {
        await client.query(
          'INSERT INTO profiles VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET nick = $2, writes = profiles.writes + 1',
          ['alice', nick],
        );
      }
      await meanwhile?.();
      await client.query('COMMIT');
      return recorded;
    } catch {
      await client.query('ROLLBACK');
      return 'failed';
    } finally {
      client.release();
    }
  }

  test('an effect and its mark are one transaction of the app', async () => {
    await pool.query('CREATE TABLE profiles (id text PRIMARY KEY, nick text, writes integer DEFAULT 1)');
    const kill = () => Promise.reject(new Error('killed'));
    const outcomes = [
      await handle('a', 1, 'Al', kill),
      await handle('a', 1, 'Al'),
      await handle('a', 1, 'Al'),
      await handle('c', 3, 'Alice'),
      await handle('b', 2, 'Ali'),
    ];
    assert.deepEqual(outcomes, ['failed', 'new', 'repeat', 'new', 'stale']);
    const atOnce = await Promise.all(Array.from({ length: 8 }, () => handle('d', 4, 'Alicia')));
    assert.deepEqual(atOnce.sort(), ['new', ...Array(7).fill('repeat')]);
    const { rows } = await pool.query('SELECT nick, writes FROM profiles');
    assert.deepEqual(rows, [{ nick: 'Alicia', writes: 3 }]);
  });
});
