/** The store that many processes share: a PostgreSQL database. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { StoreError } from '../../errors.ts';
import type { Metrics } from '../../metrics.ts';
import { Database } from './database.ts';
import { Hints } from './hints.ts';
import { migrate } from './migrate.ts';
import type { DatabaseTime } from './now.ts';
import { PostgresStore } from './postgres-store.ts';

/** Lanes of a new store: enough for a hundred nodes to have even shares of them. */
const DEFAULT_LANES = 256;

/** Where the database is, and how it is used. */
export interface PostgresStoreOptions {
  /** `postgres://user:password@host:port/database`, with TLS options such as `?sslmode=verify-full&sslrootcert=/path` */
  readonly url: string;
  /** connections at most; 3 at least */
  readonly poolSize: number;
  readonly clock: Clock;
  /** where commits and faults are counted */
  readonly metrics?: Metrics;
  /** of a store that is made now; one that is there keeps its number. Default: 256 */
  readonly laneCount?: number;
  /** name of this process among those who share the store */
  readonly node?: string;
  /** nothing that only PostgreSQL itself has, and nothing that a connection remembers: nodes look for what is new, and are not told */
  readonly isPortable?: boolean;
  /** it is being filled from elsewhere (move-store/): else such a store is refused */
  readonly isMoving?: boolean;
  /** default: the database's own time */
  readonly time?: DatabaseTime;
}

/**
 * Open the store, make or migrate it if need be. Any number of processes may do so at once.
 *
 * @throws StoreError `refused` if it can't be opened
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<PostgresStore> {
  const { url, poolSize, clock, metrics, laneCount = DEFAULT_LANES, time = () => undefined } = options;
  const { node = randomUUID(), isPortable = false, isMoving = false } = options;
  const database = openDatabase({ url, poolSize, clock, prepares: !isPortable });
  try {
    await database.learnLimits();
    const lanes = await migrate(database, { laneCount, isPortable });
    if (!isMoving) await refuseMoving(database);
    const hints = isPortable ? undefined : new Hints({ url, clock, node });
    return new PostgresStore({ database, clock, laneCount: lanes, poolSize, time, metrics, hints });
  } catch (thrown) {
    await database.close();
    throw openingFault(thrown);
  }
}

async function refuseMoving(database: Database): Promise<void> {
  const [row] = await database.query("SELECT 1 AS one FROM portrait.meta WHERE name = 'moving' AND value <> 0");
  if (row) throw new StoreError('refused', 'The database is being filled by migrate-store: let it come to its end.');
}

function openDatabase(options: ConstructorParameters<typeof Database>[0]): Database {
  try {
    return new Database(options);
  } catch (thrown) {
    throw openingFault(thrown); // such as a certificate that can't be read
  }
}

/** Whatever keeps a store from being opened is told with the cause, which names no password: somebody has to mend it. */
function openingFault(thrown: unknown): StoreError {
  if (thrown instanceof StoreError && thrown.cause === undefined) return thrown;
  const cause = thrown instanceof StoreError ? thrown.cause : thrown;
  const { message = '', code = '' } = (cause ?? {}) as { readonly message?: string; readonly code?: string };
  return new StoreError('refused', `The database can not be opened: ${message || code}.`, { cause });
}
