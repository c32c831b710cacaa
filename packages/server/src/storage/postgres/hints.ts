/**
 * Tells other nodes at once what they would find at their next look, by NOTIFY on a connection of its own.
 *
 * Never inside the transaction that it tells of: there it takes a lock over all of the database from before the commit until after it. What comes
 * within 20 ms goes out as one.
 */
import { Socket } from 'node:net';
import pg from 'pg';
import type { Clock } from '../../clock.ts';
import type { Hint } from '../shared-store.ts';

const CHANNEL = 'portrait';
const COLLECT_MS = 20;
const CONNECT_TIMEOUT_MS = 10_000;
/** While the connection can't be had. */
const RETRY_MS = 1_000;

/** Where hints go. */
export interface HintsOptions {
  readonly url: string;
  readonly clock: Clock;
  /** name of this node: it does not hear itself */
  readonly node: string;
}

/** Sends hints and hears those of others. What goes wrong costs nothing but time: nobody relies on it. */
export class Hints {
  readonly #options: HintsOptions;
  readonly #listeners = new Set<(hint: Hint) => void>();
  readonly #stop = new AbortController();
  readonly #loop: Promise<void>;
  readonly #lanes = new Set<number>();
  readonly #others = new Set<'settings' | 'claims'>();
  readonly #nodes = new Set<string>();
  #client: pg.Client | undefined;
  #socket: Socket | undefined;
  #isCollecting = false;
  #sending: Promise<void> = Promise.resolve();

  constructor(options: HintsOptions) {
    this.#options = options;
    this.#loop = this.#keepConnected();
  }

  onHint(listener: (hint: Hint) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** These lanes have got on. */
  lanes(lanes: Iterable<number>): void {
    for (const lane of lanes) this.#lanes.add(lane);
    this.#collect();
  }

  send(kind: 'settings' | 'claims'): void {
    this.#others.add(kind);
    this.#collect();
  }

  /** Sessions of these nodes have ended. */
  nodes(nodes: Iterable<string>): void {
    for (const node of nodes) this.#nodes.add(node);
    if (this.#nodes.size > 0) this.#collect();
  }

  /** Disconnect at once. */
  abandon(): void {
    this.#stop.abort();
    this.#socket?.destroy();
  }

  /** Send what was collected, then disconnect. */
  async close(): Promise<void> {
    this.#flush();
    await this.#sending;
    this.#stop.abort();
    await this.#loop;
  }

  #collect(): void {
    if (this.#isCollecting) return;
    this.#isCollecting = true;
    this.#options.clock.after(COLLECT_MS, () => this.#flush());
  }

  #flush(): void {
    this.#isCollecting = false;
    const client = this.#client;
    const collected = [this.#others, this.#lanes, this.#nodes];
    if (!client || collected.every(({ size }) => size === 0)) return;
    const payload = [this.#options.node, ...collected.map((some) => [...some].join())].join(' ');
    for (const some of collected) some.clear();
    // one after the other; the connection broke: who looks finds it
    this.#sending = this.#sending
      .then(() => client.query('SELECT pg_notify($1, $2)', [CHANNEL, payload]))
      .then(
        () => undefined,
        () => undefined,
      );
  }

  async #keepConnected(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#connectOnce(signal);
      if (!signal.aborted) await this.#options.clock.sleep(RETRY_MS, signal);
    }
  }

  /** Resolves when the connection has ended. */
  async #connectOnce(signal: AbortSignal): Promise<void> {
    const socket = new Socket();
    this.#socket = socket;
    const client = new pg.Client({
      connectionString: this.#options.url,
      stream: () => socket,
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      application_name: 'portrait-hints',
    });
    const ended = new Promise<void>((resolve) => client.once('end', resolve));
    client.on('error', () => undefined); // 'end' follows
    client.on('notification', ({ payload = '' }) => this.#hear(payload));
    const end = (): void => void client.end().catch(() => undefined);
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
    } catch {
      end();
      return;
    }
    this.#client = client;
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
    await ended;
    signal.removeEventListener('abort', end);
    this.#client = undefined;
  }

  #hear(payload: string): void {
    const [node, others = '', lanes = '', nodes = ''] = payload.split(' ');
    if (node === this.#options.node) return;
    const numbers = lanes.split(',').filter(Boolean).map(Number);
    for (const kind of ['settings', 'claims'] as const) if (others.split(',').includes(kind)) this.#tell({ kind });
    if (numbers.length > 0) this.#tell({ kind: 'lanes', lanes: numbers });
    if (nodes.split(',').includes(this.#options.node)) this.#tell({ kind: 'sessions' });
  }

  #tell(hint: Hint): void {
    for (const listener of this.#listeners) listener(hint);
  }
}
