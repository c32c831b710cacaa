/**
 * A process that opens a store, for tests that need a second one.
 *
 * | mode    | does |
 * |---------|------|
 * | `open`  | opens the store, says what came of it, closes it |
 * | `write` | opens the store and changes one profile over and over, a line for each version that was acknowledged |
 * | `count` | changes one profile `count` times, one after the other, with a settlement before each, and closes the store |
 */
import { systemClock } from '../../src/clock.ts';
import { StoreError } from '../../src/errors.ts';
import { openSqliteStore } from '../../src/storage/sqlite/open.ts';
import type { Store } from '../../src/storage/store.ts';
import { APP, NICK, ORIGIN, sampleApp, sampleEndpoint } from '../support/samples.ts';

const [mode, folder = '', count = '0'] = process.argv.slice(2);

function open(): Store {
  return openSqliteStore({ folder, clock: systemClock });
}

/** @param before  done before each change */
async function change(store: Store, times: number, before?: () => Promise<void>): Promise<void> {
  const user = { sdkAppId: APP, userId: 'id1', origin: ORIGIN };
  await store.createApp(sampleApp());
  await store.commitChange({ ...user, kind: 'import', items: [], announce: false });
  for (let i = 0; i < times; i += 1) {
    await before?.();
    const { profile } = await store.commitChange({ ...user, kind: 'set', items: [{ tag: NICK, value: i }] });
    process.stdout.write(`${profile.version}\n`);
  }
}

/** @returns stores that nothing came of deliveries */
async function prepareSettling(store: Store): Promise<() => Promise<void>> {
  await store.createEndpoint(sampleEndpoint());
  const [{ epoch = 0 } = {}] = await store.claimLanes({ owner: 'node-1', leaseMs: 60_000 });
  const nothing = { attempts: [], parked: [], unparkedSeqs: [], unparkedUsers: [] };
  const settlement = { endpointId: 'ep_1', sdkAppId: APP, lane: 0, epoch, ...nothing };
  return () => store.settle({ ...settlement, cursor: { lane: 0, seq: 0, doneAhead: [] } });
}

if (mode === 'open') {
  try {
    await open().close();
    process.stdout.write(JSON.stringify({ kind: 'opened' }));
  } catch (error) {
    const { kind, message } = error as StoreError;
    process.stdout.write(JSON.stringify({ kind: error instanceof StoreError ? kind : 'no StoreError', message }));
  }
} else if (mode === 'write') await change(open(), Number.POSITIVE_INFINITY);
else {
  const store = open();
  let settle: (() => Promise<void>) | undefined;
  await change(store, Number(count), async () => {
    settle ??= await prepareSettling(store);
    await settle();
  });
  await store.close();
}
