/** The one way into the store: refuses what comes too late, counts faults, and tells other nodes of what all are to look at. */
import { ApiError, StoreError } from '../../errors.ts';
import type { Metrics } from '../../metrics.ts';
import type { Hints } from './hints.ts';

/** Calls of one store. */
export class StoreCalls {
  readonly #metrics: Metrics;
  readonly #hints: Hints | undefined;
  #isClosed = false;

  constructor({ metrics, hints }: { readonly metrics: Metrics; readonly hints?: Hints | undefined }) {
    this.#metrics = metrics;
    this.#hints = hints;
  }

  /** What comes from now on is refused. */
  close(): void {
    this.#isClosed = true;
  }

  /** @throws ApiError, StoreError of `work`; `unavailable` if the store is closed */
  async run<T>(work: () => Promise<T>): Promise<T> {
    try {
      if (this.#isClosed) throw new StoreError('unavailable', 'The store is closed.');
      return await work();
    } catch (error) {
      if (error instanceof StoreError) this.#metrics.storeFailed(error.kind);
      if (error instanceof StoreError || error instanceof ApiError) throw error;
      throw new StoreError('unavailable', undefined, { cause: error });
    }
  }

  /** The same, and other nodes are to read settings and jobs again. */
  async runSettings<T>(work: () => Promise<T>): Promise<T> {
    const result = await this.run(work);
    this.#hints?.send('settings');
    return result;
  }
}
