/** The replays of a process: which run, which wait for their turn, and what people do with them. */
import { randomBytes } from 'node:crypto';
import type { Directory } from '../../directory.ts';
import type { Replay, ReplayCount, ReplayLane, ReplayObstacle, ReplayQuery } from '../../storage/replay-store.ts';
import type { Endpoint } from '../../storage/store.ts';
import { countDeliveries } from './count-deliveries.ts';
import type { ReplayContext } from './replay-context.ts';
import { ReplayParts } from './replay-parts.ts';
import { ReplayRun } from './replay-run.ts';
import { obstacleOf } from './which-deliveries.ts';

/** Jobs at work: of an endpoint one, of an app two. Those that wait for their endpoint are not counted. */
const MAX_RUNNING = 4;
const MAX_RUNNING_OF_APP = 2;
/** Jobs of an app that have not ended. */
const MAX_OPEN_OF_APP = 20;
/** After a fault of ours, and while an endpoint is paused. */
const LOOK_AGAIN_MS = 1_000;
/** A job that was cancelled ends its POSTs within this. */
const CANCEL_PATIENCE_MS = 30_000;
const CLOSE_PATIENCE_MS = 10_000;

/** What all of them work with. */
export interface ReplaysOptions extends ReplayContext {
  readonly directory: Directory;
}

/** Take up the jobs that have not ended. @throws StoreError */
export async function startReplays(options: ReplaysOptions): Promise<Replays> {
  const replays = new Replays(options);
  await replays.start();
  return replays;
}

/** Jobs of one process. */
export class Replays {
  readonly #options: ReplaysOptions;
  /** that have not ended, oldest first */
  readonly #open = new Map<string, Replay>();
  readonly #runs = new Map<string, ReplayRun | ReplayParts>();
  readonly #ending = new Set<Promise<void>>();
  /** counts, and jobs that begin with one, are made one after the other */
  #counting: Promise<unknown> = Promise.resolve();
  #scheduling: Promise<void> = Promise.resolve();
  #cancelWake: (() => void) | undefined;
  #unsubscribe: () => void = () => {};
  #isClosing = false;

  constructor(options: ReplaysOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    for (const job of await this.#options.store.listOpenReplays()) this.#open.set(job.jobId, job);
    this.#unsubscribe = this.#options.directory.onChange((change) => {
      if (change.kind === 'endpoint' && !change.endpoint) this.#dropEndpoint(change.endpointId);
      void this.#schedule();
    });
    void this.#schedule();
  }

  /** Other processes may have made jobs, or ended some. @throws StoreError */
  async refresh(): Promise<void> {
    const open = new Map((await this.#options.store.listOpenReplays()).map((job) => [job.jobId, job]));
    if (this.#isClosing) return;
    for (const jobId of [...this.#open.keys()]) if (!open.has(jobId)) this.#drop(jobId, CANCEL_PATIENCE_MS);
    for (const [jobId, job] of open) if (!this.#open.has(jobId)) this.#open.set(jobId, job);
    void this.#schedule();
  }

  /** What a job would send, as it stands now. @throws StoreError */
  count(query: ReplayQuery, endpoint: Endpoint): Promise<ReplayCount> {
    return this.#inTurn(() => countDeliveries(this.#options.store, query, endpoint));
  }

  /** Make a job: it runs at once, or when those before it have ended. @returns undefined if too many have not ended. @throws StoreError */
  create(query: ReplayQuery, endpoint: Endpoint): Promise<Replay | undefined> {
    return this.#inTurn(() => this.#create(query, endpoint));
  }

  async #create(query: ReplayQuery, endpoint: Endpoint): Promise<Replay | undefined> {
    const { store, clock } = this.#options;
    const isOfApp = ({ sdkAppId }: Replay): boolean => sdkAppId === query.sdkAppId;
    if ([...this.#open.values()].filter(isOfApp).length >= MAX_OPEN_OF_APP) return undefined;
    const { ranges, total } = await countDeliveries(store, query, endpoint);
    const job: Replay = {
      ...query,
      jobId: `rpl_${randomBytes(8).toString('hex')}`,
      total,
      state: 'queued',
      delivered: 0,
      failed: 0,
      skipped: 0,
      createdAtMs: clock.now(),
      lanes: ranges.map((range) => ({ ...range, seq: range.afterSeq, doneAhead: [], tried: [] })),
    };
    await store.createReplay(job);
    this.#open.set(job.jobId, job);
    await this.#schedule();
    return store.getReplay(job.jobId);
  }

  /** End a job; POSTs that are under way come to their end. @returns false if it has ended before. @throws StoreError */
  async cancel(jobId: string): Promise<boolean> {
    const isEnded = await this.#options.store.endReplay({ jobId, state: 'cancelled' });
    this.#drop(jobId, CANCEL_PATIENCE_MS);
    void this.#schedule();
    return isEnded;
  }

  /** What a running job waits for. Of one that runs elsewhere what can be seen from here. */
  obstacleOf(jobId: string): ReplayObstacle | undefined {
    const run = this.#runs.get(jobId);
    if (run) return run.obstacle;
    const { directory, clock } = this.#options;
    const endpoint = directory.endpoint(this.#open.get(jobId)?.endpointId ?? '');
    return endpoint && obstacleOf(endpoint, clock.now());
  }

  /** Start nothing more, let running POSTs end (10 s at most), store what came of them. Jobs go on after the next start. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#unsubscribe();
    this.#cancelWake?.();
    await this.#scheduling;
    for (const jobId of [...this.#runs.keys()]) this.#drop(jobId, CLOSE_PATIENCE_MS);
    await Promise.all(this.#ending);
  }

  /** Start what may start, one look after the other. */
  #schedule(): Promise<void> {
    this.#scheduling = this.#scheduling.then(async () => {
      for (const job of [...this.#open.values()]) {
        if (this.#isClosing) return;
        if (this.#mayStart(job)) await this.#startJob(job);
      }
    });
    return this.#scheduling;
  }

  async #startJob(job: Replay): Promise<void> {
    const { store, log, directory } = this.#options;
    let part: { readonly job: Replay; readonly lanes?: readonly ReplayLane[] } | undefined;
    try {
      part = await this.#partOf(job);
      if (!part) return this.#lookAgain(); // its lanes are others', or done
      await store.startReplay(job.jobId);
    } catch (error) {
      log.error({ err: error, jobId: job.jobId }, 'replay.fault');
      return this.#lookAgain();
    }
    if (this.#isClosing || !this.#open.has(job.jobId)) return;
    const options = {
      job: part.job,
      context: this.#options,
      endpoint: () => directory.endpoint(job.endpointId),
      onGone: () => directory.pauseGone(job.endpointId),
      finish: () => this.#finish(job),
      onEnd: (how: 'done' | 'lost') => {
        if (how === 'done' && job.lanes.length > 1) this.#endPart(job.jobId);
        else this.#drop(job.jobId, 0);
        if (how === 'done') void this.#schedule();
        else this.#reload(job.jobId);
      },
    };
    const run = part.lanes ? new ReplayParts({ ...options, lanes: part.lanes }) : new ReplayRun(options);
    this.#runs.set(job.jobId, run);
    run.start();
  }

  /** Of a job that several processes may share: the lanes that are here and not done. Undefined: there is none. */
  async #partOf(job: Replay): Promise<{ readonly job: Replay; readonly lanes?: readonly ReplayLane[] } | undefined> {
    if (job.lanes.length <= 1) return { job };
    const { store, epochOf } = this.#options;
    const now = await store.getReplay(job.jobId);
    const lanes = now?.lanes.filter(({ lane, seq, toSeq }) => seq < toSeq && epochOf(lane) >= 0) ?? [];
    if (now && lanes.length > 0) return { job: now, lanes };
    if (now) await this.#finish(now);
    return undefined;
  }

  /** The job stays open: its next lane comes, or others have the rest. */
  #endPart(jobId: string): void {
    const run = this.#runs.get(jobId);
    this.#runs.delete(jobId);
    if (run) this.#watch(run.close(0));
  }

  /** End a job if all of its lanes are done. */
  async #finish({ jobId, lanes }: Replay): Promise<void> {
    const { store } = this.#options;
    const isAll = lanes.length <= 1 || (await store.getReplay(jobId))?.lanes.every(({ seq, toSeq }) => seq >= toSeq);
    if (isAll && (await store.endReplay({ jobId, state: 'done' })) && lanes.length > 1) this.#open.delete(jobId);
  }

  #mayStart({ jobId, sdkAppId, endpointId }: Replay): boolean {
    const endpoint = this.#options.directory.endpoint(endpointId);
    if (this.#runs.has(jobId) || !endpoint) return false;
    if (obstacleOf(endpoint, this.#options.clock.now())) {
      this.#lookAgain();
      return false;
    }
    const running = [...this.#runs.entries()].map(([id, run]) => ({ run, job: this.#open.get(id) }));
    if (running.some(({ job }) => job?.endpointId === endpointId)) return false;
    const atWork = running.filter(({ run }) => run.obstacle === undefined);
    const ofApp = atWork.filter(({ job }) => job?.sdkAppId === sdkAppId);
    return atWork.length < MAX_RUNNING && ofApp.length < MAX_RUNNING_OF_APP;
  }

  /** The store knew better than the run: what it has counts. */
  #reload(jobId: string): void {
    this.#watch(
      this.#options.store.getReplay(jobId).then((job) => {
        if (job?.state === 'queued' || job?.state === 'running') this.#open.set(jobId, job);
        this.#lookAgain();
      }),
    );
  }

  #dropEndpoint(endpointId: string): void {
    for (const job of [...this.#open.values()]) if (job.endpointId === endpointId) this.#drop(job.jobId, 0);
  }

  #drop(jobId: string, patienceMs: number): void {
    const run = this.#runs.get(jobId);
    this.#runs.delete(jobId);
    this.#open.delete(jobId);
    if (run) this.#watch(run.close(patienceMs));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#counting.then(work);
    this.#counting = result.catch(() => undefined);
    return result;
  }

  #watch(work: Promise<void>): void {
    const watched: Promise<void> = work
      .catch((error: unknown) => this.#options.log.error({ err: error }, 'replay.fault'))
      .finally(() => this.#ending.delete(watched));
    this.#ending.add(watched);
  }

  /** What no change tells of: a circuit that closed, a store that works again. */
  #lookAgain(): void {
    if (this.#isClosing) return;
    this.#cancelWake?.();
    this.#cancelWake = this.#options.clock.after(LOOK_AGAIN_MS, () => void this.#schedule());
  }
}
