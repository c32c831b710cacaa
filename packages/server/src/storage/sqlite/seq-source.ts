/**
 * Seqs in falling order, from wherever they stand: indexes, ranges, chains, and what is made of them. A search goes down the log from
 * one seq that may fit to the next, instead of looking at each.
 */

/**
 * What a page of a search may look at, in units of about 10 µs (docs/decisions/0015). A page that has spent it ends and leads on, so
 * that no search blocks the process.
 */
export class Budget {
  #left: number;

  constructor(units: number) {
    this.#left = units;
  }

  spend(units: number): void {
    this.#left -= units;
  }

  get isSpent(): boolean {
    return this.#left <= 0;
  }
}

/** To be asked with falling `top`s. */
export interface SeqSource {
  /**
   * @returns the highest of its seqs that is not above `top`, 0 = there is none. Once the budget is spent also a seq that is none of its
   *          own, from which the search has to go on: none above it was passed by
   */
  next(top: number): number;
}

/** `low` to `high`, both included, but for `holes`. */
export function rangeSource(low: number, high: number, holes: ReadonlySet<number> = new Set()): SeqSource {
  return {
    next(top) {
      let seq = Math.min(top, high);
      while (seq >= low && holes.has(seq)) seq -= 1;
      return seq >= low ? seq : 0;
    },
  };
}

const FIRST_BATCH = 8;
const LARGEST_BATCH = 128;

/** An index. @param read  gives the first `limit` seqs that are not above `top`, falling */
export function indexSource(read: (top: number, limit: number) => readonly number[], budget: Budget): SeqSource {
  let batch: readonly number[] = [];
  let at = 0;
  let limit = FIRST_BATCH;
  /** above this all is known */
  let below = Number.POSITIVE_INFINITY;
  return {
    next(top) {
      while (at < batch.length && (batch[at] as number) > top) at += 1;
      if (at === batch.length && below > 0) {
        // one who jumps will jump again: he is given few
        limit = top < below ? FIRST_BATCH : Math.min(limit * 2, LARGEST_BATCH);
        batch = read(Math.min(top, below), limit);
        budget.spend(0.5 + limit / 16);
        below = batch.length < limit ? 0 : (batch.at(-1) as number) - 1;
        at = 0;
      }
      return batch[at] ?? 0;
    },
  };
}

/**
 * What has to be looked for window by window, since no index has it.
 *
 * @param find  looks at the highest seqs that are not above `top`: those that fit, falling, and the lowest one it looked at; 0 = there
 *              are no more
 * @param cost  of one look
 */
export function windowSource(
  find: (top: number) => { readonly hits: readonly number[]; readonly low: number },
  { budget, cost }: { readonly budget: Budget; readonly cost: number },
): SeqSource {
  let hits: readonly number[] = [];
  let at = 0;
  let below = Number.POSITIVE_INFINITY;
  return {
    next(top) {
      for (;;) {
        while (at < hits.length && (hits[at] as number) > top) at += 1;
        if (at < hits.length) return hits[at] as number;
        if (below <= 0) return 0;
        const found = find(Math.min(top, below));
        budget.spend(cost);
        [hits, at, below] = [found.hits, 0, found.low - 1];
        if (hits.length === 0 && budget.isSpent) return Math.max(0, below);
      }
    },
  };
}

/** What any of them has. */
export function unionSource(sources: readonly SeqSource[]): SeqSource {
  return { next: (top) => sources.reduce((highest, source) => Math.max(highest, source.next(top)), 0) };
}

/** What both have. Ends on a seq of `a`, so that a chain can be taken up there. */
export function intersectSource(a: SeqSource, b: SeqSource, budget: Budget): SeqSource {
  return {
    next(top) {
      for (let seq = a.next(top); seq > 0; ) {
        const other = b.next(seq);
        if (other === seq || other === 0) return other;
        budget.spend(0.1);
        seq = a.next(other);
        if (budget.isSpent) return seq;
      }
      return 0;
    },
  };
}
