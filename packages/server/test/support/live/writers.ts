/** Callers that change profiles without a pause, whatever happens to the server. */
import { atEnd, type Owner } from './cleanup.ts';
import type { HistoryChecker } from './history-checker.ts';
import { recordedSet } from './recorded-set.ts';
import type { TestApp } from './test-app.ts';

/** What the writers write. */
export interface WritersOptions {
  readonly app: TestApp;
  readonly checker: HistoryChecker;
  readonly userIds: readonly string[];
  /** several may write to one user */
  readonly count: number;
  /** stands in their values: those of several groups of writers differ by it */
  readonly name?: string;
  /** what else a writer does, before each of its changes */
  readonly between?: (turn: WriterTurn) => Promise<void>;
}

/** Which writer is about to make which of its changes: 1, 2, 3 … */
export interface WriterTurn {
  readonly userId: string;
  readonly writer: number;
  readonly change: number;
}

/** Writers that run until they are stopped or their owner ends, and rest while the server is down. */
export class Writers {
  /** changes that were acknowledged */
  acknowledged = 0;
  readonly #options: WritersOptions;
  readonly #loops: readonly Promise<void>[];
  #isStopped = false;
  #mayGo = Promise.withResolvers<void>();

  constructor(owner: Owner, options: WritersOptions) {
    this.#options = options;
    atEnd(owner, async () => this.#end()); // answers that are still to come are nobody's concern then
    this.#loops = Array.from({ length: options.count }, (_, writer) => this.#write(writer));
  }

  /** The server is there. */
  go(): void {
    this.#mayGo.resolve();
  }

  /** The server goes. */
  rest(): void {
    this.#mayGo = Promise.withResolvers<void>();
  }

  /** End all, with the answers that are still to come. */
  async stop(): Promise<void> {
    this.#end();
    await Promise.all(this.#loops);
  }

  #end(): void {
    this.#isStopped = true;
    this.go();
  }

  async #write(writer: number): Promise<void> {
    const { app, checker, userIds, between, name = '' } = this.#options;
    const userId = userIds[writer % userIds.length] ?? '';
    for (let change = 1; ; change += 1) {
      await this.#mayGo.promise;
      if (this.#isStopped) return;
      await between?.({ userId, writer, change });
      const outcome = await recordedSet(app, checker, { userId, value: `${userId} by ${name}${writer} #${change}` });
      if (outcome === 'acknowledged') this.acknowledged += 1;
    }
  }
}
