/** One POST to one endpoint: addresses checked, one deadline over all of it, the answer capped. */
import { type Client, Pool } from 'undici';
import type { Clock } from '../clock.ts';
import type { EndpointTls } from '../storage/store.ts';
import type { AddressRule, Lookup } from './addresses.ts';
import { createConnector } from './connector.ts';
import { Exchange, type PostResult } from './exchange.ts';
import { TimedClient } from './timed-client.ts';
import { describeTlsFault } from './tls-fault.ts';

export type { PostFaultReason, PostResult } from './exchange.ts';

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

/** Sends to one origin over kept-alive connections. */
export class Poster {
  readonly #origin: string;
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
    this.#showsCertificate = tls?.cert !== undefined;
    this.#origin = origin;
    this.#clock = clock;
    this.#pool = new Pool(origin, {
      factory: (url: URL, options: Client.Options) => new TimedClient(url, options, clock),
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
      const sent = { url: this.#origin + request.path, headers: request.headers };
      const describeTls = (error: Error): string | undefined =>
        describeTlsFault(error, this.#showsCertificate && !this.#hasAnswered);
      const options = { clock: this.#clock, timeoutMs: request.timeoutMs, sent, describeTls };
      const exchange = new Exchange(options, (result) => {
        this.#running.delete(exchange);
        if (result.kind === 'answer') this.#hasAnswered = true;
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
