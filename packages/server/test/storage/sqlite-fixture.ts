/** An embedded store in a folder of its own, and processes that work on one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { openSqliteStore } from '../../src/storage/sqlite/open.ts';
import type { Store } from '../../src/storage/store.ts';
import { FakeClock } from '../support/fake-clock.ts';
import type { StoreFixture } from './store-contract.ts';

/** A test's context. */
export interface FolderOwner {
  after(run: () => Promise<void>): void;
}

/** An empty folder; its owner removes it. */
export async function makeFolder(owner: FolderOwner): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'portrait-test-'));
  owner.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Open a store that its owner closes. */
export function openStore(owner: FolderOwner, folder: string, clock = new FakeClock()): Store {
  const store = openSqliteStore({ folder, clock });
  owner.after(() => store.close());
  return store;
}

/** What the contract works with. */
export async function sqliteFixture(): Promise<StoreFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'portrait-test-'));
  const clock = new FakeClock();
  let store: Store | undefined;
  const open = async (): Promise<Store> => {
    store = openSqliteStore({ folder, clock });
    return store;
  };
  return {
    clock,
    open,
    reopen: open,
    async destroy() {
      await store?.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const NODE = [process.execPath, '--conditions=source', '--no-warnings'];

/** Command line of a script beside this file, run by this Node. */
export function scriptCommand(script: string, ...args: readonly string[]): readonly string[] {
  return [...NODE, fileURLToPath(new URL(script, import.meta.url)), ...args];
}

/** Run a command to its end. @throws Error with what it wrote to stderr, if it fails */
export async function runCommand([program = '', ...args]: readonly string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, complaint, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (code !== 0) throw new Error(`${[program, ...args].join(' ')} ended with ${code}: ${complaint}`);
  return output;
}

/** A process that a test kills, if it does not end by itself. */
export interface Running {
  readonly process: ChildProcess;
  /** lines of its stdout so far */
  readonly lines: readonly string[];
  /** kill -9, and wait until it is gone */
  kill(): Promise<void>;
}

/** Start a command. */
export function startCommand(owner: FolderOwner, [program = '', ...args]: readonly string[]): Running {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  const closed = once(child, 'close');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await closed;
  };
  owner.after(kill);
  return { process: child, lines, kill };
}
