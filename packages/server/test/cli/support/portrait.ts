/** Runs the program as users do: as a child process. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

/** The file that `npx portrait` starts. */
export const PROGRAM: string = fileURLToPath(new URL('../../../bin/portrait.js', import.meta.url));

const DEADLINE_MS = 30_000;

export interface RunOptions {
  /** working directory */
  readonly cwd: string;
  /** variables beside those of the test, of which none is the program's own */
  readonly env?: Readonly<Record<string, string>>;
  /** options for Node itself */
  readonly nodeOptions?: readonly string[];
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs. */
export class Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<Ended>;
  #stdout = '';
  #stderr = '';

  constructor([file = '', ...args]: readonly string[], { cwd, env = {} }: RunOptions) {
    this.child = spawn(file, args, { cwd, env: { ...ownEnv(), ...env } });
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.#ended = once(this.child, 'close').then(([code]) => ({ code, stdout: this.#stdout, stderr: this.#stderr }));
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Resolves when the program has ended by itself. */
  async ended(): Promise<Ended> {
    const overdue = AbortSignal.timeout(DEADLINE_MS);
    overdue.addEventListener('abort', () => this.child.kill('SIGKILL'));
    const ended = await this.#ended;
    if (overdue.aborted) throw new Error(`the program did not end; it printed: ${this.#stdout}${this.#stderr}`);
    return ended;
  }

  /** Resolves when stdout has `pattern`. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    const overdue = AbortSignal.timeout(DEADLINE_MS);
    for (;;) {
      const found = pattern.exec(this.#stdout);
      if (found) return found;
      const more = once(this.child.stdout, 'data', { signal: overdue }).catch(() => 'overdue');
      const what = await Promise.race([more, this.#ended.then(() => 'ended')]);
      if (typeof what === 'string' && !pattern.test(this.#stdout)) {
        throw new Error(`${what} without printing ${pattern}: ${this.#stdout}${this.#stderr}`);
      }
    }
  }

  /** Send a signal and wait for the end. */
  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.child.kill(signal);
    return this.ended();
  }
}

/** Run a command to its end. */
export function runPortrait(args: readonly string[], options: RunOptions): Promise<Ended> {
  return new Running(commandOf(args, options), options).ended();
}

/** Start a program that goes on until it is stopped; at the latest when the test ends. */
export function startPortrait(context: TestContext, args: readonly string[], options: RunOptions): Running {
  return startCommand(context, commandOf(args, options), options);
}

/** The same for any command. */
export function startCommand(context: TestContext, command: readonly string[], options: RunOptions): Running {
  const running = new Running(command, options);
  atEnd(context, () => running.stop('SIGKILL'));
  return running;
}

function commandOf(args: readonly string[], { nodeOptions = [] }: RunOptions): readonly string[] {
  return [process.execPath, ...nodeOptions, PROGRAM, ...args];
}

/** @returns an own folder for a test, removed when it ends */
export function makeFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'portrait-cli-'));
  atEnd(context, () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** @returns a port that nothing listens on */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const ends = new WeakMap<TestContext, (() => unknown)[]>();

/** Clean up when the test ends, what was made last first. */
export function atEnd(context: TestContext, end: () => unknown): void {
  const before = ends.get(context);
  if (before) return void before.push(end);
  const all = [end];
  ends.set(context, all);
  context.after(async () => {
    for (const one of all.reverse()) await one();
  });
}

/** What the runner of these tests or its caller set must not reach the program. */
function ownEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(PORTRAIT_|NODE_|FORCE_COLOR|NO_COLOR)/.test(name)),
  );
}
