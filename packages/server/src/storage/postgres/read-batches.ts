/** Reads that come together share a statement: an app's backend asks for its administrator's record with every call. */

/** How much is asked for together. */
export interface ReadBatchesOptions {
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
  readonly #options: ReadBatchesOptions;
  #waiting: Waiting<K, R>[] = [];
  #running = 0;
  #isScheduled = false;

  /** @param read  gives a result for each key, in order */
  constructor(read: (keys: readonly K[]) => Promise<readonly R[]>, options: ReadBatchesOptions) {
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
      const results = await this.#read(batch.map(({ key }) => key));
      for (const [index, { resolve }] of batch.entries()) resolve(results[index] as R);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.#running -= 1;
      this.#schedule();
    }
  }
}
