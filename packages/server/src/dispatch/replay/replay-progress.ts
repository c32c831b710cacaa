/** Stores how far a replay has got, with the attempts it made: one commit at a time, and again until the store takes it. */
import { StoreError } from '../../errors.ts';
import type { Replay, ReplaySettlement } from '../../storage/replay-store.ts';
import type { Attempt } from '../../storage/store.ts';
import type { ReplayContext } from './replay-context.ts';

/** Attempts that end within this time are stored together: each commit holds up the process while the disk syncs. */
const DELAY_MS = 5;
/** Our own store failed: wait so long before the next try. */
const STORE_RETRY_MS = 500;

/** Collects attempts for the next commit. */
export class ReplayProgress {
  readonly #context: ReplayContext;
  readonly #job: Replay;
  readonly #describe: () => Omit<ReplaySettlement, 'attempts'>;
  readonly #closing = new AbortController();
  #attempts: Attempt[] = [];
  #current: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  /** @param describe  how far it has got now, with what the attempts so far came to */
  constructor(context: ReplayContext, job: Replay, describe: () => Omit<ReplaySettlement, 'attempts'>) {
    this.#context = context;
    this.#job = job;
    this.#describe = describe;
  }

  /** @returns resolves when it is stored. @throws StoreError `missing`, `lease-lost`; while closing any */
  settle(...attempts: readonly Attempt[]): Promise<void> {
    this.#attempts.push(...attempts);
    this.#next ??= this.#current
      .catch(() => undefined)
      .then(() => this.#context.clock.sleep(DELAY_MS, this.#closing.signal))
      .then(() => {
        this.#next = undefined;
        this.#current = this.#store();
        return this.#current;
      });
    return this.#next;
  }

  /** From now on nothing waits, and what fails is not tried again. */
  close(): void {
    this.#closing.abort();
  }

  async #store(): Promise<void> {
    const { store, clock, log, metrics } = this.#context;
    const { endpointId, sdkAppId } = this.#job;
    const settlement = { ...this.#describe(), attempts: this.#attempts };
    this.#attempts = [];
    for (;;) {
      try {
        await store.settleReplay(settlement);
        metrics.attempted(endpointId, sdkAppId, settlement.attempts);
        return;
      } catch (error) {
        const kind = error instanceof StoreError ? error.kind : undefined;
        log.error({ err: error, jobId: settlement.jobId }, 'replay.settle-fault');
        if (kind === 'missing' || kind === 'lease-lost' || this.#closing.signal.aborted) throw error;
        await clock.sleep(STORE_RETRY_MS, this.#closing.signal);
      }
    }
  }
}
