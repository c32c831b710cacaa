/** Sees attempts through, from the choice of what starts to what it came to. */
import type { Endpoint } from '../storage/store.ts';
import { formatAttempt, logAttempt } from './attempt-record.ts';
import type { Backlog, Work } from './backlog.ts';
import { backoffMs } from './backoff.ts';
import type { Pass } from './circuit.ts';
import type { CircuitKeeper } from './circuit-keeper.ts';
import { type DispatchContext, STORE_RETRY_MS } from './dispatch-context.ts';
import type { EndpointSender } from './endpoint-sender.ts';
import type { Chosen } from './next-work.ts';
import { classifyOutcome, type Outcome, saysGone } from './outcome.ts';
import type { Moment, Parked } from './parked-users.ts';
import type { PostResult } from './post.ts';
import type { Settler } from './settler.ts';

/** What attempts are made with. */
export interface AttemptsOptions {
  readonly context: DispatchContext;
  readonly backlog: Backlog;
  readonly circuit: CircuitKeeper;
  readonly sender: EndpointSender;
  readonly settler: Settler;
  readonly endpoint: () => Endpoint;
  /** the endpoint answered 410 */
  readonly onGone: () => void;
  /** a fault of ours, told after the event is back where it was */
  readonly onFault: () => void;
  /** an attempt has ended */
  readonly onEnd: (userId: string) => void;
}

/** A POST that was made. */
interface Made extends Work {
  readonly number: number;
  readonly atMs: number;
  readonly result: PostResult;
}

type Failed = Extract<Outcome, { kind: 'failed' }>;

/** The attempts of one endpoint that are under way. */
export class Attempts {
  readonly #options: AttemptsOptions;
  #running = 0;
  readonly #runningIn = new Map<number, number>();
  #whenIdle: (() => void)[] = [];

  constructor(options: AttemptsOptions) {
    this.#options = options;
  }

  get running(): number {
    return this.#running;
  }

  /** Whether some are under way in one of these lanes. */
  isRunningIn(lanes: readonly number[]): boolean {
    return lanes.some((lane) => (this.#runningIn.get(lane) ?? 0) > 0);
  }

  /** Resolves when none is under way. */
  async idle(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  /** Start one: the one place that watches it. */
  start(chosen: Chosen, pass: Pass): void {
    this.#running += 1;
    const { userId, lane } = chosen.kind === 'parked' ? chosen.parked : chosen.event;
    this.#runningIn.set(lane, (this.#runningIn.get(lane) ?? 0) + 1);
    this.#carryOut(chosen, pass)
      .catch((error: unknown) => this.#fault(error))
      .finally(() => {
        this.#running -= 1;
        this.#runningIn.set(lane, (this.#runningIn.get(lane) ?? 1) - 1);
        if (this.#running === 0) for (const tell of this.#whenIdle.splice(0)) tell();
        this.#options.onEnd(userId);
      });
  }

  /** A fault on our side, or a stop, leaves the event where it was. */
  async #carryOut(chosen: Chosen, pass: Pass): Promise<void> {
    const { circuit } = this.#options;
    let made: Made | undefined;
    try {
      made = chosen.kind === 'parked' ? await this.#postParked(chosen.parked) : await this.#postFresh(chosen);
    } catch (error) {
      this.#fault(error);
    }
    if (made) {
      this.#finish(made, pass);
      return;
    }
    circuit.giveBack(pass);
    if (chosen.kind === 'parked') this.#rest(chosen.parked);
    else chosen.lane.window.putBack(chosen.event);
  }

  #postFresh({ event, lane }: Extract<Chosen, { kind: 'fresh' }>): Promise<Made> {
    return this.#post({ event, lane, parked: undefined }, 1);
  }

  /** @returns undefined if the lane is another's, or not ours for long enough */
  async #postParked(parked: Parked): Promise<Made | undefined> {
    const { context, backlog, endpoint } = this.#options;
    const lane = backlog.lane(parked.lane);
    const [seq] = parked.waiting;
    if (!lane || seq === undefined || !context.leases.holds(parked.lane, endpoint().timeoutMs)) return undefined;
    const { sdkAppId } = parked;
    const [event] = await context.store.readEvents({ sdkAppId, lane: parked.lane, afterSeq: seq - 1, limit: 1 });
    if (event?.seq !== seq) throw new Error(`event ${seq} of lane ${parked.lane} is not in the log`);
    return this.#post({ event, lane, parked }, parked.attempts + parked.uncounted + 1);
  }

  async #post(work: Work, number: number): Promise<Made> {
    const atMs = this.#options.context.clock.now();
    return { ...work, number, atMs, result: await this.#options.sender.post(work.event, number, atMs) };
  }

  #finish(made: Made, pass: Pass): void {
    const { context, backlog, circuit, settler, endpoint } = this.#options;
    const { event, lane, parked, number, atMs, result } = made;
    const { success, concurrency, maxAttempts, onDead, endpointId } = endpoint();
    const outcome = classifyOutcome(result, success, context.clock.now());
    if (parked) parked.isRunning = false;
    const isOurs = backlog.lane(event.lane) === lane;
    if (outcome.kind === 'shutdown' || !isOurs) {
      circuit.giveBack(pass);
      if (isOurs && !parked) lane.window.putBack(event);
      return;
    }
    const isGone = saysGone(result);
    if (isGone) circuit.giveBack(pass);
    else circuit.ended(pass, { userId: event.userId, outcome, result, concurrency });
    const counts = !pass.isFree && !isGone;
    const isDead = outcome.kind === 'failed' && counts && (parked?.attempts ?? 0) + 1 >= maxAttempts;
    const attempt = formatAttempt({ seq: event.seq, number, atMs, outcome, result, isDead });
    lane.buffer.attempt(attempt);
    logAttempt(context.log, endpointId, event, attempt);
    context.onAttempt({ endpoint: endpoint(), event, attempt, isResend: false });
    if (outcome.kind === 'delivered' || (isDead && onDead === 'skip')) backlog.settle(made, this.#moment());
    else {
      const waitMs = isDead ? undefined : this.#waitMs(parked, outcome, counts);
      backlog.park(made, { reason: outcome.reason, counts, waitMs }, this.#moment());
    }
    settler.soon(lane);
    if (isGone) this.#options.onGone();
  }

  /** While the circuit is open its probes set the time: who failed is the last in turn. */
  #waitMs(parked: Parked | undefined, { retryAfterMs }: Failed, counts: boolean): number {
    const { context, circuit } = this.#options;
    if (circuit.isOpen) return 0;
    const attempts = (parked?.attempts ?? 0) + (counts ? 1 : 0);
    return backoffMs(Math.max(1, attempts), context.random(), retryAfterMs);
  }

  /** The attempt was not made: try again a little later, at no cost. */
  #rest(parked: Parked): void {
    parked.isRunning = false;
    parked.dueAt = this.#options.context.clock.monotonic() + STORE_RETRY_MS;
  }

  #fault(error: unknown): void {
    this.#options.context.log.error({ err: error, endpointId: this.#options.endpoint().endpointId }, 'delivery.fault');
    this.#options.onFault();
  }

  #moment(): Moment {
    const { clock } = this.#options.context;
    return { nowMs: clock.now(), monotonic: clock.monotonic() };
  }
}
