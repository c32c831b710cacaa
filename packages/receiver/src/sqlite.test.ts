import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, test } from 'node:test';
import { testStore } from '../test/store-contract.ts';
import { createTables, recordCallback, sqliteStore } from './sqlite.ts';

describe('sqliteStore', () => {
  const folder = mkdtempSync(join(tmpdir(), 'portrait-receiver-'));
  const databases: DatabaseSync[] = [];
  const open = (name: string): DatabaseSync => {
    const database = new DatabaseSync(join(folder, name));
    databases.push(database);
    return database;
  };
  after(() => {
    for (const database of databases) database.close();
    rmSync(folder, { recursive: true });
  });

  testStore(async () => sqliteStore(open('contract.db')));

  test('two connections to one file see the same', async () => {
    const [left, right] = [sqliteStore(open('shared.db')), sqliteStore(open('shared.db'))];
    const lease = { nowMs: 1, leaseMs: 1000 };
    assert.equal((await left.begin({ key: 'a' }, lease)).kind, 'begun');
    assert.equal((await right.begin({ key: 'a' }, lease)).kind, 'busy');
  });

  test('what is older than keepMs is forgotten, and removed in time', async () => {
    const database = open('keep.db');
    const store = sqliteStore(database, { keepMs: 5_000 });
    const begin = (key: string, nowMs: number) => store.begin({ key }, { nowMs, leaseMs: 1000 });
    const first = await begin('a', 0);
    await store.complete({ key: 'a' }, first.kind === 'begun' ? first.claim : '', 0);
    assert.equal((await begin('a', 4_999)).kind, 'done');
    assert.equal((await begin('a', 5_000)).kind, 'begun');
    for (let at = 0; at < 1000; at += 1) await begin(`key ${at}`, 10_000 + at);
    const [row] = database.prepare('SELECT count(*) AS count FROM portrait_receiver_callbacks').all();
    assert.ok(Number(row?.count) <= 1000);
    assert.equal(database.prepare("SELECT 1 FROM portrait_receiver_callbacks WHERE key = 'a'").get(), undefined);
  });

  test('an effect and its mark are one transaction of the app', () => {
    const database = open('own.db');
    createTables(database);
    database.exec('CREATE TABLE profiles (id text PRIMARY KEY, nick text)');
    const handle = (key: string, sequence: number, nick: string, fails = false): string => {
      database.exec('BEGIN IMMEDIATE');
      try {
        const recorded = recordCallback(database, { key, sdkAppId: 1, sequence }, { userId: 'alice', nowMs: 1 });
        if (recorded === 'new') {
          database.prepare('INSERT OR REPLACE INTO profiles VALUES (?, ?)').run('alice', nick);
        }
        if (fails) throw new Error('killed');
        database.exec('COMMIT');
        return recorded;
      } catch {
        database.exec('ROLLBACK');
        return 'failed';
      }
    };
    const outcomes = [
      handle('a', 1, 'Al', true),
      handle('a', 1, 'Al'),
      handle('a', 1, 'Al'),
      handle('c', 3, 'Alice'),
      handle('b', 2, 'Ali'),
    ];
    assert.deepEqual(outcomes, ['failed', 'new', 'repeat', 'new', 'stale']);
    assert.deepEqual({ ...database.prepare('SELECT nick FROM profiles').get() }, { nick: 'Alice' });
  });
});
