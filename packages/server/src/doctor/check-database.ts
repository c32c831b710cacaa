/** The database that nodes share, read without a change. */
import type { Clock } from '../clock.ts';
import { StoreError } from '../errors.ts';
import { type DatabasePeek, peekDatabase } from '../storage/postgres/peek.ts';
import type { Check } from './check.ts';

/** What is known of the database. */
export interface DatabaseSight {
  readonly checks: readonly Check[];
  /** undefined if it can't be read */
  readonly peek: DatabasePeek | undefined;
}

/** @param url  as --database-url has it; no message repeats it, as it holds a password */
export async function checkDatabase(url: string, clock: Clock): Promise<DatabaseSight> {
  try {
    const peek = await peekDatabase(url, clock);
    return { peek, checks: [describePeek(peek)] };
  } catch (error) {
    const isRefused = error instanceof StoreError && error.kind === 'refused';
    const cause = (error as Error).cause as { readonly message?: string; readonly code?: string } | undefined;
    const what = isRefused
      ? (error as Error).message
      : `The database can not be read: ${cause?.message || cause?.code || (error as Error).message}.`;
    const advice = isRefused
      ? 'Use the Portrait that made it, or another database.'
      : 'Look at host, port, user and password of --database-url, and at pg_hba.conf of the server.';
    return { peek: undefined, checks: [make('problem', what, advice)] };
  }
}

function describePeek({ version, store }: DatabasePeek): Check {
  if (!store) return make('skipped', `PostgreSQL ${version} answers; the first start makes the store in it.`);
  const { schema, nodes, apps, endpoints } = store;
  const use = nodes === 0 ? 'no node is at work' : `${count(nodes, 'node')} at work`;
  if (schema.stored < schema.known) {
    const what = `PostgreSQL ${version} answers; the store has schema ${schema.stored} of ${schema.known}.`;
    return make('warning', what, 'The next start of this version upgrades it: make a backup first (pg_dump).');
  }
  const content = `${count(apps.length, 'app')} and ${count(endpoints.length, 'endpoint')}`;
  return make(
    'ok',
    `PostgreSQL ${version} answers; the store has schema ${schema.stored}, the newest one, ${content}; ${use}.`,
  );
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function make(status: Check['status'], what: string, advice?: string): Check {
  return { area: 'store', status, what, ...(advice !== undefined && { advice }) };
}
