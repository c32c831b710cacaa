/** The store on PostgreSQL: the contract, with several lanes. */
import { postgresFixture } from './postgres-fixture.ts';
import { storeContract } from './store-contract.ts';

storeContract('postgres', () => postgresFixture({ laneCount: 16 }));
