/** One replay at work: scans its range, starts attempts as the pace allows, users in parallel, and ends when all is done. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { StoreError } from '../../errors.ts';
import type { Replay, ReplayObstacle } from '../../storage/replay-store.ts';
import type { Endpoint } from '../../storage/store.ts';
import { WakeTimer } from '../wake-timer.ts';
import { JobState } from './job-state.ts';
import { ReplayAttempts } from './replay-attempts.ts';
import type { ReplayContext } from './replay-context.ts';
import { ReplayPace } from './replay-pace.ts';
import { ReplayProgress } from './replay-progress.ts';
import type { ReplayItem } from './replay-window.ts';
import { isClosed, judgeCandidate, obstacleOf } from './which-deliveries.ts';

/** POSTs of a job at a time; never more than the endpoint's concurrency. */
const CONCURRENCY = 8;
const EVENTS_PER_SCAN = 256;
/** After a fault of ours, and while something stands against sending. */
const LOOK_AGAIN_MS = 500;

/** What a run is made of. */
export interface ReplayRunOptions {
  readonly job: Replay;
  readonly context: ReplayContext;
  /** of the job, if it has several runs. Default: one of its own */
  readonly pace?: ReplayPace;
  /** as it is now; undefined = it is gone */
  readonly endpoint: () => Endpoint | undefined;
  /** it answered 410 */
  readonly onGone: () => Promise<void>;
  /** Called when all of the run's lanes are done: store that the job has ended, if that was all of it. */
  readonly finish: () => Promise<void>;
  /** all is done, stored as such; or `lost`: the store does not take what this run says any more */
  readonly onEnd: (how: 'done' | 'lost') => void;
}

/** A job that runs. */
export class ReplayRun {
  readonly #options: ReplayRunOptions;
  readonly #state: JobState;
  readonly #pace: ReplayPace;
  readonly #progress: ReplayProgress;
  readonly #attempts: ReplayAttempts;
  readonly #timer: WakeTimer;
  readonly #stop = new AbortController();
  /** attempts under way */
  #running = 0;
  /** these, and all else that must end before the job can */
  #tasks = 0;
  #isReading = false;
  #restUntil = 0;
  #whenIdle: (() => void)[] = [];

  constructor(options: ReplayRunOptions) {
    const { job, context, endpoint, onGone } = options;
    const { jobId, endpointId, ratePerSecond } = job;
    const state = new JobState(job);
    const pace = options.pace ?? new ReplayPace(ratePerSecond, context.clock.monotonic());
    const progress = new ReplayProgress(context, job, () => {
      return { jobId, endpointId, epoch: context.epochOf(state.window.lane), ...state.progress() };
    });
    this.#options = options;
    this.#state = state;
    this.#pace = pace;
    this.#progress = progress;
    this.#timer = new WakeTimer(context.clock, () => this.#pump());
    const { signal } = this.#stop;
    const shared = { job, context, state, pace, progress, endpoint, onGone, signal };
    this.#attempts = new ReplayAttempts({ ...shared, connections: CONCURRENCY, onReady: () => this.#pump() });
  }

  /** What keeps it from sending now. */
  get obstacle(): ReplayObstacle | undefined {
    const endpoint = this.#options.endpoint();
    return (
      (endpoint && obstacleOf(endpoint, this.#options.context.clock.now())) ??
      (this.#pace.isDown ? 'endpoint-down' : undefined)
    );
  }

  start(): void {
    this.#pump();
  }

  /** Start nothing more; wait for what runs, at most `patienceMs`, then take it back; what came of it is stored. */
  async close(patienceMs: number): Promise<void> {
    this.#stop.abort();
    this.#timer.close();
    this.#progress.close();
    if (this.#tasks > 0) {
      const patience = new AbortController();
      const idle = this.#idle().then(() => patience.abort());
      await Promise.race([idle, this.#options.context.clock.sleep(patienceMs, patience.signal)]);
    }
    await this.#attempts.close();
    await this.#idle();
  }

  #pump(): void {
    const { clock } = this.#options.context;
    const endpoint = this.#options.endpoint();
    if (this.#stop.signal.aborted || !endpoint) return; // its removal ends the job
    if (this.#options.context.epochOf(this.#state.window.lane) < 0) {
      this.#stop.abort();
      this.#options.onEnd('lost'); // the lane is another's by now
      return;
    }
    const restMs = this.#restUntil - clock.monotonic();
    if (restMs > 0) this.#timer.after(restMs);
    else if (obstacleOf(endpoint, clock.now())) this.#timer.after(LOOK_AGAIN_MS);
    else {
      this.#fill(endpoint);
      this.#startSome(endpoint);
      if (this.#state.window.isDone && this.#tasks === 0) this.#watch(() => this.#endLane());
    }
  }

  #startSome(endpoint: Endpoint): void {
    const { window } = this.#state;
    const { clock, share } = this.#options.context;
    const isProbing = this.#pace.isDown || !isClosed(endpoint);
    const most = isProbing ? 1 : Math.min(CONCURRENCY, endpoint.concurrency);
    while (this.#running < most && window.hasReady) {
      const waitMs = this.#pace.take(clock.monotonic(), share());
      if (waitMs > 0) {
        this.#timer.after(waitMs);
        return;
      }
      const item = window.next();
      if (item) this.#watch(() => this.#attempt(item));
    }
  }

  async #attempt(item: ReplayItem): Promise<void> {
    this.#running += 1;
    try {
      if (!(await this.#attempts.make(item))) this.#rest();
    } finally {
      this.#running -= 1;
    }
  }

  /** Read on while there is room for all that a step can find. */
  #fill(endpoint: Endpoint): void {
    const { window } = this.#state;
    if (this.#isReading || window.scannedTo >= window.toSeq || window.room < EVENTS_PER_SCAN) return;
    this.#isReading = true;
    this.#watch(async () => {
      try {
        await this.#scan(endpoint);
      } finally {
        this.#isReading = false;
      }
    });
  }

  async #scan(endpoint: Endpoint): Promise<void> {
    const { job, context } = this.#options;
    const { sdkAppId, endpointId, userId } = job;
    const { window } = this.#state;
    const range = { lane: window.lane, afterSeq: window.scannedTo, toSeq: window.toSeq, maxEvents: EVENTS_PER_SCAN };
    const scan = { sdkAppId, endpointId, ...range, ...(userId !== undefined && { userId }) };
    const { items, scannedTo } = await context.store.scanDeliveries(scan);
    for (const item of items) {
      const verdict = window.wasTried(item.seq) ? 'send' : judgeCandidate(job.deliveryState, endpoint, item);
      const place = { seq: item.seq, userId: item.userId };
      if (verdict === 'send') window.add(place, false);
      else if (verdict === 'skip') this.#state.skip(place);
    }
    window.scanned(scannedTo);
    await nextTurn(); // a search that finds little must not hold up everything else
  }

  /** The lane is done: on to the next one, or the job is. */
  async #endLane(): Promise<void> {
    const { finish, onEnd } = this.#options;
    await this.#progress.settle();
    if (this.#state.nextLane()) return;
    await finish();
    this.#stop.abort();
    onEnd('done');
  }

  /** See a piece of work through: the one place that watches it. */
  #watch(work: () => Promise<void>): void {
    this.#tasks += 1;
    work()
      .catch((error: unknown) => this.#fault(error))
      .finally(() => {
        this.#tasks -= 1;
        if (this.#tasks === 0) for (const tell of this.#whenIdle.splice(0)) tell();
        this.#pump();
      });
  }

  async #idle(): Promise<void> {
    if (this.#tasks > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  /** A fault of ours. If the store says that the job is not ours any more, nothing is left to do. */
  #fault(error: unknown): void {
    const { job, context, onEnd } = this.#options;
    if (this.#stop.signal.aborted) return;
    const kind = error instanceof StoreError ? error.kind : undefined;
    if (kind === 'missing' || kind === 'lease-lost') {
      this.#stop.abort();
      onEnd('lost');
      return;
    }
    context.log.error({ err: error, jobId: job.jobId, endpointId: job.endpointId }, 'replay.fault');
    this.#rest();
  }

  #rest(): void {
    this.#restUntil = this.#options.context.clock.monotonic() + LOOK_AGAIN_MS;
  }
}
