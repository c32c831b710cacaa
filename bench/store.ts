/** The embedded store alone: durable changes a second by the number of callers, and what a start after a crash costs. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../packages/server/src/clock.ts';
import { openSqliteStore } from '../packages/server/src/storage/sqlite/open.ts';
import type { Store } from '../packages/server/src/storage/store.ts';
import { temporaryFolder } from './support/child.ts';
import { median, report } from './support/measure.ts';
import { app, changeOf, ORIGIN, SDK_APP_ID } from './support/sample-settings.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const USERS = 10_000;
const CHANGES: readonly [callers: number, changes: number][] = [
  [1, 3_000],
  [64, 60_000],
  [256, 60_000],
];

async function prepare(store: Store): Promise<void> {
  await store.createApp(app);
  const base = { kind: 'import', sdkAppId: SDK_APP_ID, items: [], origin: ORIGIN, announce: false } as const;
  const users = Array.from({ length: USERS }, (_, index) => ({ ...base, userId: `user_${index}` }));
  await Promise.all(users.map((command) => store.commitChange(command)));
}

/** @returns changes per second */
async function change(store: Store, callers: number, changes: number): Promise<number> {
  let made = 0;
  const startedAt = performance.now();
  const caller = async (): Promise<void> => {
    while (made < changes) {
      made += 1;
      await store.commitChange(changeOf(made, USERS));
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return (changes / (performance.now() - startedAt)) * 1_000;
}

/** Start on the files as they lie there, as a crash leaves them. @returns milliseconds */
async function startAfterCrash(folder: string): Promise<number> {
  const copy = temporaryFolder();
  for (const file of ['portrait.db', 'portrait.db-wal']) cpSync(join(folder, file), join(copy, file));
  const startedAt = performance.now();
  const store = openSqliteStore({ folder: copy, clock: systemClock });
  const ms = performance.now() - startedAt;
  await store.close();
  return ms;
}

const results = new Map<string, number[]>();
for (let round = 0; round < ROUNDS; round += 1) {
  const folder = temporaryFolder();
  const store = openSqliteStore({ folder, clock: systemClock });
  await prepare(store);
  for (const [callers, changes] of CHANGES) {
    const name = `changes/s, ${callers} callers`;
    results.set(name, [...(results.get(name) ?? []), await change(store, callers, changes)]);
  }
  const name = 'ms to start after a crash';
  results.set(name, [...(results.get(name) ?? []), await startAfterCrash(folder)]);
  await store.close();
}
for (const [name, values] of results) {
  report('store', { [name]: median(values), least: Math.min(...values), most: Math.max(...values) });
}
