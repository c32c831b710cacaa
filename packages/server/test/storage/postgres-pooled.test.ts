/** The store behind a pooler in transaction mode: the parts of the contract that are about transactions; `postgres-pooled.long.ts` has all of it. */
import { pooledContract } from './pooled-contract.ts';

pooledContract(['changes at the same time', 'leases', 'settling', 'replays', 'open, close, open again']);
