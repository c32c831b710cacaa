/** What hot paths count with: plain numbers in memory, read when somebody asks for the metrics. */

/** Value of a label. */
export type Label = string | number;

/** A number with the values of its labels. */
export interface Sample {
  readonly labels: readonly Label[];
  readonly value: number;
}

type Branch = Map<Label, Branch | number>;

/** One number for each combination of labels that was seen. Whoever adds keeps their values few. */
export class Counts {
  readonly #root: Branch = new Map();

  /** @param labels  as many as at every other call, at least one */
  add(labels: readonly Label[], by = 1): void {
    const last = labels.length - 1;
    let branch = this.#root;
    for (let index = 0; index < last; index += 1) {
      let next = branch.get(labels[index] as Label) as Branch | undefined;
      if (!next) {
        next = new Map();
        branch.set(labels[index] as Label, next);
      }
      branch = next;
    }
    const label = labels[last] as Label;
    branch.set(label, ((branch.get(label) as number | undefined) ?? 0) + by);
  }

  /** Forget all that has this value of the first label. */
  delete(first: Label): void {
    this.#root.delete(first);
  }

  samples(): readonly Sample[] {
    return samplesOf(this.#root, []);
  }
}

function samplesOf(branch: Branch, before: readonly Label[]): readonly Sample[] {
  return [...branch].flatMap(([label, value]) => {
    const labels = [...before, label];
    return typeof value === 'number' ? [{ labels, value }] : samplesOf(value, labels);
  });
}

/** How many values were at most so large, for some bounds, and their sum. */
export class Histogram {
  readonly bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  /** @param bounds  upper ones, in order; what is larger than the last is counted too */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    let index = 0;
    while (index < this.bounds.length && value > (this.bounds[index] as number)) index += 1;
    this.#counts[index] = (this.#counts[index] as number) + 1;
    this.#sum += value;
  }

  get sum(): number {
    return this.#sum;
  }

  /** Values up to each bound, then all of them. */
  cumulative(): readonly number[] {
    let total = 0;
    return this.#counts.map((count) => {
      total += count;
      return total;
    });
  }
}

/** Where the ones are counted that have no label of their own. */
const OTHER = 'other';

/** Keeps the values of a label few: the first so many ids have one of their own, all others share `other`. */
export class LabelCap {
  readonly #max: number;
  readonly #own = new Set<Label>();

  constructor(max: number) {
    this.#max = max;
  }

  /** @returns `id`, or OTHER */
  of(id: Label): Label {
    if (this.#own.has(id)) return id;
    if (this.#own.size >= this.#max) return OTHER;
    this.#own.add(id);
    return id;
  }

  /** The id is gone: another may have a label of its own. */
  release(id: Label): void {
    this.#own.delete(id);
  }
}
