/** Looks into a database without changing anything in it. */
import type { Clock } from '../../clock.ts';
import { StoreError } from '../../errors.ts';
import type { App, Endpoint } from '../store.ts';
import { Database } from './database.ts';
import { KNOWN_SCHEMA } from './migrate.ts';
import { listApps, listEndpoints } from './settings.ts';

/** What is seen. */
export interface DatabasePeek {
  /** such as `18.4` */
  readonly version: string;
  /** its own time, and ours when it told it, Unix milliseconds */
  readonly time: { readonly dateMs: number; readonly atMs: number };
  /** undefined: no Portrait has been here yet */
  readonly store?: {
    readonly schema: { readonly stored: number; readonly known: number };
    /** dispatchers that live */
    readonly nodes: number;
    readonly apps: readonly App[];
    readonly endpoints: readonly Endpoint[];
    /** Unix milliseconds; undefined if there is none */
    readonly newestEventAtMs: number | undefined;
  };
}

const NOW_MS = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint';

/** @throws StoreError it can't be reached, lets nobody in, or the schema is another program's */
export async function peekDatabase(url: string, clock: Clock): Promise<DatabasePeek> {
  const database = new Database({ url, poolSize: 1, clock });
  try {
    const [row] = await database.query(`SELECT current_setting('server_version') AS version, ${NOW_MS} AS now_ms,
      to_regclass('portrait.meta') IS NOT NULL AS is_there`);
    const time = { dateMs: Number(row?.now_ms), atMs: clock.now() };
    const version = String(row?.version).split(' ')[0] ?? '';
    return row?.is_there === true ? { version, time, store: await peekStore(database) } : { version, time };
  } finally {
    await database.close();
  }
}

async function peekStore(database: Database): Promise<NonNullable<DatabasePeek['store']>> {
  const [row] = await database.query("SELECT value FROM portrait.meta WHERE name = 'schema'");
  const schema = { stored: Number(row?.value ?? 0), known: KNOWN_SCHEMA };
  if (schema.stored > schema.known) {
    const what = `The database has schema ${schema.stored}, this version of Portrait knows up to ${schema.known}.`;
    throw new StoreError('refused', what);
  }
  // an older schema is read when a server has brought it up to date
  if (schema.stored < schema.known) return { schema, nodes: 0, apps: [], endpoints: [], newestEventAtMs: undefined };
  const [seen] = await database.query(`SELECT (SELECT count(*) FROM portrait.node WHERE until_ms > ${NOW_MS}) AS nodes,
    (SELECT max(at_ms) FROM portrait.head WHERE seq > 0) AS at_ms`);
  return {
    schema,
    nodes: Number(seen?.nodes),
    apps: await listApps(database),
    endpoints: await listEndpoints(database),
    newestEventAtMs: seen?.at_ms === null ? undefined : Number(seen?.at_ms),
  };
}
