/** The store on a database that has nothing but what others have, too (`--portable-sql on`): the contract. */
import { postgresFixture } from './postgres-fixture.ts';
import { storeContract } from './store-contract.ts';

storeContract('portable', () => postgresFixture({ laneCount: 16, isPortable: true }));
