/** Looks into a store without changing anything in it, whether a server works on it or not. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { App, Endpoint } from '../store.ts';
import { isLocked } from './lock.ts';
import { checkOwner, schemasOf } from './migrate.ts';
import { Settings } from './settings.ts';

/** What is seen. */
export interface StorePeek {
  /** a server has the folder */
  readonly isInUse: boolean;
  readonly schema: { readonly stored: number; readonly known: number };
  readonly apps: readonly App[];
  readonly endpoints: readonly Endpoint[];
  /** Unix milliseconds; undefined if there is none */
  readonly newestEventAtMs: number | undefined;
}

/**
 * @returns undefined if there is no store in the folder
 * @throws StoreError it is another program's or a newer Portrait's. SQLite's error if it can't be read
 */
export function peekStore(folder: string): StorePeek | undefined {
  const file = join(folder, 'portrait.db');
  if (!existsSync(file)) return undefined;
  const isInUse = isLocked(folder);
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    db.exec('PRAGMA busy_timeout = 5000');
    checkOwner(db);
    const schema = schemasOf(db);
    // an older schema is read when a server has brought it up to date
    if (schema.stored < schema.known) return { isInUse, schema, apps: [], endpoints: [], newestEventAtMs: undefined };
    const settings = new Settings(db);
    const [apps, endpoints] = [settings.apps(), settings.endpoints()];
    return { isInUse, schema, apps, endpoints, newestEventAtMs: newestEventAtMs(db) };
  } finally {
    db.close();
  }
}

function newestEventAtMs(db: DatabaseSync): number | undefined {
  const row = db
    .prepare(
      `SELECT max(event.at_ms) AS at FROM head JOIN event
       ON event.lane = head.lane AND event.sdk_app_id = head.sdk_app_id AND event.seq = head.seq`,
    )
    .get();
  return (row?.at as number | null) ?? undefined;
}
