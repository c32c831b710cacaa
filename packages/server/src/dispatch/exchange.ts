/** A request under way: what becomes of it, and how long each part of it took. */
import type { Dispatcher as HttpDispatcher } from 'undici';
import type { Clock } from '../clock.ts';
import type { SentRequest, Stage, Timings } from '../storage/store.ts';
import { AddressRefusedError, NameNotFoundError } from './addresses.ts';
import { type Line, type LineUser, toHundredths } from './timed-client.ts';

/** More of an answer than this is a failure. */
const MAX_ANSWER_BYTES = 65_536;

/** Why there is no answer. */
export type PostFaultReason = 'dns' | 'address-refused' | 'connect' | 'tls' | 'timeout' | 'body-too-large';

/** What is known of every exchange that has ended. */
interface Ended {
  /** what was sent, or would have been */
  readonly sent: SentRequest;
  readonly durationMs: number;
  readonly timings: Timings;
}

/** What came back. `shutdown`: we took the request back; the endpoint is not to blame. */
export type PostResult =
  | (Ended & {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: Readonly<Record<string, string | string[] | undefined>>;
      readonly text: string;
    })
  | (Ended & {
      readonly kind: 'fault';
      readonly reason: PostFaultReason;
      readonly detail: string;
      /** how far it got */
      readonly stage: Stage;
    })
  | { readonly kind: 'shutdown' };

/** What was seen when the time was up, by how far the exchange had got. */
const TIMEOUTS: Readonly<Record<Stage, (ms: number) => string>> = {
  dns: (ms) => `no answer in ${ms} ms: the name was still being looked up`,
  connect: (ms) => `no answer in ${ms} ms: there was no connection yet`,
  tls: (ms) => `no answer in ${ms} ms: the TLS handshake had not ended`,
  send: (ms) => `no answer in ${ms} ms: the request was not taken whole`,
  answer: (ms) => `no answer in ${ms} ms: the request was sent, and nothing came back`,
  body: (ms) => `the answer began, but did not end in ${ms} ms`,
};

/** What an exchange is made of. */
export interface ExchangeOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly sent: SentRequest;
  /** @returns what went wrong in TLS, for people; undefined if it is no fault of TLS */
  readonly describeTls: (error: Error) => string | undefined;
}

/** Settles once, by whatever comes first: the answer's end, a fault, the deadline or a shutdown. */
export class Exchange implements LineUser {
  readonly #clock: Clock;
  readonly #sent: SentRequest;
  /** moments on the monotonic clock; undefined = not yet */
  readonly #startedAt: number;
  #sentAt: number | undefined;
  #answeredAt: number | undefined;
  readonly #resolve: (result: PostResult) => void;
  readonly #describeTls: ExchangeOptions['describeTls'];
  readonly #cancelDeadline: () => void;
  readonly #chunks: Buffer[] = [];
  #line: Line | undefined;
  /** whether the connection had carried another exchange before */
  #isReused = false;
  #controller: HttpDispatcher.DispatchController | undefined;
  #status = 0;
  #headers: Readonly<Record<string, string | string[] | undefined>> = {};
  #bytes = 0;
  #settled = false;

  constructor(options: ExchangeOptions, resolve: (result: PostResult) => void) {
    const { clock, timeoutMs, sent, describeTls } = options;
    this.#describeTls = describeTls;
    this.#clock = clock;
    this.#sent = sent;
    this.#resolve = resolve;
    this.#startedAt = clock.monotonic();
    this.#cancelDeadline = clock.after(timeoutMs, () => {
      this.#fault('timeout', TIMEOUTS[this.#stage](timeoutMs));
    });
  }

  onLine(line: Line): void {
    this.#line = line;
  }

  onRequestStart(controller: HttpDispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#settled) {
      controller.abort(new Error('too late'));
      return;
    }
    this.#sentAt = this.#clock.monotonic();
    const connection = this.#line?.connection;
    if (!connection) return;
    this.#isReused = connection.isUsed;
    connection.isUsed = true;
  }

  onResponseStarted(): void {
    this.#answeredAt ??= this.#clock.monotonic();
  }

  onResponseStart(
    _controller: HttpDispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return; // 100 Continue, 103 Early Hints
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: HttpDispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_ANSWER_BYTES)
      this.#fault('body-too-large', `the answer is longer than ${MAX_ANSWER_BYTES} bytes`);
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [status, headers] = [this.#status, this.#headers];
    const text = this.#chunks.length === 1 ? String(this.#chunks[0]) : String(Buffer.concat(this.#chunks));
    this.#settle({ kind: 'answer', status, headers, text, ...this.#ended(true) });
  }

  onResponseError(_controller: HttpDispatcher.DispatchController, error: Error): void {
    const tlsDetail = this.#describeTls(error);
    if (tlsDetail === undefined) this.#fault(reasonOf(error), detailOf(error));
    else this.#fault('tls', tlsDetail);
  }

  shutDown(): void {
    this.#settle({ kind: 'shutdown' });
    this.#controller?.abort(new Error('shutdown'));
  }

  #fault(reason: PostFaultReason, detail: string): void {
    if (this.#settled) return;
    this.#settle({ kind: 'fault', reason, detail, stage: this.#stage, ...this.#ended(false) });
    this.#controller?.abort(new Error(reason));
  }

  #settle(result: PostResult): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#cancelDeadline();
    this.#resolve(result);
  }

  /** The part that is under way. */
  get #stage(): Stage {
    if (this.#answeredAt !== undefined) return 'body';
    if (this.#sentAt === undefined) return this.#line?.connection?.stage ?? 'connect';
    const unsent = this.#line?.connection?.socket?.writableLength ?? 0;
    return unsent > 0 ? 'send' : 'answer';
  }

  #ended(isWhole: boolean): Ended {
    const nowMs = this.#clock.monotonic();
    const durationMs = toHundredths(nowMs - this.#startedAt);
    return { sent: this.#sent, durationMs, timings: this.#timings(isWhole, nowMs) };
  }

  #timings(isWhole: boolean, nowMs: number): Timings {
    const [sentAt, answeredAt] = [this.#sentAt, this.#answeredAt];
    if (this.#isReused && isWhole && sentAt !== undefined && answeredAt !== undefined) {
      // nearly all: 20,000 a second pass here
      const firstByteMs = toHundredths(answeredAt - sentAt);
      return { reusedConnection: true, firstByteMs, bodyMs: toHundredths(nowMs - answeredAt) };
    }
    const connection = this.#line?.connection;
    const isOwn = sentAt === undefined ? connection?.isUsed === false : !this.#isReused;
    return {
      reusedConnection: this.#isReused,
      ...(isOwn && connection?.parts),
      ...(sentAt !== undefined && answeredAt !== undefined && { firstByteMs: toHundredths(answeredAt - sentAt) }),
      ...(isWhole && answeredAt !== undefined && { bodyMs: toHundredths(nowMs - answeredAt) }),
    };
  }
}

function reasonOf(error: Error): PostFaultReason {
  if (error instanceof AddressRefusedError) return 'address-refused';
  if (error instanceof NameNotFoundError) return 'dns';
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ETIMEDOUT' || code === 'UND_ERR_CONNECT_TIMEOUT' ? 'timeout' : 'connect';
}

function detailOf(error: Error): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code && !message.includes(code) ? `${code}: ${message}` : message || code || error.name;
}
