/** The embedded store: one process, one file, nothing to run beside it. */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { openDatabase } from './connection.ts';
import { lockFolder } from './lock.ts';
import { migrate } from './migrate.ts';
import { replayLog } from './replay-log.ts';
import { storeErrorFrom } from './sqlite-error.ts';
import { SqliteStore } from './sqlite-store.ts';

/** Where the store lies, and whose time it uses. */
export interface SqliteStoreOptions {
  /** made if it isn't there; holds portrait.db and the lock */
  readonly folder: string;
  readonly clock: Clock;
}

/**
 * Open the embedded store, make or migrate it if need be, and keep other processes out.
 *
 * @throws StoreError `refused` if another process has it, or if it is not one that this program can open
 */
export function openSqliteStore({ folder, clock }: SqliteStoreOptions): SqliteStore {
  const closers: (() => void)[] = [];
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    closers.push(lockFolder(folder));
    const file = join(folder, 'portrait.db');
    // It holds the apps' keys; what SQLite puts beside it gets the same mode.
    closeSync(openSync(file, 'a', 0o600));
    const db = openDatabase(file);
    closers.push(() => db.close());
    migrate(db);
    replayLog(db);
    // The folder's lock says that whoever held a lane before is gone.
    db.exec('UPDATE lane SET owner = NULL, lease_until_ms = 0 WHERE owner IS NOT NULL');
    return new SqliteStore({ db, clock, release: () => closeAll(closers) });
  } catch (thrown) {
    closeAll(closers);
    throw storeErrorFrom(thrown);
  }
}

function closeAll(closers: (() => void)[]): void {
  for (const close of closers.splice(0).reverse()) close();
}
