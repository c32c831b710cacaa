/** The lanes that this process may dispatch, and until when. Times go by the monotonic clock. */
import type { Clock } from '../clock.ts';
import type { LaneLease } from '../storage/store.ts';

/** What is left of a lease must outlast an attempt by this: a paused process can't be fenced once it sends. */
const MARGIN_MS = 250;
/** What differs where several processes share the lanes. */
export interface LaneLeasesOptions {
  /** default: 1 */
  readonly laneCount?: number;
  /** an attempt that may take longer may begin all the same: its end can fall to a time when the lane is another's. Default: none may */
  readonly longestMs?: number;
}

interface Lease {
  readonly epoch: number;
  readonly until: number;
}

/** Claims of one process. */
export class LaneLeases {
  readonly #clock: Clock;
  readonly #laneCount: number;
  readonly #longestMs: number;
  #lanes = new Map<number, Lease>();
  /** being handed over: nothing starts in them any more */
  readonly #leaving = new Set<number>();

  constructor(clock: Clock, { laneCount = 1, longestMs = Number.POSITIVE_INFINITY }: LaneLeasesOptions = {}) {
    this.#clock = clock;
    this.#laneCount = laneCount;
    this.#longestMs = longestMs;
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
    for (const lane of this.#leaving) if (!this.#lanes.has(lane)) this.#leaving.delete(lane);
    const isSame = (lane: number): boolean => before.get(lane)?.epoch === this.#lanes.get(lane)?.epoch;
    return {
      gained: [...this.#lanes.keys()].filter((lane) => !isSame(lane)),
      lost: [...before.keys()].filter((lane) => !isSame(lane)),
    };
  }

  /** Start nothing more in these lanes. */
  leave(lanes: readonly number[]): void {
    for (const lane of lanes) this.#leaving.add(lane);
  }

  /** They are given up. */
  drop(lanes: readonly number[]): void {
    for (const lane of lanes) {
      this.#lanes.delete(lane);
      this.#leaving.delete(lane);
    }
  }

  get lanes(): readonly number[] {
    return [...this.#lanes.keys()];
  }

  /** Those that are not being handed over. */
  get kept(): readonly number[] {
    return this.lanes.filter((lane) => !this.#leaving.has(lane));
  }

  /** Part of all lanes that is here: of what an endpoint may get in all, so much is this process's. More than 0, at most 1. */
  get share(): number {
    return Math.max(1, this.#lanes.size) / this.#laneCount;
  }

  /** @returns the epoch that writes of this lane name; -1 fits none */
  epoch(lane: number): number {
    return this.#lanes.get(lane)?.epoch ?? -1;
  }

  /** Whether the lane is ours for `ms` more, so that what takes so long may start. */
  holds(lane: number, ms: number): boolean {
    const lease = this.#lanes.get(lane);
    if (lease === undefined || this.#leaving.has(lane)) return false;
    return lease.until - this.#clock.monotonic() > Math.min(ms, this.#longestMs) + MARGIN_MS;
  }
}
