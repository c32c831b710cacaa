/** The store behind a pooler in transaction mode: the contract. */
import { pooledContract } from './pooled-contract.ts';

pooledContract();
