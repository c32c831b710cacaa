/** A replay in a store of many lanes: those that are here, several at a time, each in order. Others have the rest. */
import type { Replay, ReplayLane, ReplayObstacle } from '../../storage/replay-store.ts';
import { ReplayPace } from './replay-pace.ts';
import { ReplayRun, type ReplayRunOptions } from './replay-run.ts';

/** Lanes of a job at a time. */
const LANES_AT_ONCE = 8;

/** What it is made of: as a run, but for more lanes than one. */
export interface ReplayPartsOptions extends ReplayRunOptions {
  /** lanes that are here and not done */
  readonly lanes: readonly ReplayLane[];
}

/** Runs of one job, a lane each. */
export class ReplayParts {
  readonly #options: ReplayPartsOptions;
  readonly #toCome: ReplayLane[];
  /** rate and trouble are the job's, not the lane's */
  readonly #pace: ReplayPace;
  readonly #runs = new Map<number, ReplayRun>();
  readonly #ending = new Set<Promise<void>>();
  #isLost = false;
  #isClosed = false;

  constructor(options: ReplayPartsOptions) {
    this.#options = options;
    this.#toCome = [...options.lanes];
    this.#pace = new ReplayPace(options.job.ratePerSecond, options.context.clock.monotonic());
  }

  /** What keeps all of them from sending now. */
  get obstacle(): ReplayObstacle | undefined {
    const obstacles = [...this.#runs.values()].map((run) => run.obstacle);
    return obstacles.every((obstacle) => obstacle !== undefined) ? obstacles[0] : undefined;
  }

  start(): void {
    this.#watch(this.#fill());
  }

  /** As `ReplayRun.close`. */
  async close(patienceMs: number): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#runs.values()].map((run) => run.close(patienceMs)));
    await Promise.all(this.#ending);
  }

  async #fill(): Promise<void> {
    while (!this.#isClosed && this.#runs.size < LANES_AT_ONCE) {
      const lane = this.#toCome.shift();
      if (!lane) break;
      const { job, context } = this.#options;
      // taken before anything is awaited: nobody else fills the place
      const counts = context.store.readLaneCounts(job.jobId, lane.lane);
      await this.#startLane({ ...job, ...(await counts), lanes: [lane] }, lane.lane);
    }
    if (!this.#isClosed && this.#runs.size === 0 && this.#toCome.length === 0) await this.#end();
  }

  async #startLane(part: Replay, lane: number): Promise<void> {
    if (this.#isClosed) return;
    const run = new ReplayRun({
      ...this.#options,
      job: part,
      pace: this.#pace,
      finish: async () => undefined,
      onEnd: (how) => {
        this.#isLost ||= how === 'lost';
        this.#runs.delete(lane);
        this.#watch(run.close(0).then(() => this.#fill()));
      },
    });
    this.#runs.set(lane, run);
    run.start();
  }

  async #end(): Promise<void> {
    this.#isClosed = true;
    const { finish, onEnd } = this.#options;
    if (!this.#isLost) await finish();
    onEnd(this.#isLost ? 'lost' : 'done');
  }

  /** The one place that watches: a fault of the store ends it, and the store says later what is left to do. */
  #watch(work: Promise<void>): void {
    const watched: Promise<void> = work
      .catch((error: unknown) => {
        const { context, job, onEnd } = this.#options;
        context.log.error({ err: error, jobId: job.jobId }, 'replay.fault');
        if (this.#isClosed) return;
        this.#isClosed = true;
        onEnd('lost');
      })
      .finally(() => this.#ending.delete(watched));
    this.#ending.add(watched);
  }
}
