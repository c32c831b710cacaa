/**
 * A process that opens a store, for tests that need a second one.
 *
 * | mode    | does |
 * |---------|------|
 * | `open`  | opens the store, says what came of it, closes it |
 * | `write` | opens the store and changes one profile over and over, a line for each version that was acknowledged |
 * | `count` | changes one profile `count` times, one after the other, and closes the store |
 */
import { systemClock } from '../../src/clock.ts';
import { StoreError } from '../../src/errors.ts';
import { openSqliteStore } from '../../src/storage/sqlite/open.ts';
import type { Store } from '../../src/storage/store.ts';
import { APP, NICK, ORIGIN, sampleApp } from '../support/samples.ts';

const [mode, folder = '', count = '0'] = process.argv.slice(2);

function open(): Store {
  return openSqliteStore({ folder, clock: systemClock });
}

async function change(store: Store, times: number): Promise<void> {
  const user = { sdkAppId: APP, userId: 'id1', origin: ORIGIN };
  await store.createApp(sampleApp());
  await store.commitChange({ ...user, kind: 'import', items: [], announce: false });
  for (let i = 0; i < times; i += 1) {
    const { profile } = await store.commitChange({ ...user, kind: 'set', items: [{ tag: NICK, value: i }] });
    process.stdout.write(`${profile.version}\n`);
  }
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
  await change(store, Number(count));
  await store.close();
}
