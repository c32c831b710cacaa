/** Stores what an endpoint's state has come to: one after the other, each again until the store takes it. */
import type { Clock } from '../clock.ts';
import { StoreError } from '../errors.ts';
import type { Log } from '../log.ts';
import { STORE_RETRY_MS } from './dispatch-context.ts';

/** Deliveries don't wait for it: what is lost with a crash is found out anew. */
export class StateJournal {
  readonly #endpointId: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #closing = new AbortController();
  #last: Promise<void> = Promise.resolve();

  constructor(endpointId: string, { clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#endpointId = endpointId;
    this.#clock = clock;
    this.#log = log;
  }

  /** Carry out `write` when all that came before is stored. */
  write(write: () => Promise<void>): void {
    this.#last = this.#last.then(() => this.#writeUntilStored(write));
  }

  /** Store what is left; one try. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#last;
  }

  async #writeUntilStored(write: () => Promise<void>): Promise<void> {
    const { signal } = this.#closing;
    for (;;) {
      try {
        return await write();
      } catch (error) {
        if (error instanceof StoreError && error.kind === 'missing') return; // the endpoint was removed
        this.#log.error({ err: error, endpointId: this.#endpointId }, 'delivery.state-fault');
        if (signal.aborted) return;
        await this.#clock.sleep(STORE_RETRY_MS, signal);
      }
    }
  }
}
