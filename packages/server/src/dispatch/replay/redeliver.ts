/** Sends one delivery again at a person's word: the same bytes, the same webhook-id, the next attempt number. */
import type { Attempt, ChangeEvent, Endpoint } from '../../storage/store.ts';
import { logAttempt } from '../attempt-record.ts';
import type { EndpointTurn } from '../endpoint-dispatch.ts';
import { JobSender } from './job-sender.ts';
import type { ReplayContext } from './replay-context.ts';
import { isSettled } from './which-deliveries.ts';

/** So many at a time over all apps; more are asked to come again. */
const MAX_RUNNING = 16;
/** Another POST to the same user may be under way: wait so long for its end. */
const PATIENCE_MS = 10_000;

/** What came of the wish. `sent`: whatever the endpoint answered, it stands in the delivery log. */
export type Redelivery =
  | { readonly kind: 'sent' }
  /** it comes by itself, after what is in front of it */
  | { readonly kind: 'waits' }
  /** its values were overwritten: there is nothing to send any more */
  | { readonly kind: 'erased' }
  /** not now: too many of these, or the user's turn did not come */
  | { readonly kind: 'busy' };

/** Redeliveries of one process. */
export class Redeliverer {
  readonly #options: ReplayContext;
  #running = 0;

  constructor(options: ReplayContext) {
    this.#options = options;
  }

  /** @throws StoreError what was sent could not be stored; `missing` if the endpoint is gone */
  async redeliver(endpoint: Endpoint, event: ChangeEvent): Promise<Redelivery> {
    if (this.#running >= MAX_RUNNING) return { kind: 'busy' };
    this.#running += 1;
    try {
      const turn = await this.#takeTurn(endpoint, event);
      if (!turn) return { kind: 'busy' };
      try {
        return await this.#sendInTurn(endpoint, event, turn);
      } finally {
        turn.release();
      }
    } finally {
      this.#running -= 1;
    }
  }

  async #takeTurn({ endpointId }: Endpoint, { lane, userId }: ChangeEvent): Promise<EndpointTurn | undefined> {
    const { clock, takeTurn } = this.#options;
    const impatience = new AbortController();
    const cancel = clock.after(PATIENCE_MS, () => impatience.abort());
    const turn = await takeTurn(endpointId, { lane, userId, isUrgent: true, signal: impatience.signal });
    cancel();
    return turn;
  }

  async #sendInTurn(endpoint: Endpoint, event: ChangeEvent, turn: EndpointTurn): Promise<Redelivery> {
    const { store, metrics, epochOf } = this.#options;
    const { endpointId } = endpoint;
    const { sdkAppId, lane, seq } = event;
    // the turn is held: nothing of the user's can be under way, and what the store calls settled stays so
    const stand = await store.readStand({ sdkAppId, endpointId, lane, seq });
    if (!stand) return { kind: 'busy' };
    if (stand.event.isErased) return { kind: 'erased' };
    if (isSettled(stand.state)) {
      const attempt = await this.#send(endpoint, event, { number: stand.lastNumber + 1, isLast: true });
      if (!attempt) return { kind: 'busy' };
      await store.recordRedelivery({ endpointId, lane, epoch: epochOf(lane), attempts: [attempt] });
      metrics.attempted(endpointId, sdkAppId, [attempt]);
      return { kind: 'sent' };
    }
    if (turn.next?.seq !== seq) return { kind: 'waits' };
    const attempt = await this.#send(endpoint, event, { number: turn.next.attempts + 1, isLast: false });
    if (!attempt) return { kind: 'busy' };
    await turn.settleNext(event, attempt);
    return { kind: 'sent' };
  }

  async #send(
    endpoint: Endpoint,
    event: ChangeEvent,
    { number, isLast }: { number: number; isLast: boolean },
  ): Promise<Attempt | undefined> {
    const sender = new JobSender(this.#options, 1);
    try {
      const sent = await sender.send({ endpoint, event, number, isLast });
      if (!sent) return undefined;
      logAttempt(this.#options.log, endpoint.endpointId, event, sent.attempt);
      this.#options.onAttempt({ endpoint, event, attempt: sent.attempt, isResend: true });
      return sent.attempt;
    } finally {
      await sender.close();
    }
  }
}
