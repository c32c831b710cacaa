/** Callbacks remembered in PostgreSQL, through a client shaped like those of `pg`. */
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

/** What is used of a `pg` Pool or Client. */
export interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: SqlRow[] }>;
}

/** The two tables, for a migration of the app's own; createTables runs it. */
export const POSTGRES_SCHEMA: string = CREATE_TABLES.map((statement) => `${statement};`).join('\n');

/** What one of two sessions gets that create the same table at the same moment: unique violation, duplicate table or object. */
const CREATED_MEANWHILE: ReadonlySet<unknown> = new Set(['23505', '42P07', '42710']);
const MOST_TRIES = 5;

/** Create the two tables `portrait_receiver_…` where they are not there. Several processes may do so at once. */
export async function createTables(client: PostgresClient): Promise<void> {
  for (const statement of CREATE_TABLES) await createOne(client, statement);
}

async function createOne(client: PostgresClient, statement: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await client.query(statement);
      return;
    } catch (error) {
      const { code } = error as { readonly code?: unknown };
      if (tries === MOST_TRIES || !CREATED_MEANWHILE.has(code)) throw error;
    }
  }
}

/** Make a store in tables that createTables has made. Any number of processes may share them; give it a pool. */
export function postgresStore(client: PostgresClient, options?: SqlStoreOptions): CallbackStore {
  return sqlStore(runner(client), options);
}

/**
 * Record a callback inside a transaction of the app's own: its effect and its mark are committed together, or neither. To be
 * called first; the handler's `createHandler` then has `store: false`. Of two at once the second waits for the first.
 *
 * @param client   the one that has the transaction, not a pool
 * @param context  the handler's second argument
 * @param options  nowMs: Unix milliseconds, default `Date.now()`
 * @returns `new`: go on. `repeat`: it took effect before, do nothing. `stale`: a newer change of this user did
 */
export async function recordCallback(
  client: PostgresClient,
  context: RecordableContext,
  { userId, nowMs = Date.now(), keepMs }: SqlStoreOptions & { readonly userId: string; readonly nowMs?: number },
): Promise<Recorded> {
  const run = runner(client);
  for (const { text, values, without } of recordingSteps(context, userId, { nowMs, keepMs })) {
    if ((await run(text, values)).length === 0) return without;
  }
  return 'new';
}

function runner(
  client: PostgresClient,
): (text: string, values: readonly (string | number)[]) => Promise<readonly SqlRow[]> {
  return async (text, values) => (await client.query(text.replaceAll(/\?(\d)/g, '$$$1'), [...values])).rows;
}
