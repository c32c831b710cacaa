/** The cap on POSTs under way over all endpoints. Who finds none free is called when one is, in the order of asking. */
export class Slots {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** Take a slot. If there is none, `wake` is called once when it is worth asking again. */
  take(wake: () => void): boolean {
    if (this.#free > 0) {
      this.#free -= 1;
      return true;
    }
    this.#waiting.add(wake);
    return false;
  }

  /** Give a slot back. */
  release(): void {
    this.#free += 1;
    const [next] = this.#waiting;
    if (!next) return;
    this.#waiting.delete(next);
    next();
  }
}
