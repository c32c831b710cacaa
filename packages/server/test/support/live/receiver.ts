/** An app's backend: a real HTTP server on loopback that records each callback and answers by a script. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from '../until.ts';
import { atEnd, type Owner } from './cleanup.ts';

/** A callback as it came. */
export interface ReceivedCallback {
  /** 0, 1, 2 … in the order they came */
  readonly index: number;
  readonly method: string;
  /** path and query */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: string;
  /** when all of it was there, on the monotonic clock */
  readonly atMs: number;
  /** Unix milliseconds of the same moment */
  readonly atUnixMs: number;
  /** From_Account */
  readonly userId: string;
  /** portrait-sequence */
  readonly sequence: number;
  /** portrait-attempt */
  readonly attempt: number;
  /** webhook-id */
  readonly eventId: string;
  /** Value of the first item */
  readonly value: unknown;
  /** address that it came from */
  readonly remoteAddress: string;
  /** address that it came to */
  readonly localAddress: string;
  /** callbacks of the same user under way when this one came, itself included */
  readonly runningOfUser: number;
  /** callbacks of all users under way when this one came, itself included */
  readonly running: number;
  /** since when an answer that means "handled" was on its way; undefined = there was none, or it did not get out */
  readonly acceptedAtMs: number | undefined;
}

/** What the script makes of a callback. */
export type ReceiverAnswer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: string;
      readonly delayMs?: number;
      /** whether it means "handled"; default: status 200 */
      readonly accepts?: boolean;
      /** the answer begins, but does not end */
      readonly isHalf?: boolean;
    }
  /** never answer */
  | { readonly kind: 'hang' }
  /** TCP reset */
  | { readonly kind: 'reset' };

/** Decides on each callback; may wait for what the test does. */
export type ReceiverScript = (callback: ReceivedCallback) => ReceiverAnswer | Promise<ReceiverAnswer>;

/** Longer than the first three pauses between attempts take together. */
const PATIENCE_MS = 40_000;

const OK_BODY = '{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}';

/** "Handled", at once or after a while. */
export function ok(delayMs = 0): ReceiverAnswer {
  return { kind: 'answer', status: 200, headers: { 'content-type': 'application/json' }, body: OK_BODY, delayMs };
}

/** A status with a body that says "handled" all the same. */
export function status(code: number, headers: Readonly<Record<string, string>> = {}): ReceiverAnswer {
  return { kind: 'answer', status: code, headers, body: OK_BODY };
}

/** Status 200 with this body, which does not count as "handled". */
export function text(body: string): ReceiverAnswer {
  return { kind: 'answer', status: 200, body, accepts: false };
}

/** Status 200, ErrorCode 1. */
export function fail(): ReceiverAnswer {
  return text('{"ActionStatus":"FAIL","ErrorCode":1,"ErrorInfo":"no"}');
}

export const HANG: ReceiverAnswer = { kind: 'hang' };
export const RESET: ReceiverAnswer = { kind: 'reset' };

type Recorded = { -readonly [K in keyof ReceivedCallback]: ReceivedCallback[K] };

/** Start a receiver that its owner closes. @param host  where it listens */
export async function startReceiver(
  owner: Owner,
  script: ReceiverScript = () => ok(),
  host = '127.0.0.1',
): Promise<Receiver> {
  const receiver = new Receiver(script, host);
  atEnd(owner, () => receiver.stop());
  await receiver.listen();
  return receiver;
}

/** A receiver that can go down and come back on its port. */
export class Receiver {
  /** may be replaced while it runs */
  script: ReceiverScript;
  /** told of each callback before the script is */
  onCallback: ((callback: ReceivedCallback) => void) | undefined;
  readonly #callbacks: Recorded[] = [];
  readonly #server = createServer((request, response) => {
    this.#receive(request, response).catch((error: unknown) => this.#faults.push(error));
  });
  readonly #running = new Map<string, number>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #faults: unknown[] = [];
  readonly #host: string;
  #port = 0;

  constructor(script: ReceiverScript, host: string) {
    this.script = script;
    this.#host = host;
    this.#server.keepAliveTimeout = 60_000;
  }

  /** `http://127.0.0.1:port` */
  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get url(): string {
    return `${this.origin}/callback`;
  }

  /** All so far. @throws what a script threw */
  get callbacks(): readonly ReceivedCallback[] {
    if (this.#faults.length > 0) throw this.#faults[0];
    return this.#callbacks;
  }

  of(userId: string): readonly ReceivedCallback[] {
    return this.callbacks.filter((callback) => callback.userId === userId);
  }

  /** Wait for `count` callbacks. @returns all so far */
  async untilReceived(count: number, userId?: string): Promise<readonly ReceivedCallback[]> {
    const received = (): readonly ReceivedCallback[] => (userId === undefined ? this.callbacks : this.of(userId));
    return await until(() => received().length >= count && received(), {
      what: () => `${count} callbacks${userId === undefined ? '' : ` of ${userId}`}, got ${received().length}`,
      withinMs: PATIENCE_MS,
    });
  }

  /** Listen; again on the same port after a stop. */
  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, this.#host, () => {
        this.#server.off('error', reject);
        this.#port = (this.#server.address() as AddressInfo).port;
        resolve();
      });
    });
  }

  /** Go down: refuse connections, drop those that are open. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    if (body === undefined) return;
    const callback = this.#record(request, body);
    const { userId } = callback;
    response.once('close', () => {
      if (!response.writableFinished) callback.acceptedAtMs = undefined;
      this.#running.set(userId, (this.#running.get(userId) ?? 1) - 1);
    });
    this.onCallback?.(callback);
    this.#answer(await this.script(callback), callback, response);
  }

  #record(request: IncomingMessage, body: string): Recorded {
    const { headers, rawHeaders, method = '', url = '' } = request;
    const parsed = parseBody(body);
    const userId = String(parsed.From_Account);
    this.#running.set(userId, (this.#running.get(userId) ?? 0) + 1);
    const callback: Recorded = {
      index: this.#callbacks.length,
      method,
      url,
      headers,
      rawHeaders,
      body,
      atMs: performance.now(),
      atUnixMs: Date.now(),
      userId,
      sequence: Number(headers['portrait-sequence']),
      attempt: Number(headers['portrait-attempt']),
      eventId: String(headers['webhook-id']),
      value: parsed.ProfileItem?.[0]?.Value,
      remoteAddress: request.socket.remoteAddress ?? '',
      localAddress: request.socket.localAddress ?? '',
      runningOfUser: this.#running.get(userId) ?? 0,
      running: [...this.#running.values()].reduce((sum, count) => sum + count, 0),
      acceptedAtMs: undefined,
    };
    this.#callbacks.push(callback);
    return callback;
  }

  #answer(answer: ReceiverAnswer, callback: Recorded, response: ServerResponse): void {
    if (answer.kind === 'hang' || response.destroyed) return;
    if (answer.kind === 'reset') {
      response.socket?.resetAndDestroy();
      return;
    }
    const { status, headers = {}, body, delayMs = 0, isHalf = false, accepts = status === 200 } = answer;
    const write = (): void => {
      response.writeHead(status, headers);
      if (isHalf) {
        response.write(body);
        return;
      }
      if (accepts) callback.acceptedAtMs = performance.now();
      response.end(body);
    };
    if (delayMs > 0) this.#later(write, delayMs);
    else write();
  }

  #later(run: () => void, delayMs: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, delayMs);
    this.#timers.add(timer);
  }
}

/** @returns undefined if the sender went away before the end */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseBody(body: string): {
  readonly From_Account?: unknown;
  readonly ProfileItem?: readonly { readonly Value?: unknown }[];
} {
  try {
    return JSON.parse(body);
  } catch {
    return {};
  }
}
