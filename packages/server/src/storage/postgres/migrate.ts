/** Brings a database to the schema of this program. */
import { StoreError } from '../../errors.ts';
import type { Database, Transaction } from './database.ts';
import { sql as start } from './migrations/0001-start.ts';
import { sql as stats } from './migrations/0002-stats.ts';
import { sql as sessions } from './migrations/0003-sessions.ts';
import { sql as laneEnded } from './migrations/0004-lane-ended.ts';
import { sql as circuits } from './migrations/0005-circuits.ts';
import { sql as profileRevision } from './migrations/0006-profile-revision.ts';
import { sqlState } from './postgres-error.ts';

const MIGRATIONS: readonly string[] = [start, stats, sessions, laneEnded, circuits, profileRevision];
/** Number of the newest schema. */
export const KNOWN_SCHEMA: number = MIGRATIONS.length;
/** unique_violation, duplicate_table, duplicate_schema, duplicate_object (a table's type): another starter made it at the same moment */
const ALREADY_THERE: readonly (string | undefined)[] = ['23505', '42P07', '42P06', '42710'];

/**
 * Rows that are written again and again find room on their page, so that no index is touched; what was removed or replaced is cleared away in small
 * portions, not when a fifth of a table is dead.
 */
const TUNING: readonly (readonly [table: string, options: string, schema?: number])[] = [
  ['head', 'fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000'],
  ['lane', 'fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000'],
  ['node', 'fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000'],
  ['meta', 'fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000'],
  ['cursor', 'fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000'],
  ['profile', 'fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02'],
  ['parked', 'autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000'],
  ['parked_event', 'autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000'],
  ['event', 'autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.1'],
  ['attempt', 'autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.1'],
  ['session', 'autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000', 3],
];

/** What a new store is made with. */
export interface NewStore {
  /** fixed for as long as the store lives */
  readonly laneCount: number;
  /** nothing that only PostgreSQL itself has */
  readonly isPortable: boolean;
}

/**
 * Apply what is missing, all of it in one transaction. Any number of processes may do so at once: one does it, the others wait for it.
 *
 * @returns number of lanes of the store, whoever made it
 * @throws StoreError `refused` if a newer Portrait wrote it, or the schema "portrait" is another program's
 */
export async function migrate(database: Database, { laneCount, isPortable }: NewStore): Promise<number> {
  await makeMeta(database);
  return database.transaction(async (tx) => {
    const [row] = await tx.query("SELECT value FROM portrait.meta WHERE name = 'schema' FOR UPDATE");
    const version = Number(row?.value ?? 0);
    if (version > MIGRATIONS.length) {
      throw new StoreError(
        'refused',
        `The database has schema ${version}, this version of Portrait knows up to ${MIGRATIONS.length}: start the newer version.`,
      );
    }
    for (const sql of MIGRATIONS.slice(version)) await tx.script(sql);
    if (version === 0) await makeLanes(tx, laneCount);
    if (!isPortable) tune(tx, version);
    await tx.query("UPDATE portrait.meta SET value = $1 WHERE name = 'schema'", [MIGRATIONS.length]);
    const [lanes] = await tx.query("SELECT value FROM portrait.meta WHERE name = 'lanes'");
    return Number(lanes?.value);
  });
}

/** The one row that starters lock. Nothing else is made without it. */
async function makeMeta(database: Database): Promise<void> {
  const [found] = await database.query("SELECT to_regclass('portrait.meta') IS NOT NULL AS is_there");
  if (found?.is_there !== true) {
    await tolerantly(() => refuseForeign(database));
    await tolerantly(() => database.query('CREATE SCHEMA IF NOT EXISTS portrait'));
    const columns = 'name TEXT PRIMARY KEY, value BIGINT NOT NULL';
    await tolerantly(() => database.query(`CREATE TABLE IF NOT EXISTS portrait.meta (${columns})`));
  }
  const names =
    "SELECT * FROM (VALUES ('schema', 0), ('settings', 0), ('claims', 0), ('endpoints', 0), ('replays', 0)) AS v (name, value)";
  await database.query(`INSERT INTO portrait.meta ${names} ON CONFLICT DO NOTHING`);
}

async function refuseForeign(database: Database): Promise<void> {
  const [foreign] = await database.query(
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'portrait' AND table_name <> 'meta' LIMIT 1",
  );
  if (foreign) throw new StoreError('refused', 'The schema "portrait" of the database was not made by Portrait.');
}

/** What is there already stays as its owner has set it. */
function tune(tx: Transaction, version: number): void {
  for (const [table, options, schema = 1] of TUNING) {
    if (version < schema) tx.send(`ALTER TABLE portrait.${table} SET (${options})`);
  }
}

async function makeLanes(tx: Transaction, laneCount: number): Promise<void> {
  await tx.query("INSERT INTO portrait.meta VALUES ('lanes', $1)", [laneCount]);
  const lanes = Array.from({ length: laneCount }, (_, lane) => lane);
  await tx.query(
    'INSERT INTO portrait.lane (lane, owner, epoch) SELECT lane, NULL, 0 FROM unnest($1::int[]) AS t (lane)',
    [lanes],
  );
  await tx.query('INSERT INTO portrait.session_lane SELECT lane FROM portrait.lane');
}

async function tolerantly(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!ALREADY_THERE.includes(sqlState((error as Error).cause))) throw error;
  }
}
