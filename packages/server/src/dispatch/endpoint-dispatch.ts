/**
 * Delivers the events of one app to one endpoint: in order per user, users in parallel.
 *
 * Two sources of work: lane windows (events not tried yet) and parked users (events that failed). Both pass `#pump`, which
 * starts as many as the endpoint's concurrency, its rate and the cap over all endpoints allow.
 */
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { TokenBucket } from '../rate-limit.ts';
import type { ChangeEvent, Endpoint, Progress, Store } from '../storage/store.ts';
import type { AddressRule, Lookup } from './addresses.ts';
import { formatAttempt, logAttempt } from './attempt-record.ts';
import { backoffMs } from './backoff.ts';
import { CallbackFormat } from './callback-request.ts';
import { LaneWindow } from './lane.ts';
import type { LaneLeases } from './lane-leases.ts';
import type { LaneState } from './lane-state.ts';
import { classifyOutcome, type Outcome } from './outcome.ts';
import { type Moment, type Parked, ParkedUsers } from './parked-users.ts';
import { Poster, type PostResult } from './post.ts';
import { SettleBuffer } from './settle-buffer.ts';
import { Settler } from './settler.ts';
import type { Slots } from './slots.ts';

/** Our own store failed: wait so long before the next try. */
const STORE_RETRY_MS = 500;
/** More parked users, or more events behind them, and the lanes stop: the cursor is the backlog then, not memory. */
const MAX_PARKED_USERS = 1_000;
const MAX_PARKED_EVENTS = 100_000;
const LONGEST_WAIT_MS = 3_600_000;
const EVENTS_PER_READ = 256;

/** What a dispatcher hands to each of its endpoints. */
export interface DispatchContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly rule: AddressRule;
  /** default: the machine's own name service */
  readonly lookup?: Lookup | undefined;
  readonly version: string;
  readonly slots: Slots;
  readonly leases: LaneLeases;
}

/** An attempt under way: of a lane's window, or of a parked user. */
interface Running {
  readonly event: ChangeEvent;
  readonly lane: LaneState;
  readonly parked: Parked | undefined;
  readonly number: number;
}

/** One endpoint's deliveries. */
export class EndpointDispatch {
  readonly #context: DispatchContext;
  readonly #lanes = new Map<number, LaneState>();
  readonly #parked = new ParkedUsers();
  #endpoint: Endpoint;
  #format: CallbackFormat;
  #poster: Poster;
  #bucket: TokenBucket | undefined;
  #parkedEvents = 0;
  #running = 0;
  /** after a fault of ours nothing starts before this, on the monotonic clock */
  #pauseUntil = 0;
  #isClosing = false;
  #cancelWake: (() => void) | undefined;
  #wakeAt = Number.POSITIVE_INFINITY;
  #whenIdle: (() => void)[] = [];
  /** one function, so that an endpoint waits for a slot in one place */
  readonly #wake = (): void => this.#pump();
  readonly #retired = new Set<Poster>();
  readonly #settler: Settler;

  constructor(endpoint: Endpoint, context: DispatchContext) {
    this.#context = context;
    this.#endpoint = endpoint;
    this.#format = new CallbackFormat(endpoint, context.version);
    this.#poster = this.#newPoster();
    this.#bucket = this.#newBucket();
    const { endpointId, sdkAppId } = endpoint;
    const lanes = (): Iterable<LaneState> => this.#lanes.values();
    this.#settler = new Settler({ endpointId, sdkAppId, context, lanes, onSettled: this.#wake });
  }

  get endpoint(): Endpoint {
    return this.#endpoint;
  }

  /** Settings changed: running attempts end by the old ones. */
  update(endpoint: Endpoint): void {
    const previous = this.#endpoint;
    this.#endpoint = endpoint;
    this.#format = new CallbackFormat(endpoint, this.#context.version);
    if (endpoint.ratePerSecond !== previous.ratePerSecond) this.#bucket = this.#newBucket();
    if (needsOtherPoster(endpoint, previous)) {
      this.#retire(this.#poster, previous.timeoutMs);
      this.#poster = this.#newPoster();
    }
    if (previous.state === 'paused' && endpoint.state === 'active') this.#parked.release(this.#moment());
    this.#pump();
  }

  /** Take up lanes from where the store has them. */
  addLanes(progress: Progress, lanes: readonly number[]): void {
    const { sdkAppId } = this.#endpoint;
    for (const lane of lanes) {
      const cursor = progress.cursors.find((candidate) => candidate.lane === lane) ?? { lane, seq: 0, doneAhead: [] };
      const window = new LaneWindow(cursor);
      this.#lanes.set(lane, { window, buffer: new SettleBuffer(), head: cursor.seq, isReading: false });
    }
    const mine = progress.parked.filter((user) => lanes.includes(user.lane));
    this.#parked.restore(sdkAppId, mine, this.#moment(), LONGEST_WAIT_MS);
    for (const user of mine) this.#parkedEvents += user.waiting.length;
    this.#pump();
  }

  /** The lane is another's now: forget it, store nothing. */
  dropLane(lane: number): void {
    this.#lanes.delete(lane);
    this.#parkedEvents -= this.#parked.dropLane(lane);
  }

  /** A freshly committed event. A hint: what is missed here is read from the store. */
  offer(event: ChangeEvent): void {
    const lane = this.#lanes.get(event.lane);
    if (!lane) return;
    lane.head = Math.max(lane.head, event.seq);
    if (event.seq === lane.window.readSeq + 1 && lane.window.room > 0 && this.#canPark) this.#take(lane, event);
    this.#pump();
  }

  /** The lane's head, as the store has it. */
  headIs(laneNumber: number, seq: number): void {
    const lane = this.#lanes.get(laneNumber);
    if (!lane || seq <= lane.head) return;
    lane.head = seq;
    this.#pump();
  }

  /** Start nothing more; wait for what runs, at most `patienceMs`, then take it back; store what came of it. */
  async close(patienceMs: number): Promise<void> {
    this.#isClosing = true;
    this.#cancelWake?.();
    if (this.#running > 0) {
      const patience = new AbortController();
      const idle = new Promise<void>((resolve) => this.#whenIdle.push(resolve)).then(() => patience.abort());
      await Promise.race([idle, this.#context.clock.sleep(patienceMs, patience.signal)]);
    }
    await Promise.all([this.#poster, ...this.#retired].map((poster) => poster.close()));
    if (this.#running > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
    await this.#settler.close();
  }

  /** Close it when the last attempt that may use it has ended. */
  #retire(poster: Poster, afterMs: number): void {
    this.#retired.add(poster);
    this.#context.clock.after(afterMs, () => {
      this.#retired.delete(poster);
      void poster.close();
    });
  }

  #moment(): Moment {
    const { clock } = this.#context;
    return { nowMs: clock.now(), monotonic: clock.monotonic() };
  }

  get #canPark(): boolean {
    return this.#parked.size < MAX_PARKED_USERS && this.#parkedEvents < MAX_PARKED_EVENTS;
  }

  #newPoster(): Poster {
    const { rule, clock, lookup } = this.#context;
    const { concurrency: connections, timeoutMs: connectTimeoutMs, tls } = this.#endpoint;
    return new Poster({ origin: this.#format.origin, connections, connectTimeoutMs, rule, clock, tls, lookup });
  }

  #newBucket(): TokenBucket | undefined {
    const { ratePerSecond } = this.#endpoint;
    return ratePerSecond > 0 ? new TokenBucket(ratePerSecond, this.#context.clock.monotonic()) : undefined;
  }

  /** Take an event into its lane's window, or put it behind its parked user. */
  #take(lane: LaneState, event: ChangeEvent): void {
    const isWanted = this.#endpoint.commands.includes(event.command) && !event.isErased;
    const parked = isWanted ? this.#parked.get(event.userId) : undefined;
    const isOpen = lane.window.push(event, isWanted);
    if (isOpen && parked) {
      lane.window.handOver(event);
      parked.waiting.push(event.seq);
      this.#parkedEvents += 1;
      lane.buffer.park(parked, [event.seq]);
    }
    if (!isOpen) lane.buffer.touch();
    if (lane.buffer.isDirty) this.#settler.soon(lane);
  }

  /** Start what may start; read what is behind. */
  #pump(): void {
    if (this.#isClosing || this.#endpoint.state !== 'active') return;
    while (this.#running < this.#endpoint.concurrency && this.#startOne());
    for (const lane of this.#lanes.values()) {
      if (lane.head > lane.window.readSeq && lane.window.room > 0 && this.#canPark) this.#readMore(lane);
    }
    this.#wakeForParked();
  }

  /** @returns false if there is nothing to start now */
  #startOne(): boolean {
    const { slots, clock } = this.#context;
    const pauseMs = this.#pauseUntil - clock.monotonic();
    if (pauseMs > 0) {
      this.#wakeAfter(pauseMs);
      return false;
    }
    const lane = this.#laneWithWork();
    const nextDueAt = this.#parked.nextDueAt();
    if (!lane && (nextDueAt === undefined || nextDueAt > clock.monotonic())) return false;
    if (!slots.take(this.#wake)) return false;
    const waitMs = this.#bucket?.take(clock.monotonic()) ?? 0;
    if (waitMs > 0) {
      slots.release();
      this.#wakeAfter(waitMs);
      return false;
    }
    const parked = this.#parked.takeDue(clock.monotonic());
    const fresh = parked ? undefined : lane?.window.next();
    if (parked)
      this.#run(
        () => this.#attemptParked(parked),
        () => this.#rest(parked),
      );
    else if (lane && fresh) {
      const running = { event: fresh, lane, parked: undefined, number: 1 };
      this.#run(
        () => this.#attempt(running),
        () => lane.window.putBack(fresh),
      );
    } else slots.release();
    return parked !== undefined || fresh !== undefined;
  }

  /** A lane with an event that may start, whose lease lasts longer than the attempt may take. */
  #laneWithWork(): LaneState | undefined {
    for (const lane of this.#lanes.values()) {
      if (lane.window.hasReady && this.#context.leases.holds(lane.window.lane, this.#endpoint.timeoutMs)) return lane;
    }
    return undefined;
  }

  /** See an attempt through: the one place that watches it. A fault on our side leaves the event where it was. */
  #run(attempt: () => Promise<void>, undo: () => void): void {
    this.#running += 1;
    attempt()
      .catch((error: unknown) => {
        undo();
        this.#context.log.error({ err: error, endpointId: this.#endpoint.endpointId }, 'delivery.fault');
        this.#pauseUntil = this.#context.clock.monotonic() + STORE_RETRY_MS;
      })
      .finally(() => {
        this.#running -= 1;
        this.#context.slots.release();
        if (this.#running === 0) this.#tellIdle();
        this.#pump();
      });
  }

  async #attempt(running: Running): Promise<void> {
    const { clock } = this.#context;
    const { success } = this.#endpoint;
    const atMs = clock.now();
    const result = await this.#poster.post(this.#format.request(running.event, running.number, atMs));
    this.#finish(running, classifyOutcome(result, success, clock.now()), result, atMs);
  }

  async #attemptParked(parked: Parked): Promise<void> {
    const lane = this.#lanes.get(parked.lane);
    const [seq] = parked.waiting;
    if (!lane || seq === undefined || !this.#context.leases.holds(parked.lane, this.#endpoint.timeoutMs)) {
      this.#rest(parked);
      return;
    }
    const { sdkAppId } = this.#endpoint;
    const [event] = await this.#context.store.readEvents({ sdkAppId, lane: parked.lane, afterSeq: seq - 1, limit: 1 });
    if (event?.seq !== seq) throw new Error(`event ${seq} of lane ${parked.lane} is not in the log`);
    await this.#attempt({ event, lane, parked, number: parked.attempts + 1 });
  }

  /** The attempt was not made: try again a little later, at no cost. */
  #rest(parked: Parked): void {
    parked.isRunning = false;
    parked.dueAt = this.#context.clock.monotonic() + STORE_RETRY_MS;
  }

  #finish(running: Running, outcome: Outcome, result: PostResult, atMs: number): void {
    const { event, lane, parked, number } = running;
    if (parked) parked.isRunning = false;
    if (this.#lanes.get(event.lane) !== lane) return; // the lane is another's by now
    if (outcome.kind === 'shutdown') {
      if (!parked) lane.window.putBack(event);
      return;
    }
    const isDead = outcome.kind === 'failed' && number >= this.#endpoint.maxAttempts;
    const attempt = formatAttempt({ seq: event.seq, number, atMs, outcome, result, isDead });
    lane.buffer.attempt(attempt);
    logAttempt(this.#context.log, this.#endpoint.endpointId, event, attempt);
    if (outcome.kind === 'delivered' || (isDead && this.#endpoint.onDead === 'skip')) this.#next(running);
    else if (outcome.kind === 'failed') this.#park(running, outcome, isDead);
    this.#settler.soon(lane);
  }

  /** The event is settled: the user's next one comes. */
  #next({ event, lane, parked }: Running): void {
    if (!parked) {
      lane.window.finish(event);
      return;
    }
    parked.waiting.shift();
    this.#parkedEvents -= 1;
    lane.buffer.unparkSeq(parked, event.seq);
    if (parked.waiting.length === 0) {
      this.#parked.remove(parked.userId);
      lane.buffer.unparkUser(parked);
      return;
    }
    parked.attempts = 0;
    parked.dueAt = this.#context.clock.monotonic();
    parked.nextTryAtMs = this.#context.clock.now();
    lane.buffer.park(parked, []);
  }

  /** The user waits for his next try, or, if he is held, for a person. */
  #park(running: Running, outcome: Extract<Outcome, { kind: 'failed' }>, isHeld: boolean): void {
    const { event, lane, number } = running;
    const { clock, random } = this.#context;
    const newSeqs = running.parked ? [] : lane.window.park(event);
    const place = { userId: event.userId, sdkAppId: event.sdkAppId, lane: event.lane };
    const parked = running.parked ?? this.#parked.add({ ...place, waiting: newSeqs });
    this.#parkedEvents += newSeqs.length;
    const waitMs = backoffMs(number, random(), outcome.retryAfterMs);
    parked.attempts = number;
    parked.reason = outcome.reason;
    parked.dueAt = isHeld ? undefined : clock.monotonic() + waitMs;
    parked.nextTryAtMs = isHeld ? undefined : clock.now() + waitMs;
    lane.buffer.park(parked, newSeqs);
  }

  #readMore(lane: LaneState): void {
    if (lane.isReading) return;
    lane.isReading = true;
    const { sdkAppId } = this.#endpoint;
    const { window } = lane;
    const limit = Math.min(window.room, EVENTS_PER_READ);
    this.#context.store
      .readEvents({ sdkAppId, lane: window.lane, afterSeq: window.readSeq, limit })
      .then((events) => {
        for (const event of events) {
          if (event.seq === window.readSeq + 1) this.#take(lane, event);
        }
        lane.isReading = false;
        if (events.length > 0) this.#pump();
      })
      .catch((error: unknown) => {
        lane.isReading = false;
        this.#context.log.error({ err: error, endpointId: this.#endpoint.endpointId }, 'delivery.read-fault');
        this.#wakeAfter(STORE_RETRY_MS);
      });
  }

  #wakeForParked(): void {
    const dueAt = this.#parked.nextDueAt();
    if (dueAt !== undefined && this.#running < this.#endpoint.concurrency) {
      this.#wakeAfter(dueAt - this.#context.clock.monotonic());
    }
  }

  /** Pump again after `ms`, or earlier if that was asked for already. */
  #wakeAfter(ms: number): void {
    const { clock } = this.#context;
    const at = clock.monotonic() + Math.max(1, ms);
    if (at >= this.#wakeAt || this.#isClosing) return;
    this.#cancelWake?.();
    this.#wakeAt = at;
    this.#cancelWake = clock.after(Math.max(1, ms), () => {
      this.#wakeAt = Number.POSITIVE_INFINITY;
      this.#pump();
    });
  }

  #tellIdle(): void {
    const waiting = this.#whenIdle;
    this.#whenIdle = [];
    for (const tell of waiting) tell();
  }
}

/** Connections are made by these settings. */
function needsOtherPoster(endpoint: Endpoint, previous: Endpoint): boolean {
  return (['url', 'concurrency', 'timeoutMs', 'tls'] as const).some((name) => endpoint[name] !== previous[name]);
}
