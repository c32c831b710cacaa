/** Opens the store that the settings name, with what watches over it. */
import type { Clock } from './clock.ts';
import type { ServeConfig } from './config.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { SharedStore } from './storage/shared-store.ts';
import { watchDisk } from './storage/sqlite/disk-watch.ts';
import { openSqliteStore } from './storage/sqlite/open.ts';
import type { Store } from './storage/store.ts';

/** Within one file the folder's lock is the lease: it never runs out while the process lives. */
const EMBEDDED_LEASE_MS = 24 * 3_600_000;
/** Renewed at a third, and others look for lanes that are free every second: a dead node's lanes have a new one within 5.5 s. */
const SHARED_LEASE_MS = 4_500;

/** What a store is opened with. */
export interface OpenStoreOptions {
  readonly config: ServeConfig;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** name of this process among those who share a store */
  readonly node: string;
}

/** An open store. */
export interface OpenedStore {
  readonly store: Store;
  /** the same one, if other nodes work on it too */
  readonly shared: SharedStore | undefined;
  /** life of a claim on lanes */
  readonly leaseMs: number;
  /** space that the store has left */
  readonly disk: { readonly isBelowReserve: boolean };
  /** Whatever waits for the store waits no longer, and fails: it does not answer. What it was asked for is whole or absent. */
  abandon(): void;
  close(): Promise<void>;
}

/** @throws StoreError `refused` if it can't be opened */
export function openStore(options: OpenStoreOptions): Promise<OpenedStore> {
  const { databaseUrl } = options.config;
  return databaseUrl === undefined ? openEmbedded(options) : openShared(options, databaseUrl);
}

async function openEmbedded({ config, clock, log, metrics }: OpenStoreOptions): Promise<OpenedStore> {
  const { dataDir: folder, diskWarnBytes: warnBytes, diskReserveBytes: reserveBytes } = config;
  const store = openSqliteStore({ folder, clock, metrics });
  try {
    const disk = await watchDisk({ folder, store, clock, log, warnBytes, reserveBytes });
    const close = async (): Promise<void> => {
      await disk.close();
      await store.close();
    };
    // a file answers, or is a fault of the machine
    return { store, shared: undefined, leaseMs: EMBEDDED_LEASE_MS, disk, abandon: () => undefined, close };
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openShared({ config, clock, metrics, node }: OpenStoreOptions, url: string): Promise<OpenedStore> {
  const { databasePool: poolSize, portableSql: isPortable } = config;
  const { openPostgresStore } = await import('./storage/postgres/open.ts');
  const store = await openPostgresStore({ url, poolSize, isPortable, clock, metrics, node });
  // how full its disk is, is a matter of the database
  const disk = { isBelowReserve: false };
  const abandon = (): void => store.abandon();
  return { store, shared: store, leaseMs: SHARED_LEASE_MS, disk, abandon, close: () => store.close() };
}
