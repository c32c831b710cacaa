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
}

/** Databases that nobody works on: to make one takes ten times as long as to empty it. */
const free: string[] = [];

/** What the contract works with. */
export async function postgresFixture({ laneCount }: PostgresFixtureOptions): Promise<StoreFixture> {
  const server = await postgresServer();
  const url = free.pop() ?? (await server.createDatabase());
  const clock = new FakeClock();
  let store: Store | undefined;
  const open = async (): Promise<Store> => {
    // the test sets the database's time; how long to wait between two tries is no matter of it
    store = await openPostgresStore({ url, poolSize: 6, laneCount, clock: systemClock, time: () => clock.now() });
    return store;
  };
  return {
    clock,
    open,
    reopen: open,
    async destroy() {
      await store?.close();
      await server.query('DROP SCHEMA portrait CASCADE', url);
      free.push(url);
    },
  };
}
