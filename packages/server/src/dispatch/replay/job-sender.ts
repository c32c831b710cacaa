/** Connections of a job, or of one redelivery, beside those of the endpoint's own deliveries. */
import type { Clock } from '../../clock.ts';
import type { Attempt, ChangeEvent, Endpoint } from '../../storage/store.ts';
import { formatAttempt } from '../attempt-record.ts';
import { EndpointSender, type SenderContext } from '../endpoint-sender.ts';
import { classifyOutcome, saysGone } from '../outcome.ts';

/** An attempt that was made, and what the endpoint said beside. */
export interface SentEvent {
  readonly attempt: Attempt;
  /** it wants to be left alone for so long */
  readonly retryAfterMs: number | undefined;
  /** it wants nothing any more: 410 */
  readonly isGone: boolean;
}

/** What is sent. */
export interface Sending {
  /** as it is set now */
  readonly endpoint: Endpoint;
  readonly event: ChangeEvent;
  /** of the attempt */
  readonly number: number;
  /** what fails is dead: no schedule tries it again */
  readonly isLast: boolean;
}

/** Sends to one endpoint. */
export class JobSender {
  readonly #context: SenderContext & { readonly clock: Clock };
  readonly #connections: number;
  #current: { endpoint: Endpoint; readonly sender: EndpointSender } | undefined;

  constructor(context: SenderContext, connections: number) {
    this.#context = context;
    this.#connections = connections;
  }

  /** @returns undefined if it was taken back by `close` */
  async send({ endpoint, event, number, isLast }: Sending): Promise<SentEvent | undefined> {
    const { clock } = this.#context;
    const atMs = clock.now();
    const result = await this.#senderFor(endpoint).post(event, number, atMs);
    const outcome = classifyOutcome(result, endpoint.success, clock.now());
    if (outcome.kind === 'shutdown') return undefined;
    const isFailed = outcome.kind === 'failed';
    const attempt = formatAttempt({ seq: event.seq, number, atMs, outcome, result, isDead: isFailed && isLast });
    return { attempt, retryAfterMs: isFailed ? outcome.retryAfterMs : undefined, isGone: saysGone(result) };
  }

  /** Take back what runs, and close all connections. */
  async close(): Promise<void> {
    await this.#current?.sender.close();
  }

  #senderFor(endpoint: Endpoint): EndpointSender {
    const limited = { ...endpoint, concurrency: this.#connections };
    if (!this.#current) this.#current = { endpoint, sender: new EndpointSender(limited, this.#context) };
    else if (this.#current.endpoint !== endpoint) {
      this.#current.endpoint = endpoint;
      this.#current.sender.update(limited);
    }
    return this.#current.sender;
  }
}
