/** The lanes that this process may dispatch, and until when. Times go by the monotonic clock. */
import type { Clock } from '../clock.ts';
import type { LaneLease } from '../storage/store.ts';

/** What is left of a lease must outlast an attempt by this: a paused process can't be fenced once it sends. */
const MARGIN_MS = 250;
/** What differs where several processes share the lanes. */
export interface LaneLeasesOptions {
  /** default: 1 */
  readonly laneCount?: number;
  /**
   * An attempt that may take longer may begin all the same: its end can fall to a time when the lane is another's, who waits for it. Default:
   * none may
   */
  readonly longestMs?: number;
}

interface Lease {
  readonly epoch: number;
  readonly until: number;
  /** when the lease of one ran out who did not give it up */
  readonly endedAt: number;
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
    const now = this.#clock.monotonic();
    this.#lanes = new Map(
      leases.map(({ lane, epoch, leaseMs, endedMsAgo = Number.POSITIVE_INFINITY }) => {
        return [lane, { epoch, until: askedAt + leaseMs, endedAt: now - endedMsAgo }];
      }),
    );
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

  /**
   * How long nothing that may take `ms` is to start, since one who did not give the lane up may have begun the same: at the latest when he had
   * `longestMs` of his lease left.
   */
  quietMs(lane: number, ms: number): number {
    const endedAt = this.#lanes.get(lane)?.endedAt ?? Number.NEGATIVE_INFINITY;
    return ms > this.#longestMs ? Math.max(0, endedAt + ms - this.#longestMs - this.#clock.monotonic()) : 0;
  }

  /** Whether the lane is ours for `ms` more, so that what takes so long may start. */
  holds(lane: number, ms: number): boolean {
    const lease = this.#lanes.get(lane);
    if (lease === undefined || this.#leaving.has(lane) || this.quietMs(lane, ms) > 0) return false;
    return lease.until - this.#clock.monotonic() > Math.min(ms, this.#longestMs) + MARGIN_MS;
  }
}
