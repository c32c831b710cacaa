/** Brings a database file to the schema of this program. */
import type { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../../errors.ts';
import { sql as start } from './migrations/0001-start.ts';
import { sql as circuit } from './migrations/0002-circuit.ts';
import { sql as deliveryLog } from './migrations/0003-delivery-log.ts';
import { sql as retention } from './migrations/0004-retention.ts';
import { sql as replay } from './migrations/0005-replay.ts';
import { sql as stats } from './migrations/0006-stats.ts';

const MIGRATIONS: readonly string[] = [start, circuit, deliveryLog, retention, replay, stats];
/** "Port", in the file's header: tells a Portrait database from another program's. */
const APPLICATION_ID = 0x506f7274;

/**
 * Look at a database before anything is changed in it.
 *
 * @throws StoreError `refused` if it is another program's or was written by a newer Portrait
 */
export function checkOwner(db: DatabaseSync): void {
  const applicationId = pragma(db, 'application_id');
  const version = pragma(db, 'user_version');
  const isEmpty = db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
  if (applicationId !== APPLICATION_ID && !(isEmpty && applicationId === 0 && version === 0)) {
    throw new StoreError('refused', 'The database file was not made by Portrait.');
  }
  if (version > MIGRATIONS.length) {
    throw new StoreError(
      'refused',
      `The database has schema ${version}, this version of Portrait knows up to ${MIGRATIONS.length}: start the newer version.`,
    );
  }
}

/** @returns the schema of a database, and the one of this program */
export function schemasOf(db: DatabaseSync): { readonly stored: number; readonly known: number } {
  return { stored: pragma(db, 'user_version'), known: MIGRATIONS.length };
}

/** Apply what is missing, each migration in a transaction of its own. To be called after `checkOwner`. */
export function migrate(db: DatabaseSync): void {
  const version = pragma(db, 'user_version');
  for (const [index, sql] of MIGRATIONS.entries()) {
    if (index < version) continue;
    db.exec(`BEGIN IMMEDIATE; ${sql}
      PRAGMA application_id = ${APPLICATION_ID};
      PRAGMA user_version = ${index + 1};
      COMMIT;`);
  }
}

function pragma(db: DatabaseSync, name: 'application_id' | 'user_version'): number {
  return db.prepare(`PRAGMA ${name}`).get()?.[name] as number;
}
