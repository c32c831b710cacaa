/** The embedded store: one process, one file, nothing to run beside it. */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { StoreError } from '../../errors.ts';
import type { Metrics } from '../../metrics.ts';
import { openDatabase } from './connection.ts';
import { lockFolder } from './lock.ts';
import { migrate } from './migrate.ts';
import { removeOrphans } from './orphans.ts';
import { replayLog } from './replay-log.ts';
import { storeErrorFrom } from './sqlite-error.ts';
import { SqliteStore } from './sqlite-store.ts';

/** Where the store lies, and whose time it uses. */
export interface SqliteStoreOptions {
  /** made if it isn't there; holds portrait.db and the lock */
  readonly folder: string;
  readonly clock: Clock;
  /** where commits and faults are counted */
  readonly metrics?: Metrics;
}

/**
 * Open the embedded store, make or migrate it if need be, and keep other processes out.
 *
 * @throws StoreError `refused` if another process has it, or if it can't be opened; `full`, `read-only`
 */
export function openSqliteStore({ folder, clock, metrics }: SqliteStoreOptions): SqliteStore {
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
    removeOrphans(db);
    // The folder's lock says that whoever held a lane before is gone.
    db.exec('UPDATE lane SET owner = NULL, lease_until_ms = 0 WHERE owner IS NOT NULL');
    return new SqliteStore({ db, clock, metrics, release: () => closeAll(closers) });
  } catch (thrown) {
    closeAll(closers);
    throw openingFault(thrown, folder);
  }
}

/** Whatever keeps a store from being opened is told with the folder and the cause: somebody has to mend it. */
function openingFault(thrown: unknown, folder: string): StoreError {
  const error = storeErrorFrom(thrown);
  if (error instanceof StoreError && error.kind !== 'unavailable') return error;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new StoreError('refused', `The data folder ${folder} can not be opened: ${reason}.`, { cause: thrown });
}

function closeAll(closers: (() => void)[]): void {
  for (const close of closers.splice(0).reverse()) close();
}
