import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { ApiError, StoreError } from '../../errors.ts';
import { isMediumFault, storeErrorFrom } from './sqlite-error.ts';

const fault = (errcode: number): Error =>
  Object.assign(new Error('from SQLite'), { code: 'ERR_SQLITE_ERROR', errcode });

/** Result codes of SQLite, extended ones among them: sqlite.org/rescode.html */
const CODES = [
  { name: 'SQLITE_FULL', code: 13, kind: 'full', isMedium: true },
  { name: 'SQLITE_READONLY', code: 8, kind: 'read-only', isMedium: true },
  { name: 'SQLITE_READONLY_DBMOVED', code: 1032, kind: 'read-only', isMedium: true },
  { name: 'SQLITE_READONLY_DIRECTORY', code: 1544, kind: 'read-only', isMedium: true },
  { name: 'SQLITE_IOERR', code: 10, kind: 'unavailable', isMedium: true },
  { name: 'SQLITE_IOERR_FSYNC', code: 1034, kind: 'unavailable', isMedium: true },
  { name: 'SQLITE_IOERR_WRITE', code: 778, kind: 'unavailable', isMedium: true },
  { name: 'SQLITE_CANTOPEN', code: 14, kind: 'unavailable', isMedium: true },
  { name: 'SQLITE_BUSY', code: 5, kind: 'unavailable', isMedium: false },
  { name: 'SQLITE_CORRUPT', code: 11, kind: 'unavailable', isMedium: false },
  { name: 'SQLITE_CONSTRAINT_PRIMARYKEY', code: 1555, kind: 'unavailable', isMedium: false },
  { name: 'SQLITE_TOOBIG', code: 18, kind: 'unavailable', isMedium: false },
] as const;

describe('storeErrorFrom', () => {
  for (const { name, code, kind, isMedium } of CODES) {
    test(`${name} is "${kind}"${isMedium ? ', and would be for any other write' : ''}`, () => {
      const thrown = fault(code);
      const error = storeErrorFrom(thrown);
      assert.ok(error instanceof StoreError);
      assert.deepEqual([error.kind, error.cause, isMediumFault(error)], [kind, thrown, isMedium]);
      assert.doesNotMatch(error.message, /SQLite/);
    });
  }

  test('errors of ours pass as they are', () => {
    for (const error of [new ApiError(40003), new StoreError('lease-lost')]) {
      assert.equal(storeErrorFrom(error), error);
      assert.equal(isMediumFault(error), false);
    }
  });

  for (const thrown of [new TypeError('x is undefined'), 'text', undefined, null, { errcode: 'no number' }]) {
    test(`${String(thrown)} is a store that does not answer`, () => {
      const error = storeErrorFrom(thrown);
      assert.ok(error instanceof StoreError);
      assert.deepEqual([error.kind, error.cause], ['unavailable', thrown]);
    });
  }

  test('what node:sqlite really throws has its code where it is looked for', () => {
    const db = new DatabaseSync(':memory:');
    try {
      db.exec('CREATE TABLE t (x); PRAGMA query_only = ON');
      assert.throws(
        () => db.exec('INSERT INTO t VALUES (1)'),
        (thrown) => (storeErrorFrom(thrown) as StoreError).kind === 'read-only',
      );
      db.exec('PRAGMA query_only = OFF; PRAGMA max_page_count = 2');
      assert.throws(
        () => db.prepare('INSERT INTO t VALUES (?)').run('x'.repeat(100_000)),
        (thrown) => (storeErrorFrom(thrown) as StoreError).kind === 'full',
      );
    } finally {
      db.close();
    }
  });
});
