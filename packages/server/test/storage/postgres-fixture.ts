/** A PostgreSQL store of its own: in a database that others used before, of which nothing is left. */
import { systemClock } from '../../src/clock.ts';
import { openPostgresStore } from '../../src/storage/postgres/open.ts';
import type { Store } from '../../src/storage/store.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { postgresServer } from '../support/postgres.ts';
import type { StoreFixture } from './store-contract.ts';

/** What differs from one run of the contract to the other. */
export interface PostgresFixtureOptions {
  readonly laneCount: number;
  /** without what only PostgreSQL itself has */
  readonly isPortable?: boolean;
  /** the port of a pooler in front of the server; default: the server's own */
  readonly port?: () => Promise<number>;
}

/** Databases that nobody works on: to make one takes ten times as long as to empty it. */
const free: string[] = [];

/** What the contract works with. */
export async function postgresFixture(options: PostgresFixtureOptions): Promise<StoreFixture> {
  const { laneCount, isPortable = false, port } = options;
  const server = await postgresServer();
  const direct = free.pop() ?? (await server.createDatabase());
  const url = server.url(new URL(direct).pathname.slice(1), await port?.());
  const clock = new FakeClock();
  let store: Store | undefined;
  const open = async (): Promise<Store> => {
    // the test sets the database's time; how long to wait between two tries is no matter of it
    const time = () => clock.now();
    store = await openPostgresStore({ url, poolSize: 6, laneCount, isPortable, clock: systemClock, time });
    return store;
  };
  return {
    clock,
    open,
    reopen: open,
    async destroy() {
      await store?.close();
      await server.query('DROP SCHEMA portrait CASCADE', direct);
      free.push(direct);
    },
  };
}
