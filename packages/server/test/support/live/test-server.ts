/** The real server in this process: a store in a folder of its own, any free port, a silent log. */
import type { Clock } from '../../../src/clock.ts';
import { readServeConfig } from '../../../src/config.ts';
import { createLog } from '../../../src/log.ts';
import { type RunningServer, type StartOptions, startServer } from '../../../src/serve.ts';
import { atEnd, type Owner, tempFolder } from './cleanup.ts';
import { type AppBody, type Reachable, TestApp } from './test-app.ts';

/** Settings that differ from the default, as flags are written. */
export interface TestServerOptions {
  readonly flags?: Readonly<Record<string, string>>;
  /** default: a folder that goes with the test */
  readonly dataDir?: string;
  /** default: the machine's */
  readonly clock?: Clock;
  /** told of each log line of level `error`; without it the log is silent */
  readonly onError?: (line: LogLine) => void;
  /** resolves the host names of endpoints */
  readonly lookup?: StartOptions['lookup'];
}

/** What the tests look for in a log line. */
export interface LogLine {
  readonly msg: string;
}

/** Start a server that its owner closes. */
export async function startTestServer(owner: Owner, options: TestServerOptions = {}): Promise<TestServer> {
  const dataDir = options.dataDir ?? (await tempFolder(owner));
  const server = new TestServer(dataDir, options);
  atEnd(owner, () => server.close());
  await server.start();
  return server;
}

/** A server that can be stopped and started again on its folder. */
export class TestServer implements Reachable {
  readonly dataDir: string;
  readonly #options: TestServerOptions;
  #flags: Readonly<Record<string, string>> = {};
  #running: RunningServer | undefined;

  constructor(dataDir: string, options: TestServerOptions) {
    this.dataDir = dataDir;
    this.#options = options;
  }

  get url(): string {
    return this.#open.url;
  }

  get port(): number {
    return this.#open.port;
  }

  get adminToken(): string {
    return this.#open.adminToken;
  }

  get #open(): RunningServer {
    if (!this.#running) throw new Error('the test server is not running');
    return this.#running;
  }

  async start(): Promise<void> {
    const { onError, clock, lookup } = this.#options;
    const flags = { port: '0', data: this.dataDir, logLevel: 'silent', ...this.#options.flags, ...this.#flags };
    const config = readServeConfig({ flags, env: {}, cwd: this.dataDir });
    const to = { write: (line: string) => onError?.(JSON.parse(line)) };
    const log = createLog(onError ? 'error' : 'silent', to);
    this.#running = await startServer({ config, log, lookup, ...(clock && { clock }) });
  }

  /** The next start has these settings beside the others. */
  changeFlags(flags: Readonly<Record<string, string>>): void {
    this.#flags = flags;
  }

  async close(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.close();
  }

  createApp(body?: AppBody): Promise<TestApp> {
    return TestApp.create(this, body);
  }
}
