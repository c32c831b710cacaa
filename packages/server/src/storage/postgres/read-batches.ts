/** Reads that come together share a statement: an app's backend asks for its administrator's record with every call. */

/** How much is asked for together. */
export interface ReadBatchesOptions<K> {
  /** keys that are the same by this are read once. Default: each is */
  readonly nameOf?: (key: K) => string;
  /** reads at a time */
  readonly atOnce: number;
  /** keys of one read at most */
  readonly maxKeys: number;
}

interface Waiting<K, R> {
  readonly key: K;
  readonly resolve: (value: R) => void;
  readonly reject: (error: unknown) => void;
}

/** What is asked while reads run waits for the next one; each sees all that was durable when it was asked for. */
export class ReadBatches<K, R> {
  readonly #read: (keys: readonly K[]) => Promise<readonly R[]>;
  readonly #options: ReadBatchesOptions<K>;
  #waiting: Waiting<K, R>[] = [];
  #running = 0;
  #isScheduled = false;

  /** @param read  gives a result for each key, in order */
  constructor(read: (keys: readonly K[]) => Promise<readonly R[]>, options: ReadBatchesOptions<K>) {
    this.#read = read;
    this.#options = options;
  }

  get(key: K): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled || this.#running >= this.#options.atOnce || this.#waiting.length === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      void this.#run();
      this.#schedule();
    });
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const batch = this.#waiting.splice(0, this.#options.maxKeys);
    if (batch.length === 0) return;
    this.#running += 1;
    try {
      const { keys, places } = this.#unique(batch);
      const results = await this.#read(keys);
      for (const [index, { resolve }] of batch.entries()) resolve(results[places[index] as number] as R);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.#running -= 1;
      this.#schedule();
    }
  }

  /** @returns keys without repeats, and for each who waits the place of his among them */
  #unique(batch: readonly Waiting<K, R>[]): { readonly keys: readonly K[]; readonly places: readonly number[] } {
    const { nameOf } = this.#options;
    if (!nameOf) return { keys: batch.map(({ key }) => key), places: batch.map((_, at) => at) };
    const keys: K[] = [];
    const known = new Map<string, number>();
    const places = batch.map(({ key }) => {
      const name = nameOf(key);
      const place = known.get(name) ?? keys.push(key) - 1;
      known.set(name, place);
      return place;
    });
    return { keys, places };
  }
}
