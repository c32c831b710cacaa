/** Stores what came of an endpoint's deliveries: many attempts to a commit, and again until the store takes them. */
import type { Clock } from '../clock.ts';
import { StoreError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { Store } from '../storage/store.ts';
import { STORE_RETRY_MS } from './dispatch-context.ts';
import type { LaneLeases } from './lane-leases.ts';
import type { LaneState } from './lane-state.ts';

/** Attempts that end within this time are stored together. A crash within it repeats them. */
const DELAY_MS = 5;
/** So many attempts wait for nothing. */
const AT_ATTEMPTS = 256;

/** What a settler works with. */
export interface SettlerOptions {
  readonly endpointId: string;
  readonly sdkAppId: number;
  readonly context: {
    readonly store: Store;
    readonly clock: Clock;
    readonly log: Log;
    readonly metrics: Metrics;
    readonly leases: LaneLeases;
  };
  readonly lanes: () => Iterable<LaneState>;
  /** called when something was stored: windows may have room again */
  readonly onSettled: () => void;
}

/** One settlement at a time, lane by lane in one commit. */
export class Settler {
  readonly #options: SettlerOptions;
  #running: Promise<void> | undefined;
  #cancel: (() => void) | undefined;
  #isClosing = false;

  constructor(options: SettlerOptions) {
    this.#options = options;
  }

  /** The lane's buffer has something. */
  soon({ buffer }: LaneState): void {
    if (buffer.attemptCount >= AT_ATTEMPTS) this.#start();
    else this.#cancel ??= this.#options.context.clock.after(DELAY_MS, () => this.#start());
  }

  /** Store at once what was collected; resolves when it is stored. */
  async flush(): Promise<void> {
    await this.#running;
    this.#start();
    await this.#running;
  }

  /** Store what is left; one try. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#cancel?.();
    await this.#running;
    await this.#settle();
  }

  #start(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#running) return; // its end looks for what came meanwhile
    this.#running = this.#settle().then(() => {
      this.#running = undefined;
      if (this.#isClosing) return;
      const [next] = this.#dirtyLanes();
      if (next) this.soon(next);
      this.#options.onSettled();
    });
  }

  #dirtyLanes(): LaneState[] {
    return [...this.#options.lanes()].filter((lane) => lane.buffer.isDirty);
  }

  async #settle(): Promise<void> {
    await Promise.all(this.#dirtyLanes().map((lane) => this.#settleLane(lane)));
  }

  /** Never rejects: what could not be stored is tried again, or done again by the lane's next owner. */
  async #settleLane({ window, buffer }: LaneState): Promise<void> {
    const { endpointId, sdkAppId, context } = this.#options;
    const { lane } = window;
    const cursor = window.progress();
    const settlement = { endpointId, sdkAppId, lane, epoch: context.leases.epoch(lane), cursor, ...buffer.take() };
    for (;;) {
      try {
        await context.store.settle(settlement);
        window.settled(cursor.seq);
        context.metrics.attempted(endpointId, sdkAppId, settlement.attempts);
        return;
      } catch (error) {
        const kind = error instanceof StoreError ? error.kind : undefined;
        context.log.error({ err: error, endpointId, lane }, 'delivery.settle-fault');
        if (kind === 'missing' || kind === 'lease-lost' || this.#isClosing) return;
        await context.clock.sleep(STORE_RETRY_MS);
      }
    }
  }
}
