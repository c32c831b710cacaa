/** The process of a client, as the test holds it: orders go in, reports come out. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ChildStart, Order, Report } from './message.ts';
import { SdkError } from './sdk-error.ts';

const PROGRAM = fileURLToPath(new URL('./sdk-child.ts', import.meta.url));
/** Longer than the 15 s that the SDK waits for a reply. */
const CALL_MS = 40_000;
const EXIT_MS = 5_000;

/** An order that gets an answer. */
type Question<K = Exclude<Order, { kind: 'exit' }>> = K extends unknown ? Omit<K, 'id'> : never;

/** Starts it; it is there when `started` resolves. */
export class SdkProcess {
  readonly #child: ChildProcess;
  readonly #onReport: (report: Report) => void;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #started = Promise.withResolvers<void>();
  readonly #exited: Promise<unknown>;
  #printed = '';
  #lastId = 0;

  constructor(start: ChildStart, onReport: (report: Report) => void) {
    this.#onReport = onReport;
    this.#child = fork(PROGRAM, [JSON.stringify(start)], {
      execArgv: [],
      env: {},
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#printed += chunk;
    });
    this.#child.on('message', (report: Report) => this.#take(report));
    this.#exited = once(this.#child, 'exit').then(() => this.#fail());
  }

  get started(): Promise<void> {
    return this.#started.promise;
  }

  /** @throws SdkError as the SDK rejected; Error if it neither resolved nor rejected within 40 s, or the process ended */
  async ask(question: Question): Promise<unknown> {
    const what = question.kind === 'call' ? question.method : 'create';
    if (!this.#child.connected) throw new Error(`${what}: the client has ended`);
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, answer);
    const impatience = setTimeout(
      () => answer.reject(new Error(`${what} is not settled after ${CALL_MS} ms`)),
      CALL_MS,
    );
    this.#child.send({ ...question, id } as Order);
    try {
      return await answer.promise;
    } finally {
      clearTimeout(impatience);
      this.#waiting.delete(id);
    }
  }

  /** Let it exit; who does not is killed. */
  async end(): Promise<void> {
    if (this.#child.connected) this.#child.send({ kind: 'exit' } satisfies Order);
    const impatience = setTimeout(() => this.#child.kill('SIGKILL'), EXIT_MS);
    await this.#exited;
    clearTimeout(impatience);
  }

  #take(report: Report): void {
    switch (report.kind) {
      case 'started':
        this.#started.resolve();
        break;
      case 'returned':
        this.#waiting.get(report.id)?.resolve(report.value);
        break;
      case 'threw':
        this.#waiting.get(report.id)?.reject(new SdkError(report.message, report.code));
        break;
      default:
        this.#onReport(report);
    }
  }

  #fail(): void {
    const error = new Error(`the client ended: ${this.#printed}`);
    this.#started.promise.catch(() => {});
    this.#started.reject(error);
    for (const { reject } of this.#waiting.values()) reject(error);
  }
}
