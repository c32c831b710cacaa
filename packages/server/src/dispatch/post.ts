/** One POST to one endpoint: addresses checked, one deadline over all of it, the answer capped. */
import { buildConnector, type Dispatcher as HttpDispatcher, Pool } from 'undici';
import type { Clock } from '../clock.ts';
import {
  AddressRefusedError,
  type AddressRule,
  checkedLookup,
  checkLiteralHost,
  NameNotFoundError,
} from './addresses.ts';

/** More of an answer than this is a failure. */
const MAX_ANSWER_BYTES = 65_536;

/** What is sent. */
export interface PostRequest {
  /** path and query */
  readonly path: string;
  /** names and values by turns */
  readonly headers: readonly string[];
  readonly body: string;
  /** over DNS, connect, TLS, sending and the whole answer */
  readonly timeoutMs: number;
}

/** Why there is no answer. */
export type PostFaultReason = 'dns' | 'address-refused' | 'connect' | 'tls' | 'timeout' | 'body-too-large';

/** What came back. `shutdown`: we took the request back; the endpoint is not to blame. */
export type PostResult =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: Readonly<Record<string, string | string[] | undefined>>;
      readonly text: string;
      readonly durationMs: number;
    }
  | {
      readonly kind: 'fault';
      readonly reason: PostFaultReason;
      readonly detail: string;
      readonly durationMs: number;
      /** false: there was no connection to send anything on */
      readonly wasSent: boolean;
    }
  | { readonly kind: 'shutdown' };

/** Sends to one origin over kept-alive connections. */
export class Poster {
  readonly #pool: Pool;
  readonly #clock: Clock;
  readonly #running = new Set<Exchange>();
  #isClosed = false;

  /**
   * @param connections       at most so many at a time
   * @param connectTimeoutMs  a connection that takes longer is given up: requests behind it would wait for it
   * @throws TypeError if `origin` is no http or https origin
   */
  constructor(options: {
    origin: string;
    connections: number;
    connectTimeoutMs: number;
    rule: AddressRule;
    clock: Clock;
  }) {
    const { origin, connections, connectTimeoutMs, rule, clock } = options;
    const settings = { lookup: checkedLookup(rule), timeout: connectTimeoutMs };
    const connect = buildConnector(settings as buildConnector.BuildOptions);
    this.#clock = clock;
    this.#pool = new Pool(origin, {
      connections,
      pipelining: 1,
      headersTimeout: 0, // the deadline of the exchange stands over both
      bodyTimeout: 0,
      connect(target, callback) {
        try {
          checkLiteralHost(target.hostname, rule);
        } catch (refusal) {
          callback(refusal as Error, null);
          return;
        }
        connect(target, callback);
      },
    });
  }

  /** Never throws, never rejects. */
  post(request: PostRequest): Promise<PostResult> {
    if (this.#isClosed) return Promise.resolve({ kind: 'shutdown' });
    return new Promise((resolve) => {
      const exchange = new Exchange(this.#clock, request, (result) => {
        this.#running.delete(exchange);
        resolve(result);
      });
      this.#running.add(exchange);
      this.#pool.dispatch(
        { method: 'POST', path: request.path, headers: request.headers as string[], body: request.body },
        exchange,
      );
    });
  }

  /** End what runs as `shutdown`, and close the connections. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const exchange of this.#running) exchange.shutDown();
    await this.#pool.destroy();
  }
}

/** A request under way; settles once, by whatever comes first: the answer's end, a fault, the deadline or a shutdown. */
class Exchange implements HttpDispatcher.DispatchHandler {
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #resolve: (result: PostResult) => void;
  readonly #cancelDeadline: () => void;
  readonly #chunks: Buffer[] = [];
  #controller: HttpDispatcher.DispatchController | undefined;
  #status = 0;
  #headers: Readonly<Record<string, string | string[] | undefined>> = {};
  #bytes = 0;
  #settled = false;

  constructor(clock: Clock, request: PostRequest, resolve: (result: PostResult) => void) {
    this.#clock = clock;
    this.#resolve = resolve;
    this.#startedAt = clock.monotonic();
    this.#cancelDeadline = clock.after(request.timeoutMs, () => {
      const stage = this.#status ? 'the answer began, but did not end' : 'no answer';
      this.#fault('timeout', `${stage} in ${request.timeoutMs} ms`);
    });
  }

  onRequestStart(controller: HttpDispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#settled) controller.abort(new Error('too late'));
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
    this.#settle({ kind: 'answer', status, headers, text, durationMs: this.#elapsedMs() });
  }

  onResponseError(_controller: HttpDispatcher.DispatchController, error: Error): void {
    this.#fault(reasonOf(error), detailOf(error));
  }

  shutDown(): void {
    this.#settle({ kind: 'shutdown' });
    this.#controller?.abort(new Error('shutdown'));
  }

  #fault(reason: PostFaultReason, detail: string): void {
    if (this.#settled) return;
    const wasSent = this.#controller !== undefined; // undici hands it over when it begins to write
    this.#settle({ kind: 'fault', reason, detail, durationMs: this.#elapsedMs(), wasSent });
    this.#controller?.abort(new Error(reason));
  }

  #settle(result: PostResult): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#cancelDeadline();
    this.#resolve(result);
  }

  #elapsedMs(): number {
    return Math.round((this.#clock.monotonic() - this.#startedAt) * 100) / 100;
  }
}

/** Codes of OpenSSL's certificate checks and of Node's TLS layer. */
const TLS_CODE =
  /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|EPROTO)/;

function reasonOf(error: Error): PostFaultReason {
  if (error instanceof AddressRefusedError) return 'address-refused';
  if (error instanceof NameNotFoundError) return 'dns';
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined && TLS_CODE.test(code)) return 'tls';
  return code === 'ETIMEDOUT' || code === 'UND_ERR_CONNECT_TIMEOUT' ? 'timeout' : 'connect';
}

function detailOf(error: Error): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code && !message.includes(code) ? `${code}: ${message}` : message || code || error.name;
}
