/** The store contract behind a pooler in transaction mode. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { suiteOwner } from '../support/live/cleanup.ts';
import { startPgbouncer, withoutPgbouncer } from '../support/pooler/pgbouncer.ts';
import { postgresServer } from '../support/postgres.ts';
import { startTransactionPooler, type TransactionPooler } from '../support/transaction-pooler.ts';
import { postgresFixture } from './postgres-fixture.ts';
import { type ContractPart, storeContract } from './store-contract.ts';

const COMMON = { laneCount: 16, isPortable: true } as const;

/** Run it behind a pooler that is stricter than PgBouncer, and behind PgBouncer where it is installed. @param parts  default: all */
export function pooledContract(parts?: readonly ContractPart[]): void {
  describe('behind a pooler', () => {
    const owner = suiteOwner();
    let started: Promise<TransactionPooler> | undefined;
    const pooler = (): Promise<TransactionPooler> => {
      started ??= postgresServer().then((postgres) => startTransactionPooler(owner, postgres));
      return started;
    };
    storeContract('pooled', () => postgresFixture({ ...COMMON, port: async () => (await pooler()).port }), parts);
    test('no transaction needed the connection of the one before, and nothing was left in any', async (t) => {
      const running = await pooler();
      t.diagnostic(`${running.moves} transactions on another connection`);
      assert.ok(running.moves > 0);
      assert.deepEqual([running.violations, await running.leftovers()], [[], []]);
    });
  });

  describe('behind PgBouncer', { skip: withoutPgbouncer ?? false }, () => {
    const owner = suiteOwner();
    let port: Promise<number> | undefined;
    const start = (): Promise<number> => {
      port ??= postgresServer().then((postgres) => startPgbouncer(owner, postgres));
      return port;
    };
    storeContract('pgbouncer', () => postgresFixture({ ...COMMON, port: start }), parts);
  });
}
