/** Chooses what starts next: users who are due before what was not tried yet, lanes by turns; as probes of an open circuit both by turns. */
import type { ChangeEvent } from '../storage/store.ts';
import type { Backlog } from './backlog.ts';
import type { LaneLeases } from './lane-leases.ts';
import type { LaneState } from './lane-state.ts';
import type { Parked } from './parked-users.ts';

/** What could start now. */
export type Candidate = { readonly kind: 'parked' } | { readonly kind: 'fresh'; readonly lane: LaneState };

/** What starts. The first event of a parked user has to be read. */
export type Chosen =
  | { readonly kind: 'parked'; readonly parked: Parked }
  | { readonly kind: 'fresh'; readonly lane: LaneState; readonly event: ChangeEvent };

/** Looks without changing anything, then takes. */
export class NextWork {
  readonly #backlog: Backlog;
  readonly #leases: LaneLeases;
  #lastProbe: Candidate['kind'] = 'fresh';

  constructor(backlog: Backlog, leases: LaneLeases) {
    this.#backlog = backlog;
    this.#leases = leases;
  }

  /** @param at.timeoutMs  a lease must outlast it */
  find(at: { readonly monotonic: number; readonly timeoutMs: number }): Candidate | undefined {
    return this.#isSomebodyDue(at.monotonic) ? { kind: 'parked' } : this.#fresh(at.timeoutMs);
  }

  /** As `find`, but not the same kind twice while there is the other: an event that fails by itself must not be every probe. */
  findProbe(at: { readonly monotonic: number; readonly timeoutMs: number }): Candidate | undefined {
    const parked = this.#isSomebodyDue(at.monotonic) ? ({ kind: 'parked' } as const) : undefined;
    const fresh = this.#fresh(at.timeoutMs);
    return this.#lastProbe === 'parked' ? (fresh ?? parked) : (parked ?? fresh);
  }

  /** Whether it is a probe of another kind than the last one. */
  isItsTurn(probe: Candidate): boolean {
    return probe.kind === 'fresh' || this.#lastProbe === 'fresh';
  }

  /** It runs from now on. */
  take(candidate: Candidate, monotonic: number): Chosen | undefined {
    this.#lastProbe = candidate.kind;
    if (candidate.kind === 'parked') {
      const parked = this.#backlog.parked.takeDue(monotonic);
      return parked && { kind: 'parked', parked };
    }
    const { lane } = candidate;
    const event = lane.window.next();
    if (!event) return undefined;
    this.#backlog.served(lane);
    return { kind: 'fresh', lane, event };
  }

  #isSomebodyDue(monotonic: number): boolean {
    const dueAt = this.#backlog.parked.nextDueAt();
    return dueAt !== undefined && dueAt <= monotonic;
  }

  /** The lane whose turn it is, of those with an event that may start, whose lease lasts longer than the attempt may take. */
  #fresh(timeoutMs: number): Candidate | undefined {
    for (const lane of this.#backlog.lanes) {
      if (lane.window.hasReady && this.#leases.holds(lane.window.lane, timeoutMs)) return { kind: 'fresh', lane };
    }
    return undefined;
  }
}
