/**
 * What every store has to do, whatever its engine: the suite as a function of a store.
 *
 * Nothing here knows of a number of lanes, of SQL, or of what an engine keeps in memory.
 */
import { describe, test } from 'node:test';
import { appCases } from './contract/apps.ts';
import { changeCases } from './contract/changes.ts';
import { concurrencyCases } from './contract/concurrency.ts';
import { deliveryCases } from './contract/deliveries.ts';
import { deliverySearchCases } from './contract/delivery-search.ts';
import { durabilityCases } from './contract/durability.ts';
import { endpointEventCases } from './contract/endpoint-events.ts';
import { endpointCases } from './contract/endpoints.ts';
import { erasureCases } from './contract/erasure.ts';
import { type AddCase, Given, type StoreFixture } from './contract/given.ts';
import { leaseCases } from './contract/leases.ts';
import { logCases } from './contract/log.ts';
import { modelCases } from './contract/model.ts';
import { profileCases } from './contract/profiles.ts';
import { replayCases } from './contract/replays.ts';
import { retentionCases } from './contract/retention.ts';
import { settleCases } from './contract/settle.ts';
import { statCases } from './contract/stats.ts';
import { valueCases } from './contract/values.ts';

export type { SettableClock, StoreFixture } from './contract/given.ts';

const PARTS = {
  changes: changeCases,
  'changes at the same time': concurrencyCases,
  values: valueCases,
  profiles: profileCases,
  apps: appCases,
  endpoints: endpointCases,
  'events of endpoints': endpointEventCases,
  'the log': logCases,
  leases: leaseCases,
  settling: settleCases,
  deliveries: deliveryCases,
  replays: replayCases,
  retention: retentionCases,
  erasing: erasureCases,
  statistics: statCases,
  'searching deliveries': deliverySearchCases,
  'open, close, open again': durabilityCases,
  model: modelCases,
} as const satisfies Readonly<Record<string, (add: AddCase) => void>>;

/** Name of a part of the suite. */
export type ContractPart = keyof typeof PARTS;

/**
 * Run the suite.
 *
 * @param engine   shown in front of the cases
 * @param factory  makes a store of its own for each case, with nothing in it
 * @param parts    default: all
 */
export function storeContract(
  engine: string,
  factory: () => Promise<StoreFixture>,
  parts: readonly ContractPart[] = Object.keys(PARTS) as ContractPart[],
): void {
  for (const part of parts) {
    describe(`${engine}: ${part}`, { concurrency: 4 }, () => {
      PARTS[part]((name, run) => {
        test(name, async () => {
          const fixture = await factory();
          try {
            await run(await Given.open(fixture));
          } finally {
            await fixture.destroy();
          }
        });
      });
    });
  }
}
