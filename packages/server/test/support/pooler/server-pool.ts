/** The pooler's connections to the server. */
import type { Socket } from 'node:net';
import pg from 'pg';
import { Messages, message } from './messages.ts';

/** One connection to the server, of one client at a time. */
export class ServerConnection {
  readonly #socket: Socket;
  readonly #messages = new Messages();
  onMessage: (message: Buffer) => void = () => undefined;
  onEnd: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (data: Buffer) => {
      this.#messages.push(data);
      for (let next = this.#messages.next(); next; next = this.#messages.next()) this.onMessage(next);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => this.onEnd());
  }

  /** `pg` says who we are, then leaves the socket to us. */
  static async open(url: string): Promise<ServerConnection> {
    const client = new pg.Client({ connectionString: url, application_name: 'pooler' });
    await client.connect();
    const { stream } = (client as unknown as { readonly connection: { readonly stream: Socket } }).connection;
    stream.removeAllListeners();
    return new ServerConnection(stream);
  }

  send(data: Buffer): void {
    this.#socket.write(data);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** First column of what a statement gives. */
  ask(sql: string): Promise<string[]> {
    const rows: string[] = [];
    const answered = new Promise<string[]>((resolve) => {
      this.onMessage = (answer) => {
        if (answer[0] === 0x44 /* D */) rows.push(answer.toString('utf8', 11));
        if (answer[0] === 0x5a /* Z */) resolve(rows);
      };
    });
    this.send(message('Q', sql));
    return answered;
  }
}

/** Connections to one database. Who comes first is served first. */
export class ServerPool {
  readonly #url: string;
  readonly #most: number;
  readonly #waiting: ((server: ServerConnection) => void)[] = [];
  readonly idle: ServerConnection[] = [];
  readonly all = new Set<ServerConnection>();
  #opening = 0;
  readonly #onFault: () => void;

  constructor(options: { readonly url: string; readonly most: number; readonly onFault: () => void }) {
    this.#url = options.url;
    this.#most = options.most;
    this.#onFault = options.onFault;
  }

  /** @param last  another one than this, if there is one */
  take(last: ServerConnection | undefined, give: (server: ServerConnection) => void): void {
    const at = this.idle.findIndex((server) => server !== last);
    const [server] = this.idle.splice(Math.max(0, at), 1);
    if (server) {
      give(server);
      return;
    }
    this.#waiting.push(give);
    if (this.all.size + this.#opening < this.#most) void this.#open();
  }

  giveBack(server: ServerConnection): void {
    server.onMessage = () => undefined;
    server.onEnd = () => this.drop(server);
    if (!this.all.has(server)) return;
    const next = this.#waiting.shift();
    if (next) next(server);
    else this.idle.push(server);
  }

  drop(server: ServerConnection): void {
    this.all.delete(server);
    const at = this.idle.indexOf(server);
    if (at >= 0) this.idle.splice(at, 1);
    server.destroy();
    if (this.#waiting.length > 0) void this.#open();
  }

  async #open(): Promise<void> {
    this.#opening += 1;
    try {
      const server = await ServerConnection.open(this.#url);
      this.all.add(server);
      this.giveBack(server);
    } catch {
      this.#onFault();
    } finally {
      this.#opening -= 1;
    }
  }
}
