/**
 * Sees the deliveries of a replay through.
 *
 * | a delivery …                | then                                                   |
 * |-----------------------------|--------------------------------------------------------|
 * | arrives                     | is delivered; the user's next one comes                |
 * | fails                       | is tried again after the usual pause, its user waits   |
 * | fails MAX_ATTEMPTS times    | counts as failed; the user's next one comes            |
 * | fails while all fail        | the same, but it does not count                        |
 * | changed its state meanwhile | is left out                                            |
 */
import type { DeliveryStand, Replay } from '../../storage/replay-store.ts';
import type { Endpoint } from '../../storage/store.ts';
import { logAttempt } from '../attempt-record.ts';
import { backoffMs } from '../backoff.ts';
import { JobSender, type SentEvent } from './job-sender.ts';
import type { JobState } from './job-state.ts';
import type { ReplayContext } from './replay-context.ts';
import type { ReplayPace } from './replay-pace.ts';
import type { ReplayProgress } from './replay-progress.ts';
import type { ReplayItem } from './replay-window.ts';
import { isClosed, judgeCandidate } from './which-deliveries.ts';

/** Attempts at one delivery within a job. */
const MAX_ATTEMPTS = 3;

/** What attempts are made with. */
export interface ReplayAttemptsOptions {
  readonly job: Replay;
  readonly context: ReplayContext;
  readonly state: JobState;
  readonly pace: ReplayPace;
  readonly progress: ReplayProgress;
  readonly connections: number;
  /** as it is now; undefined = it is gone */
  readonly endpoint: () => Endpoint | undefined;
  /** it answered 410 */
  readonly onGone: () => Promise<void>;
  /** the job stops */
  readonly signal: AbortSignal;
  /** a delivery that rested may start again */
  readonly onReady: () => void;
}

/** The attempts of one job. */
export class ReplayAttempts {
  readonly #options: ReplayAttemptsOptions;
  readonly #sender: JobSender;

  constructor(options: ReplayAttemptsOptions) {
    this.#options = options;
    this.#sender = new JobSender(options.context, options.connections);
  }

  /**
   * Wait for the user's turn and send, if it is still to be sent. The turn is held until all is stored: nobody else counts the delivery's
   * attempts meanwhile.
   *
   * @returns false if nothing was sent, and it is where it was
   * @throws StoreError of reading, with the delivery where it was; or of storing, as ReplayProgress.settle
   */
  async make(item: ReplayItem): Promise<boolean> {
    const { job, context, state, signal } = this.#options;
    const { lane } = state.window;
    const request = { lane, userId: item.userId, isUrgent: false, signal };
    const turn = await this.#orPutBack(item, () => context.takeTurn(job.endpointId, request));
    try {
      const endpoint = turn && this.#options.endpoint();
      const sent = endpoint && !signal.aborted ? await this.#sendInTurn(item, endpoint) : false;
      if (!sent) state.window.putBack(item);
      return sent;
    } finally {
      turn?.release();
    }
  }

  /** Take back what runs. */
  close(): Promise<void> {
    return this.#sender.close();
  }

  async #sendInTurn(item: ReplayItem, endpoint: Endpoint): Promise<boolean> {
    const { job, context, state, progress } = this.#options;
    const { sdkAppId, endpointId } = job;
    const place = { sdkAppId, endpointId, lane: state.window.lane, seq: item.seq };
    const stand = await this.#orPutBack(item, () => context.store.readStand(place));
    if (!stand || !this.#isToBeSent(item, endpoint, stand)) {
      state.finish(item, 'skipped');
      await progress.settle();
      return true;
    }
    const sent = await this.#sender.send({ endpoint, event: stand.event, number: stand.lastNumber + 1, isLast: true });
    if (!sent) return false;
    logAttempt(context.log, endpointId, stand.event, sent.attempt);
    context.onAttempt({ endpoint, event: stand.event, attempt: sent.attempt, isResend: true });
    this.#count(item, sent, endpoint);
    await progress.settle(sent.attempt);
    if (sent.isGone) await this.#options.onGone();
    return true;
  }

  /** A fault before anything was sent leaves the delivery where it was. */
  async #orPutBack<T>(item: ReplayItem, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#options.state.window.putBack(item);
      throw error;
    }
  }

  /** What failed here has the state that this left it in. */
  #isToBeSent({ seq }: ReplayItem, endpoint: Endpoint, { event, state: stands }: DeliveryStand): boolean {
    const { job, state } = this.#options;
    const asked = state.window.wasTried(seq) ? undefined : job.deliveryState;
    return judgeCandidate(asked, endpoint, { ...event, state: stands }) === 'send';
  }

  #count(item: ReplayItem, { attempt, retryAfterMs, isGone }: SentEvent, endpoint: Endpoint): void {
    const { context, state, pace, signal, onReady } = this.#options;
    const { clock, random } = context;
    const isOneFault = pace.ended(attempt, clock.monotonic(), random());
    if (attempt.outcome === 'delivered') {
      state.finish(item, 'delivered');
      return;
    }
    const failures = state.failed(item, isOneFault && !isGone && isClosed(endpoint), pace.answers);
    if (failures >= MAX_ATTEMPTS) {
      state.finish(item, 'failed');
      return;
    }
    const { window } = state;
    window.rest(item);
    const waitMs = backoffMs(Math.max(1, failures), random(), retryAfterMs);
    void clock.sleep(waitMs, signal).then(() => {
      window.putBack(item);
      onReady();
    });
  }
}
