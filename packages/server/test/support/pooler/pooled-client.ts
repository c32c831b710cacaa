/** One client of the pooler. */
import type { Socket } from 'node:net';
import { Messages, message, textAt } from './messages.ts';
import type { ServerConnection, ServerPool } from './server-pool.ts';

const SSL_REQUEST = 80_877_103;
const CANCEL_REQUEST = 80_877_102;
/** Names in the first message of a client that PgBouncer knows what to do with; it ends a connection for any other. */
const STARTUP_NAMES = ['user', 'database', 'application_name', 'client_encoding', 'datestyle', 'timezone'];
/** What outlives a transaction. */
const SESSION_STATE =
  /(^|;)\s*(LISTEN|UNLISTEN|PREPARE|DISCARD|RESET|LOAD|SET\s+(?!LOCAL\b|TRANSACTION\b)|CREATE\s+(LOCAL\s+|GLOBAL\s+)?TEMP)|WITH\s+HOLD|pg_(try_)?advisory_lock|set_config\([^)]*,\s*false\s*\)/i;

/** What a client's connection tells. */
export interface PooledClientOptions {
  readonly poolOf: (database: string) => ServerPool;
  readonly onViolation: (what: string) => void;
  readonly onMove: () => void;
  readonly onEnd: () => void;
}

/** A client, with a connection to the server while it has a transaction. */
export class PooledClient {
  readonly #socket: Socket;
  readonly #options: PooledClientOptions;
  readonly #messages = new Messages();
  #pool: ServerPool | undefined;
  #server: ServerConnection | undefined;
  #last: ServerConnection | undefined;
  /** sent before the connection was there */
  #waiting: Buffer[] = [];
  /** ReadyForQuery that are still to come */
  #unanswered = 0;
  /** messages were sent since the last Sync */
  #isUnsynced = false;
  #isEnded = false;

  constructor(socket: Socket, options: PooledClientOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on('data', (data: Buffer) => {
      this.#messages.push(data);
      this.#read();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => this.end());
  }

  /** The client is gone, or is to go: its transaction with it. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#options.onEnd();
    this.#socket.destroy();
    if (this.#server) this.#pool?.drop(this.#server);
  }

  #read(): void {
    while (!this.#isEnded) {
      const next = this.#messages.next(this.#pool ? 1 : 0);
      if (!next) return;
      if (this.#pool) this.#forward(next, this.#pool);
      else this.#startUp(next);
    }
  }

  #startUp(first: Buffer): void {
    const code = first.readInt32BE(4);
    if (code === SSL_REQUEST) this.#socket.write('N');
    else if (code === CANCEL_REQUEST) this.end();
    else this.#welcome(first);
  }

  #welcome(first: Buffer): void {
    const words = first.toString('utf8', 8).split('\0');
    const parameters = new Map<string, string>();
    for (let at = 0; words[at]; at += 2) parameters.set(words[at] as string, words[at + 1] ?? '');
    for (const name of parameters.keys()) {
      if (!STARTUP_NAMES.includes(name.toLowerCase())) this.#options.onViolation(`startup parameter ${name}`);
    }
    this.#pool = this.#options.poolOf(parameters.get('database') ?? parameters.get('user') ?? '');
    const ready = [
      message('R', 0),
      message('S', 'server_version', '16.0'),
      message('S', 'client_encoding', 'UTF8'),
      message('S', 'standard_conforming_strings', 'on'),
      message('K', 1, 1),
      message('Z', Buffer.from('I')),
    ];
    this.#socket.write(Buffer.concat(ready));
  }

  #forward(data: Buffer, pool: ServerPool): void {
    const type = String.fromCharCode(data[0] ?? 0);
    if (type === 'X') {
      this.end();
      return;
    }
    this.#watch(type, data);
    const isSync = type === 'S' || type === 'Q';
    if (isSync) this.#unanswered += 1;
    this.#isUnsynced = !isSync;
    if (this.#server) this.#server.send(data);
    else if (this.#waiting.push(data) === 1) pool.take(this.#last, (server) => this.#begin(server, pool));
  }

  #begin(server: ServerConnection, pool: ServerPool): void {
    if (this.#isEnded) {
      pool.giveBack(server);
      return;
    }
    if (this.#last && this.#last !== server) this.#options.onMove();
    this.#server = server;
    this.#last = server;
    server.onEnd = () => {
      pool.drop(server);
      this.end();
    };
    server.onMessage = (answer) => {
      this.#socket.write(answer);
      if (answer[0] === 0x5a /* Z */) this.#answered(String.fromCharCode(answer[5] ?? 0), pool);
    };
    for (const data of this.#waiting.splice(0)) server.send(data);
  }

  #answered(status: string, pool: ServerPool): void {
    this.#unanswered -= 1;
    if (status !== 'I' || this.#unanswered > 0 || this.#isUnsynced || !this.#server) return;
    const server = this.#server;
    this.#server = undefined;
    pool.giveBack(server);
  }

  #watch(type: string, data: Buffer): void {
    if (type !== 'P' && type !== 'Q') return;
    const name = type === 'P' ? textAt(data, 5) : undefined;
    if (name) this.#options.onViolation('a named statement');
    const sql = textAt(data, name === undefined ? 5 : 5 + Buffer.byteLength(name) + 1);
    const found = SESSION_STATE.exec(sql);
    if (found) this.#options.onViolation(found[0].replace(/^;/, '').trim().replace(/\s+/g, ' ').toUpperCase());
  }
}
