/** Sends to one endpoint by its settings; when they change, what runs ends by the old ones. */
import type { Clock } from '../clock.ts';
import { TokenBucket } from '../rate-limit.ts';
import type { ChangeEvent, Endpoint } from '../storage/store.ts';
import type { AddressRule, Lookup } from './addresses.ts';
import { CallbackFormat } from './callback-request.ts';
import { Poster, type PostResult } from './post.ts';

/** What a sender works with. */
export interface SenderContext {
  readonly clock: Clock;
  readonly rule: AddressRule;
  /** default: the machine's own name service */
  readonly lookup?: Lookup | undefined;
  readonly version: string;
}

/** Format, connections and rate of one endpoint. */
export class EndpointSender {
  readonly #context: SenderContext;
  readonly #retired = new Set<Poster>();
  #endpoint: Endpoint;
  #format: CallbackFormat;
  #poster: Poster;
  #bucket: TokenBucket | undefined;
  /** of the rate; others have the rest */
  #share = 1;

  constructor(endpoint: Endpoint, context: SenderContext) {
    this.#context = context;
    this.#endpoint = endpoint;
    this.#format = new CallbackFormat(endpoint, context.version);
    this.#poster = this.#newPoster();
    this.#bucket = this.#newBucket();
  }

  update(endpoint: Endpoint): void {
    const previous = this.#endpoint;
    this.#endpoint = endpoint;
    this.#format = new CallbackFormat(endpoint, this.#context.version);
    if (endpoint.ratePerSecond !== previous.ratePerSecond) this.#bucket = this.#newBucket();
    if (needsOtherPoster(endpoint, previous)) {
      this.#retire(this.#poster, previous.timeoutMs);
      this.#poster = this.#newPoster();
    }
  }

  /** Take one from the rate. @param share  part of the rate that is ours. @returns 0 if an attempt may start, else milliseconds until it may */
  takeRate(monotonic: number, share: number): number {
    if (share !== this.#share) {
      this.#share = share;
      this.#bucket = this.#newBucket();
    }
    return this.#bucket?.take(monotonic) ?? 0;
  }

  /** @param number  of the attempt: 1, 2, 3 …; @param atMs  Unix milliseconds */
  post(event: ChangeEvent, number: number, atMs: number): Promise<PostResult> {
    return this.#poster.post(this.#format.request(event, number, atMs));
  }

  /** Take back what runs. */
  async close(): Promise<void> {
    await Promise.all([this.#poster, ...this.#retired].map((poster) => poster.close()));
  }

  /** Close it when the last attempt that may use it has ended. */
  #retire(poster: Poster, afterMs: number): void {
    this.#retired.add(poster);
    this.#context.clock.after(afterMs, () => {
      this.#retired.delete(poster);
      void poster.close();
    });
  }

  #newPoster(): Poster {
    const { rule, clock, lookup } = this.#context;
    const { concurrency: connections, timeoutMs: connectTimeoutMs, tls } = this.#endpoint;
    return new Poster({ origin: this.#format.origin, connections, connectTimeoutMs, rule, clock, tls, lookup });
  }

  #newBucket(): TokenBucket | undefined {
    const { ratePerSecond } = this.#endpoint;
    return ratePerSecond > 0
      ? new TokenBucket(ratePerSecond * this.#share, this.#context.clock.monotonic())
      : undefined;
  }
}

/** Connections are made by these settings. */
function needsOtherPoster(endpoint: Endpoint, previous: Endpoint): boolean {
  return (['url', 'concurrency', 'timeoutMs', 'tls'] as const).some((name) => endpoint[name] !== previous[name]);
}
