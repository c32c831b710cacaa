/**
 * What a store does while its medium is full or read-only: run in a mount namespace of its own, as root, on a small tmpfs that
 * goes with the process. Prints what it saw as JSON.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { StoreError } from '../../src/errors.ts';
import { openSqliteStore } from '../../src/storage/sqlite/open.ts';
import type { Store } from '../../src/storage/store.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { APP, NICK, ORIGIN, sampleApp, sampleEndpoint } from '../support/samples.ts';

const [mode, place = ''] = process.argv.slice(2);
const folder = join(place, 'data');
const ballast = join(place, 'ballast');
const clock = new FakeClock();
const user = { sdkAppId: APP, userId: 'id1' };

function mount(...args: readonly string[]): void {
  const program = 'mount';
  execFileSync(program, args);
}

function fill(): void {
  try {
    for (;;) appendFileSync(ballast, Buffer.alloc(4_096));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

/** @returns `stored`, or the kind of the error */
async function come(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'stored';
  } catch (error) {
    return error instanceof StoreError ? error.kind : String(error);
  }
}

function tryOpen(): { readonly kind: string; readonly message: string; readonly store?: Store } {
  try {
    return { kind: 'opened', message: '', store: openSqliteStore({ folder, clock }) };
  } catch (error) {
    const { kind, message } = error as StoreError;
    return { kind: error instanceof StoreError ? kind : 'no StoreError', message };
  }
}

async function start(): Promise<Store> {
  const store = openSqliteStore({ folder, clock });
  await store.createApp(sampleApp());
  await store.createEndpoint(sampleEndpoint());
  await store.commitChange({ ...user, kind: 'import', items: [], origin: ORIGIN, announce: false });
  await setNick(store, 'before');
  return store;
}

function setNick(store: Store, value: string): Promise<unknown> {
  return store.commitChange({ ...user, kind: 'set', items: [{ tag: NICK, value }], origin: ORIGIN });
}

/** All that a reader sees. */
async function read(store: Store): Promise<unknown> {
  await store.check();
  const [profile] = await store.getProfiles(APP, ['id1']);
  const events = await store.readEvents({ sdkAppId: APP, lane: 0, afterSeq: 0, limit: 1_000 });
  const heads = await store.readHeads([0]);
  const { items } = await store.listDeliveries({ sdkAppId: APP, limit: 100 });
  const versions = events.map(({ version }) => version);
  return { nick: profile?.fields[NICK], version: profile?.version, versions, heads, deliveries: items.length };
}

async function seeFull(): Promise<unknown> {
  const store = await start();
  const before = await read(store);
  fill();
  const alone = await come(setNick(store, 'x'.repeat(500)));
  const together = await Promise.all(Array.from({ length: 20 }, (_, i) => come(setNick(store, `${i}`.repeat(250)))));
  const settings = await come(store.createApp(sampleApp({ sdkAppId: 2, name: 'x'.repeat(5_000) })));
  const during = await read(store);
  rmSync(ballast);
  const later = await come(setNick(store, 'later'));
  const after = await read(store);
  fill();
  await come(store.close()); // whether it can tidy up or not: nothing may be lost, and the folder is free
  rmSync(ballast);
  const reopened = openSqliteStore({ folder, clock });
  const atLast = await read(reopened);
  await reopened.close();
  return { before, alone, together: [...new Set(together)], settings, during, later, after, atLast };
}

async function seeReadOnly(): Promise<unknown> {
  const store = await start();
  const before = await read(store);
  await store.close();
  mount('-o', 'remount,ro', place);
  const { store: opened, ...refusal } = tryOpen();
  await opened?.close();
  mount('-o', 'remount,rw', place);
  const again = openSqliteStore({ folder, clock });
  const after = await read(again);
  const later = await come(setNick(again, 'later'));
  await again.close();
  return { before, refusal, after, later };
}

async function seeNoRoomToStart(): Promise<unknown> {
  fill();
  const { store: opened, ...refusal } = tryOpen();
  await opened?.close();
  rmSync(ballast);
  const store = await start();
  const after = await read(store);
  await store.close();
  return { refusal, after };
}

mount('-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', place);
const modes = { full: seeFull, 'read-only': seeReadOnly, 'no-room': seeNoRoomToStart };
process.stdout.write(JSON.stringify(await modes[mode as keyof typeof modes]()));
