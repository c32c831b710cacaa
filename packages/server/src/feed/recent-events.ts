import type { ChangeEvent } from '../storage/store.ts';

const MAX_EVENTS = 512;
const MAX_CHARACTERS = 1024 * 1024;

/** The newest events of an app as they were announced, so that its streams don't each read them from the store. */
export class RecentEvents {
  readonly #laneCount: number;
  /** in the order they came */
  readonly #events = new Map<number, ChangeEvent>();
  #characters = 0;

  constructor(laneCount: number) {
    this.#laneCount = laneCount;
  }

  add(event: ChangeEvent): void {
    this.#events.set(this.#keyOf(event.lane, event.seq), event);
    this.#characters += event.body.length;
    for (const [key, oldest] of this.#events) {
      if (this.#events.size <= MAX_EVENTS && this.#characters <= MAX_CHARACTERS) return;
      this.#events.delete(key);
      this.#characters -= oldest.body.length;
    }
  }

  /** @returns events that follow on `afterSeq` without a hole, at most `limit`; none if the next one isn't here */
  read(lane: number, afterSeq: number, limit: number): readonly ChangeEvent[] {
    const run: ChangeEvent[] = [];
    while (run.length < limit) {
      const event = this.#events.get(this.#keyOf(lane, afterSeq + 1 + run.length));
      if (!event) break;
      run.push(event);
    }
    return run;
  }

  clear(): void {
    this.#events.clear();
    this.#characters = 0;
  }

  #keyOf(lane: number, seq: number): number {
    return seq * this.#laneCount + lane;
  }
}
