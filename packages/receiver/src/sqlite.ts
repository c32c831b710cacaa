/** Callbacks remembered in SQLite: `node:sqlite`, better-sqlite3, and what is shaped like them. */
import type { CallbackStore } from './callback-store.ts';
import { CREATE_TABLES } from './sql-statements.ts';
import {
  type RecordableContext,
  type Recorded,
  recordingSteps,
  type SqlRow,
  type SqlStoreOptions,
  sqlStore,
} from './sql-store.ts';

export type { RecordableContext, Recorded, SqlStoreOptions } from './sql-store.ts';

/** What is used of a database. */
export interface SqliteDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
}

/** What is used of a statement. */
export interface SqliteStatement {
  all(...values: (string | number)[]): unknown[];
  run(...values: (string | number)[]): unknown;
}

/**
 * Make a store in a database of the app's, whose two tables `portrait_receiver_…` it creates. Several processes may share
 * the file.
 *
 * The connection must not have a transaction open while a handler waits for something: give the store one of its own if the
 * app works so.
 */
export function sqliteStore(database: SqliteDatabase, options?: SqlStoreOptions): CallbackStore {
  for (const statement of CREATE_TABLES) database.exec(statement);
  const run = runner(database);
  return sqlStore(async (text, values) => run(text, values), options);
}

/**
 * Record a callback inside a transaction of the app's own: its effect and its mark are committed together, or neither. To be
 * called first; the handler's `createHandler` then has `store: false`.
 *
 * @param context  the handler's second argument
 * @param options  nowMs: Unix milliseconds, default `Date.now()`
 * @returns `new`: go on. `repeat`: it took effect before, do nothing. `stale`: a newer change of this user did
 */
export function recordCallback(
  database: SqliteDatabase,
  context: RecordableContext,
  { userId, nowMs = Date.now(), keepMs }: SqlStoreOptions & { readonly userId: string; readonly nowMs?: number },
): Recorded {
  const run = runner(database);
  const failed = recordingSteps(context, userId, { nowMs, keepMs }).find(
    ({ text, values }) => run(text, values).length === 0,
  );
  return failed?.without ?? 'new';
}

/** Create the two tables, for recordCallback without a store. */
export function createTables(database: SqliteDatabase): void {
  for (const statement of CREATE_TABLES) database.exec(statement);
}

function runner(database: SqliteDatabase): (text: string, values: readonly (string | number)[]) => readonly SqlRow[] {
  return (text, values) => {
    const given: (string | number)[] = [];
    // better-sqlite3 takes numbered parameters for named ones
    const plain = text.replaceAll(/\?(\d)/g, (_, at: string) => {
      given.push(values[Number(at) - 1] ?? '');
      return '?';
    });
    const statement = database.prepare(plain);
    // nor has it all() for statements without rows
    if (/^\s*SELECT|RETURNING/.test(text)) return statement.all(...given) as SqlRow[];
    statement.run(...given);
    return [];
  };
}
