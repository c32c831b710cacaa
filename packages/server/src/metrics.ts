/**
 * What the server counts of itself. Hot paths bump plain numbers here; the page at `/metrics` reads them when it is asked for
 * (scrape/registry.ts). No label comes from callers: apps and endpoints are capped, all else stems from tables of ours.
 */
import { Counts, Histogram, LabelCap } from './tally.ts';

/** More apps than this share one label. */
export const MAX_APP_LABELS = 200;
/** The same for endpoints. */
export const MAX_ENDPOINT_LABELS = 500;

/** Upper bounds in seconds. */
const CALL_BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const ATTEMPT_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const COMMIT_BOUNDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
/** The largest is what one commit takes at most. */
const COMMIT_SIZE_BOUNDS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/** Kinds of store errors that are shown from the start, so that the first one is seen as an increase. */
const STORE_FAULTS = ['full', 'low-space', 'read-only', 'unavailable', 'overloaded', 'lease-lost'] as const;
/** Answers to questions of the admin API, not faults. */
const STORE_ANSWERS: ReadonlySet<string> = new Set(['exists', 'missing']);

/** What is counted of one attempt. */
interface CountedAttempt {
  readonly outcome: 'delivered' | 'failed' | 'dead';
  readonly reason?: string;
  readonly durationMs: number;
}

/** Counts of one server since its start. */
export class Metrics {
  readonly apps: LabelCap = new LabelCap(MAX_APP_LABELS);
  readonly endpoints: LabelCap = new LabelCap(MAX_ENDPOINT_LABELS);
  /** app, kind */
  readonly changes: Counts = new Counts();
  /** door, command, code */
  readonly calls: Counts = new Counts();
  readonly callSeconds: Readonly<Record<'rest' | 'client', Histogram>> = {
    rest: new Histogram(CALL_BOUNDS),
    client: new Histogram(CALL_BOUNDS),
  };
  /** endpoint, app, outcome, reason */
  readonly attempts: Counts = new Counts();
  /** endpoint, app: seconds that attempts took */
  readonly endpointSeconds: Counts = new Counts();
  readonly attemptSeconds: Readonly<Record<'delivered' | 'failed', Histogram>> = {
    delivered: new Histogram(ATTEMPT_BOUNDS),
    failed: new Histogram(ATTEMPT_BOUNDS),
  };
  readonly commitWrites: Histogram = new Histogram(COMMIT_SIZE_BOUNDS);
  readonly commitSeconds: Histogram = new Histogram(COMMIT_BOUNDS);
  /** kind */
  readonly storeErrors: Counts = new Counts();
  /** code, 0 = logged in */
  readonly logins: Counts = new Counts();
  #clients = 0;
  #droppedClients = 0;
  #pushes = 0;

  constructor() {
    for (const kind of STORE_FAULTS) this.storeErrors.add([kind], 0);
    this.logins.add([0], 0);
  }

  /** Connections of clients. */
  get clients(): number {
    return this.#clients;
  }

  /** Clients that were cut off because they did not read. */
  get droppedClients(): number {
    return this.#droppedClients;
  }

  /** Frames that clients were sent without having asked. */
  get pushes(): number {
    return this.#pushes;
  }

  /** A command of this kind is durable. */
  changed(sdkAppId: number, kind: string): void {
    this.changes.add([this.apps.of(sdkAppId), kind]);
  }

  /** @param command  name of one that Portrait knows; undefined = the caller asked for none of them */
  called(call: { door: 'rest' | 'client'; command: string | undefined; code: number; durationMs: number }): void {
    const { door, command = 'unknown', code, durationMs } = call;
    this.calls.add([door, command, code]);
    this.callSeconds[door].observe(durationMs / 1_000);
  }

  /** Attempts at one endpoint were stored. */
  attempted(endpointId: string, sdkAppId: number, attempts: readonly CountedAttempt[]): void {
    if (attempts.length === 0) return;
    const endpoint = this.endpoints.of(endpointId);
    const app = this.apps.of(sdkAppId);
    let seconds = 0;
    for (const { outcome, reason = 'none', durationMs } of attempts) {
      this.attempts.add([endpoint, app, outcome, reason]);
      this.attemptSeconds[outcome === 'delivered' ? 'delivered' : 'failed'].observe(durationMs / 1_000);
      seconds += durationMs / 1_000;
    }
    this.endpointSeconds.add([endpoint, app], seconds);
  }

  /** A transaction has ended, well or badly. */
  committed({ writes, durationMs }: { readonly writes: number; readonly durationMs: number }): void {
    this.commitWrites.observe(writes);
    this.commitSeconds.observe(durationMs / 1_000);
  }

  /** The store could not do what it was asked. @param kind  of the StoreError */
  storeFailed(kind: string): void {
    if (!STORE_ANSWERS.has(kind)) this.storeErrors.add([kind]);
  }

  /** @param code  0, or why the login was refused */
  loggedIn(code: number): void {
    this.logins.add([code]);
  }

  pushed(): void {
    this.#pushes += 1;
  }

  clientConnected(): void {
    this.#clients += 1;
  }

  clientGone(): void {
    this.#clients -= 1;
  }

  clientDropped(): void {
    this.#droppedClients += 1;
  }

  /** The app was removed. */
  forgetApp(sdkAppId: number): void {
    this.apps.release(sdkAppId);
    this.changes.delete(sdkAppId);
  }

  /** The endpoint was removed. */
  forgetEndpoint(endpointId: string): void {
    this.endpoints.release(endpointId);
    this.attempts.delete(endpointId);
    this.endpointSeconds.delete(endpointId);
  }
}
