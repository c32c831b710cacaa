/** The events of one user, from the newest back: each knows the one before it. */
import type { EventRows } from './event-rows.ts';
import type { Budget, SeqSource } from './seq-source.ts';

const UNITS_PER_LINK = 0.2;

/** A chain that is followed once, however many endpoints are searched along it. */
export class UserChain {
  readonly #events: EventRows;
  readonly #sdkAppId: number;
  readonly #sequence: number | undefined;
  /** as far as it was followed, falling; of one version, if the search names it: at most one */
  readonly #seqs: number[] = [];
  /** the next to be looked at, 0 = none */
  #next: number;

  /**
   * @param from      seq of an event of the user, 0 = he has none
   * @param sequence  only the event of this version
   */
  constructor(events: EventRows, sdkAppId: number, { from, sequence }: { from: number; sequence: number | undefined }) {
    this.#events = events;
    this.#sdkAppId = sdkAppId;
    this.#sequence = sequence;
    this.#next = from;
  }

  /** A way along it. Once the budget is spent it stops at an event of the user. */
  source(budget: Budget): SeqSource {
    let at = 0;
    return {
      next: (top) => {
        for (let isFirst = true; ; isFirst = false) {
          while (at < this.#seqs.length && (this.#seqs[at] as number) > top) at += 1;
          if (at < this.#seqs.length) return this.#seqs[at] as number;
          if (this.#next === 0 || (budget.isSpent && !isFirst)) return this.#next;
          this.#follow();
          budget.spend(UNITS_PER_LINK);
        }
      },
    };
  }

  #follow(): void {
    const link = this.#events.link(this.#sdkAppId, this.#next);
    const isBelow = link && this.#sequence !== undefined && link.version < this.#sequence;
    if (link && (this.#sequence === undefined || link.version === this.#sequence)) this.#seqs.push(this.#next);
    this.#next = !link || isBelow ? 0 : link.previousSeq;
  }
}
