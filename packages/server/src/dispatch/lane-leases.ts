/** The lanes that this process may dispatch, and until when. Times go by the monotonic clock. */
import type { Clock } from '../clock.ts';
import type { LaneLease } from '../storage/store.ts';

/** What is left of a lease must outlast an attempt by this: a paused process can't be fenced once it sends. */
const MARGIN_MS = 250;

/** Claims of one process. */
export class LaneLeases {
  readonly #clock: Clock;
  #lanes = new Map<number, { readonly epoch: number; readonly until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Take over what a claim gave.
   *
   * @param askedAt  monotonic time before the claim was made: the lease runs from then at the latest
   * @returns lanes that came and lanes that went; a lane whose epoch changed is both
   */
  renew(leases: readonly LaneLease[], askedAt: number): { gained: number[]; lost: number[] } {
    const before = this.#lanes;
    this.#lanes = new Map(leases.map(({ lane, epoch, leaseMs }) => [lane, { epoch, until: askedAt + leaseMs }]));
    const isSame = (lane: number): boolean => before.get(lane)?.epoch === this.#lanes.get(lane)?.epoch;
    return {
      gained: [...this.#lanes.keys()].filter((lane) => !isSame(lane)),
      lost: [...before.keys()].filter((lane) => !isSame(lane)),
    };
  }

  get lanes(): readonly number[] {
    return [...this.#lanes.keys()];
  }

  /** @returns the epoch that writes of this lane name; -1 fits none */
  epoch(lane: number): number {
    return this.#lanes.get(lane)?.epoch ?? -1;
  }

  /** Whether the lane is ours for `ms` more. */
  holds(lane: number, ms: number): boolean {
    const lease = this.#lanes.get(lane);
    return lease !== undefined && lease.until - this.#clock.monotonic() > ms + MARGIN_MS;
  }
}
