/** One POST to one endpoint: addresses checked, one deadline over all of it, the answer capped. */
import { type Dispatcher as HttpDispatcher, Pool } from 'undici';
import type { Clock } from '../clock.ts';
import type { EndpointTls } from '../storage/store.ts';
import { AddressRefusedError, type AddressRule, type Lookup, NameNotFoundError } from './addresses.ts';
import { createConnector } from './connector.ts';
import { describeTlsFault } from './tls-fault.ts';

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
  | { readonly kind: 'fault'; readonly reason: PostFaultReason; readonly detail: string; readonly durationMs: number }
  | { readonly kind: 'shutdown' };

/** Sends to one origin over kept-alive connections. */
export class Poster {
  readonly #pool: Pool;
  readonly #clock: Clock;
  readonly #running = new Set<Exchange>();
  readonly #showsCertificate: boolean;
  #hasAnswered = false;
  #isClosed = false;

  /**
   * @param connections       at most so many at a time
   * @param connectTimeoutMs  a connection that takes longer is given up: requests behind it would wait for it
   * @param lookup            resolves names; default: the machine's own name service
   * @throws TypeError if `origin` is no http or https origin
   */
  constructor(options: {
    origin: string;
    connections: number;
    connectTimeoutMs: number;
    rule: AddressRule;
    clock: Clock;
    tls?: EndpointTls | undefined;
    lookup?: Lookup | undefined;
  }) {
    const { origin, connections, clock, tls } = options;
    this.#clock = clock;
    this.#showsCertificate = tls?.cert !== undefined;
    this.#pool = new Pool(origin, {
      connections,
      pipelining: 1,
      headersTimeout: 0, // the deadline of the exchange stands over both
      bodyTimeout: 0,
      connect: createConnector(options),
    });
  }

  /** Never throws, never rejects. */
  post(request: PostRequest): Promise<PostResult> {
    if (this.#isClosed) return Promise.resolve({ kind: 'shutdown' });
    return new Promise((resolve) => {
      const settle = (result: PostResult): void => {
        this.#running.delete(exchange);
        if (result.kind === 'answer') this.#hasAnswered = true;
        resolve(result);
      };
      const exchange = new Exchange(this.#clock, request, settle, (error) =>
        describeTlsFault(error, this.#showsCertificate && !this.#hasAnswered),
      );
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
  readonly #describeTlsFault: (error: Error) => string | undefined;
  readonly #cancelDeadline: () => void;
  readonly #chunks: Buffer[] = [];
  #controller: HttpDispatcher.DispatchController | undefined;
  #status = 0;
  #headers: Readonly<Record<string, string | string[] | undefined>> = {};
  #bytes = 0;
  #settled = false;

  constructor(
    clock: Clock,
    request: PostRequest,
    resolve: (result: PostResult) => void,
    describeTls: (error: Error) => string | undefined,
  ) {
    this.#clock = clock;
    this.#resolve = resolve;
    this.#describeTlsFault = describeTls;
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
    const tlsDetail = this.#describeTlsFault(error);
    if (tlsDetail === undefined) this.#fault(reasonOf(error), detailOf(error));
    else this.#fault('tls', tlsDetail);
  }

  shutDown(): void {
    this.#settle({ kind: 'shutdown' });
    this.#controller?.abort(new Error('shutdown'));
  }

  #fault(reason: PostFaultReason, detail: string): void {
    if (this.#settled) return;
    this.#settle({ kind: 'fault', reason, detail, durationMs: this.#elapsedMs() });
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
