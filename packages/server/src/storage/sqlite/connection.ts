/** Opens the database file. */
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../../errors.ts';
import { checkOwner } from './migrate.ts';

/**
 * FULL makes each commit durable against power loss, not only against a crash of the process. A
 * checkpoint comes every 4,000 pages (16 MB); 1,000, 16,000 and 64,000 were not measurably faster or slower.
 * secure_delete=FAST puts zeros where rows stood in pages that are written anyway: without it, values that were erased later were found in
 * pages that SQLite had rearranged before.
 *
 * @throws StoreError `refused` if the file is not Portrait's, or SQLite does not run as durably as that
 */
export function openDatabase(file: string): DatabaseSync {
  const db = new DatabaseSync(file);
  try {
    checkOwner(db);
    configure(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function configure(db: DatabaseSync): void {
  db.exec(`PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY;
    PRAGMA secure_delete = FAST`);
  const { synchronous } = db.prepare('PRAGMA synchronous').get() as { synchronous: number };
  const { journal_mode: mode } = db.prepare('PRAGMA journal_mode').get() as { journal_mode: string };
  if (synchronous === 2 && mode === 'wal') return;
  throw new StoreError(
    'refused',
    `SQLite runs with journal_mode=${mode}, synchronous=${synchronous}; wal and 2 are needed.`,
  );
}
