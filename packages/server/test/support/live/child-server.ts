/** The real program in a process of its own, to be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { atEnd, type Owner, tempFolder } from './cleanup.ts';
import type { Reachable } from './test-app.ts';

const PROGRAM = fileURLToPath(new URL('../../../bin/portrait.js', import.meta.url));
const ADMIN_TOKEN = 'test-admin-token';
/** Three times what a stop may take. */
const STOP_MS = 30_000;
const ADDRESS = /http:\/\/127\.0\.0\.1:\d+/;

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Settings that differ from the default, as they are typed. */
export interface ChildServerOptions {
  /** default: a folder that goes with the test */
  readonly dataDir?: string;
  readonly args?: readonly string[];
  /** options of Node itself */
  readonly nodeOptions?: string;
  /** a command that runs another one: that one is the server */
  readonly within?: readonly string[];
}

/** What one start has beside the settings of all. */
export interface StartOptions extends Omit<ChildServerOptions, 'dataDir' | 'within'> {
  readonly env?: Readonly<Record<string, string>>;
}

/** Start `portrait serve`, and wait until it listens. Its owner kills it, and fails if it ended by itself while nobody waited for that. */
export async function startChildServer(owner: Owner, options: ChildServerOptions = {}): Promise<ChildServer> {
  const dataDir = options.dataDir ?? (await tempFolder(owner));
  const server = new ChildServer(dataDir, options.args ?? [], options);
  atEnd(owner, async () => {
    const ended = server.endedByItself;
    await server.end('SIGKILL');
    if (!ended) return;
    const message = `the server ended by itself: ${JSON.stringify(ended)}`;
    process.stderr.write(`${message}\n`); // of a test that has failed already, no other fault is told
    throw new Error(message);
  });
  await server.start();
  return server;
}

/** `portrait serve`, again and again on the same folder. */
export class ChildServer implements Reachable {
  readonly dataDir: string;
  readonly adminToken = ADMIN_TOKEN;
  readonly #args: readonly string[];
  readonly #nodeOptions: string | undefined;
  readonly #within: readonly string[];
  #process: ChildProcess | undefined;
  #ended: Promise<Ended> | undefined;
  #url = '';
  #isEndExpected = false;
  /** how it ended, though it was not told to, and nobody waited for it */
  endedByItself: Ended | undefined;

  constructor(
    dataDir: string,
    args: readonly string[],
    { nodeOptions, within = [] }: Pick<ChildServerOptions, 'nodeOptions' | 'within'> = {},
  ) {
    this.dataDir = dataDir;
    this.#args = args;
    this.#nodeOptions = nodeOptions;
    this.#within = within;
  }

  /** of the last start */
  get url(): string {
    return this.#url;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Start the process; it may not listen yet. */
  spawn({ args: extra = [], nodeOptions = this.#nodeOptions, env }: StartOptions = {}): void {
    const args = ['serve', '--port', '0', '--data', this.dataDir, '--log-level', 'error', ...this.#args, ...extra];
    const [program = '', ...rest] = [...this.#within, process.execPath, PROGRAM, ...args];
    const child = spawn(program, rest, {
      cwd: this.dataDir,
      env: {
        PATH: process.env.PATH ?? '',
        PORTRAIT_ADMIN_TOKEN: ADMIN_TOKEN,
        ...(nodeOptions !== undefined && { NODE_OPTIONS: nodeOptions }),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    this.#isEndExpected = false;
    this.#ended = endOf(child);
    void this.#ended.then((ended) => {
      if (this.#process === child && !this.#isEndExpected) this.endedByItself = ended;
    });
  }

  /** Start the process and wait until it listens. @throws Error with what it printed if it ends before */
  async start(options?: StartOptions): Promise<void> {
    this.spawn(options);
    const { stdout } = this.#process as ChildProcess;
    const address = await new Promise<string | undefined>((resolve) => {
      let printed = '';
      stdout?.on('data', (chunk: Buffer) => {
        printed += chunk;
        const found = ADDRESS.exec(printed);
        if (found) resolve(found[0]);
      });
      void this.#ended?.then(() => resolve(undefined));
    });
    if (address === undefined) throw new Error(`the server ended at once: ${JSON.stringify(await this.#ended)}`);
    this.#url = address;
  }

  /** Stop it where it stands, as a machine that hangs, or let it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#process?.kill(signal);
  }

  /** Wait until it ends by itself. */
  async untilEnded(): Promise<Ended | undefined> {
    this.#isEndExpected = true;
    const ended = await this.#ended;
    this.endedByItself = undefined;
    return ended;
  }

  /**
   * Send a signal and wait for the end; who does not heed it within 30 s is killed, which shows in `signal`.
   *
   * @returns how it ended; undefined if it did not run
   */
  async end(signal: NodeJS.Signals): Promise<Ended | undefined> {
    const child = this.#process;
    this.#isEndExpected = true;
    child?.kill(signal);
    const impatience = setTimeout(() => child?.kill('SIGKILL'), STOP_MS);
    const how = await this.#ended;
    clearTimeout(impatience);
    this.#process = undefined;
    this.#ended = undefined;
    return how;
  }
}

async function endOf(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const [code, signal] = await once(child, 'close');
  return { code, signal, stdout, stderr };
}
