/** An HTTP client that knows when each part of its connection was done, and lets the exchange on it know. */
import { isIP, type Socket } from 'node:net';
import { type buildConnector, Client, type Dispatcher } from 'undici';
import type { Clock } from '../clock.ts';
import type { Stage, Timings } from '../storage/store.ts';

/** undici's connectors return their socket, which its types keep quiet about. */
type Connect = (...of: Parameters<buildConnector.connector>) => unknown;

/** One connection on its way and after it; moments on the monotonic clock. */
class Connection {
  /** it has carried an exchange: for the next one no part of it is to be waited for */
  isUsed = false;
  socket: Socket | undefined;
  readonly #isName: boolean;
  readonly #isTls: boolean;
  readonly #startedAt: number;
  #resolvedAt: number | undefined;
  #connectedAt: number | undefined;
  #securedAt: number | undefined;

  constructor({ hostname, protocol }: buildConnector.Options, nowMs: number) {
    this.#isName = isIP(hostname) === 0;
    this.#isTls = protocol === 'https:';
    this.#startedAt = nowMs;
  }

  /** Note when the socket's parts are done. In front of undici's own listeners: they send the request at once. */
  follow(socket: Socket, clock: Clock): void {
    this.socket = socket;
    socket.once('lookup', (error: Error | null) => {
      if (!error) this.#resolvedAt = clock.monotonic();
    });
    socket.prependOnceListener('connect', () => {
      this.#connectedAt = clock.monotonic();
    });
    socket.prependOnceListener('secureConnect', () => {
      this.#securedAt = clock.monotonic();
    });
  }

  /** The part that is under way. A connection that is there and not given yet counts as `connect`. */
  get stage(): Stage {
    if (this.#isName && this.#resolvedAt === undefined) return 'dns';
    return this.#isTls && this.#connectedAt !== undefined && this.#securedAt === undefined ? 'tls' : 'connect';
  }

  /** The parts that are done. */
  get parts(): Pick<Timings, 'dnsMs' | 'connectMs' | 'tlsMs'> {
    const resolvedAt = this.#resolvedAt ?? this.#startedAt;
    return {
      ...(this.#resolvedAt !== undefined && { dnsMs: toHundredths(this.#resolvedAt - this.#startedAt) }),
      ...(this.#connectedAt !== undefined && { connectMs: toHundredths(this.#connectedAt - resolvedAt) }),
      ...(this.#connectedAt !== undefined &&
        this.#securedAt !== undefined && { tlsMs: toHundredths(this.#securedAt - this.#connectedAt) }),
    };
  }
}

/** The connections of one client, one after the other. */
export class Line {
  connection: Connection | undefined;
  readonly connect: buildConnector.connector;

  constructor(connect: Connect, clock: Clock) {
    this.connect = (target, callback) => {
      const connection = new Connection(target, clock.monotonic());
      this.connection = connection;
      const socket = connect(target, callback) as Socket | undefined;
      if (socket) connection.follow(socket, clock);
    };
  }
}

/** A handler that wants to know which line its exchange is on: told each time it is given to a client. */
export interface LineUser extends Dispatcher.DispatchHandler {
  onLine(line: Line): void;
}

/** For a Pool's `factory`: each of its clients has one connection at a time. All handlers must be LineUsers. */
export class TimedClient extends Client {
  readonly #line: Line;

  /** @param options  of the pool; `connect` is the pool's own connector */
  constructor(origin: URL, options: Client.Options, clock: Clock) {
    const line = new Line(options.connect as Connect, clock);
    super(origin, { ...options, connect: line.connect });
    this.#line = line;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    (handler as LineUser).onLine(this.#line);
    return super.dispatch(options, handler);
  }
}

/** Milliseconds as they are told: two decimals. */
export function toHundredths(ms: number): number {
  return Math.round(ms * 100) / 100;
}
