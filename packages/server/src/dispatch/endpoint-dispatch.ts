/**
 * Delivers the events of one app to one endpoint: in order per user, users in parallel.
 *
 * Two sources of work: lane windows (events not tried yet) and parked users (events that failed). Both pass `#pump`, which
 * starts as many as the circuit, the endpoint's concurrency, its rate and the cap over all endpoints allow.
 */
import type { Attempt, ChangeEvent, Endpoint, Progress } from '../storage/store.ts';
import { Attempts } from './attempts.ts';
import { Backlog } from './backlog.ts';
import { CircuitKeeper } from './circuit-keeper.ts';
import { type DispatchContext, STORE_RETRY_MS } from './dispatch-context.ts';
import { type EndpointProgress, endpointProgress } from './endpoint-progress.ts';
import { EndpointSender } from './endpoint-sender.ts';
import { LaneReader } from './lane-reader.ts';
import type { LaneState } from './lane-state.ts';
import { type Candidate, NextWork } from './next-work.ts';
import type { Moment } from './parked-users.ts';
import { Settler } from './settler.ts';
import type { SlotClaim } from './slots.ts';
import { StateJournal } from './state-journal.ts';
import { type TurnRequest, type UserTurn, UserTurns } from './user-turns.ts';
import { WakeTimer } from './wake-timer.ts';

const EVENTS_PER_READ = 256;
/** So many times the events that may be under way are in hand: all that the windows of 256 lanes hold cost a tenth more processor time, as garbage that had grown old. */
const READ_AHEAD = 16;
/** To look at all lanes what is to be read, at each start, took 8 % of the processor time. */
const STARTS_PER_LOOK = 32;
/** An open circuit reads nothing but what a probe needs: so many, that there are several users among them. */
const EVENTS_PER_PROBE = 16;

/** Settings by which an attempt can succeed that failed before. */
const CURES = ['url', 'tls', 'token', 'signingSecrets', 'headers', 'success', 'timeoutMs', 'payload'] as const;

/** `held`: something waits for its time; `nothing`: there is nothing to start now. */
type Start = 'started' | 'held' | 'nothing';

/** The right to send to a user beside the endpoint's own deliveries: nothing else is sent to him until it is released. */
export interface EndpointTurn {
  /** the user is parked: seq that is tried next, and number of attempts at it so far */
  readonly next: { readonly seq: number; readonly attempts: number } | undefined;
  /** An attempt at `next` was made: if it arrived the user goes on, else he waits on as before. Resolves when it is stored. */
  readonly settleNext: (event: ChangeEvent, attempt: Attempt) => Promise<void>;
  readonly release: () => void;
}

/** One endpoint's deliveries. */
export class EndpointDispatch {
  readonly #context: DispatchContext;
  readonly #backlog: Backlog;
  readonly #sender: EndpointSender;
  readonly #journal: StateJournal;
  readonly #circuit: CircuitKeeper;
  readonly #next: NextWork;
  readonly #reader: LaneReader;
  readonly #settler: Settler;
  readonly #attempts: Attempts;
  readonly #timer: WakeTimer;
  readonly #claim: SlotClaim;
  readonly #turns: UserTurns;
  #endpoint: Endpoint;
  /** after a fault of ours nothing starts before this, on the monotonic clock */
  #pauseUntil = 0;
  #startsSinceLook = 0;
  #isClosing = false;
  /** it answered 410, and the pause is being stored */
  #isGone = false;
  #hasReadForProbe = false;

  constructor(endpoint: Endpoint, context: DispatchContext) {
    const { endpointId, sdkAppId } = endpoint;
    const pump = (): void => this.#pump();
    const backlog = new Backlog(sdkAppId, context.store.laneCount);
    const journal = new StateJournal(endpointId, context);
    const sender = new EndpointSender(endpoint, context);
    const circuit = new CircuitKeeper(endpoint, { context, backlog, journal });
    const settler = new Settler({ endpointId, sdkAppId, context, lanes: () => backlog.lanes, onSettled: pump });
    this.#context = context;
    this.#endpoint = endpoint;
    this.#backlog = backlog;
    this.#journal = journal;
    this.#sender = sender;
    this.#circuit = circuit;
    this.#settler = settler;
    this.#next = new NextWork(backlog, context.leases);
    this.#timer = new WakeTimer(context.clock, pump);
    this.#claim = context.slots.join(sdkAppId, pump);
    this.#reader = new LaneReader({
      endpointId,
      sdkAppId,
      context,
      take: (lane, event) => this.#take(lane, event),
      onRead: pump,
      onFault: () => this.#onReadFault(),
    });
    this.#attempts = new Attempts({
      context,
      backlog,
      circuit,
      sender,
      settler,
      endpoint: () => this.#endpoint,
      onGone: () => this.#onGone(),
      onFault: () => this.#onFault(),
      onEnd: (userId) => this.#onEnd(userId),
    });
    this.#turns = new UserTurns({ backlog, clock: context.clock, onRelease: pump });
  }

  get endpoint(): Endpoint {
    return this.#endpoint;
  }

  /** What it still has to get. */
  progress(): EndpointProgress {
    const { lanes, parked } = this.#backlog;
    return endpointProgress({ endpointId: this.#endpoint.endpointId, running: this.#attempts.running, lanes, parked });
  }

  /**
   * Settings changed: running attempts end by the old ones. What was down may work with the new ones, so a probe is due, and, if they
   * say where and how to send, so are those who rest.
   */
  update(endpoint: Endpoint): void {
    const previous = this.#endpoint;
    const mayCure = CURES.some((name) => endpoint[name] !== previous[name]);
    if (mayCure) this.#backlog.parked.hurry(this.#context.clock.monotonic());
    this.#endpoint = endpoint;
    this.#isGone = false;
    this.#sender.update(endpoint);
    this.#circuit.hurry();
    this.#pump();
  }

  /** A person lets it go on: all who wait are due, held users too, and so is a probe. */
  resume(): void {
    const moment = this.#moment();
    this.#backlog.parked.release(moment);
    this.#backlog.parked.hurry(moment.monotonic);
    this.#circuit.hurry();
    this.#pump();
  }

  /** Take up lanes from where the store has them. */
  addLanes(progress: Progress, lanes: readonly number[]): void {
    this.#backlog.addLanes(progress, lanes, this.#moment());
    this.#circuit.restate();
    if (this.#circuit.isOpen) this.#backlog.parked.hurry(this.#context.clock.monotonic());
    const { leases } = this.#context;
    for (const lane of lanes)
      this.#timer.after(leases.quietMs(lane, this.#endpoint.timeoutMs) || Number.POSITIVE_INFINITY);
    this.#pump();
  }

  /** Leases last longer again: what did not fit into what was left of them may start. */
  leasesRenewed(): void {
    this.#pump();
  }

  /** Whether something is under way in one of these lanes. */
  isBusyIn(lanes: readonly number[]): boolean {
    return this.#attempts.isRunningIn(lanes) || this.#turns.isHeldIn(lanes);
  }

  /** Store what came of deliveries so far. */
  flush(): Promise<void> {
    return this.#settler.flush();
  }

  /** The lane is another's now: forget it, store nothing. */
  dropLane(lane: number): void {
    this.#backlog.dropLane(lane);
    this.#turns.recheck();
  }

  /** A freshly committed event. A hint: what is missed here is read from the store. */
  offer(event: ChangeEvent): void {
    const lane = this.#backlog.lane(event.lane);
    if (!lane) return;
    lane.head = Math.max(lane.head, event.seq);
    const isNext = event.seq === lane.window.readSeq + 1;
    if (isNext && !this.#circuit.isOpen && this.#backlog.hasRoom(lane)) this.#take(lane, event);
    this.#pump();
  }

  /** The lane's head, as the store has it. */
  headIs(laneNumber: number, seq: number): void {
    const lane = this.#backlog.lane(laneNumber);
    if (!lane || seq <= lane.head) return;
    lane.head = seq;
    this.#pump();
  }

  /** Wait for a user's turn. @returns undefined if the lane is not ours, the endpoint is closing, or the signal ends it */
  async takeTurn(request: TurnRequest): Promise<EndpointTurn | undefined> {
    if (this.#isClosing || !this.#context.leases.holds(request.lane, this.#endpoint.timeoutMs)) return undefined;
    const turn = await this.#turns.take(request);
    if (!turn) return undefined;
    const { parked, release } = turn;
    const [seq] = parked?.waiting ?? [];
    return {
      next: parked && seq !== undefined ? { seq, attempts: parked.attempts + parked.uncounted } : undefined,
      settleNext: (event, attempt) => this.#settleNext(turn, event, attempt),
      release,
    };
  }

  /** Start nothing more; wait for what runs, at most `patienceMs`, then take it back; store what came of it. */
  async close(patienceMs: number): Promise<void> {
    this.#isClosing = true;
    this.#timer.close();
    this.#turns.close();
    if (this.#attempts.running > 0) {
      const patience = new AbortController();
      const idle = this.#attempts.idle().then(() => patience.abort());
      await Promise.race([idle, this.#context.clock.sleep(patienceMs, patience.signal)]);
    }
    await this.#sender.close();
    await this.#attempts.idle();
    this.#context.slots.leave(this.#claim);
    await Promise.all([this.#settler.close(), this.#journal.close()]);
  }

  async #settleNext({ lane, parked }: UserTurn, event: ChangeEvent, attempt: Attempt): Promise<void> {
    if (!parked || this.#backlog.lane(event.lane) !== lane) return; // the lane is another's by now
    const work = { event, lane, parked };
    lane.buffer.attempt(attempt);
    if (attempt.outcome === 'delivered') this.#backlog.settle(work, this.#moment());
    else this.#backlog.waitOn(work);
    await this.#settler.flush();
  }

  #moment(): Moment {
    const { clock } = this.#context;
    return { nowMs: clock.now(), monotonic: clock.monotonic() };
  }

  #take(lane: LaneState, event: ChangeEvent): void {
    this.#backlog.take(lane, event, this.#endpoint.commands.includes(event.command) && !event.isErased);
    if (lane.buffer.isDirty) this.#settler.soon(lane);
  }

  /** Start what may start; read what is behind. An open circuit leaves it in the log. */
  #pump(): void {
    if (this.#isClosing || this.#isGone || this.#endpoint.state !== 'active') return;
    let last: Start = 'held';
    const most = Math.ceil(this.#endpoint.concurrency * this.#context.leases.share);
    while (this.#attempts.running < most) {
      last = this.#startOne();
      if (last !== 'started') break;
      this.#startsSinceLook += 1;
    }
    if (!this.#circuit.isOpen) {
      if (last === 'nothing' || this.#startsSinceLook >= STARTS_PER_LOOK) this.#readAhead();
      if (last === 'nothing' && !this.#backlog.laneBehind()) this.#circuit.idle();
    }
    this.#wakeForParked(last === 'nothing' && !this.#backlog.isBeingRead);
  }

  #readAhead(): void {
    const { leases } = this.#context;
    const { concurrency, timeoutMs } = this.#endpoint;
    this.#startsSinceLook = 0;
    const holds = (lane: number): boolean => leases.holds(lane, timeoutMs);
    for (const lane of this.#backlog.lanesToRead({ most: concurrency * READ_AHEAD, holds })) {
      this.#reader.read(lane, EVENTS_PER_READ);
    }
  }

  #startOne(): Start {
    const { slots, clock } = this.#context;
    const monotonic = clock.monotonic();
    const waitMs = Math.max(this.#pauseUntil, this.#circuit.readyAt) - monotonic;
    if (waitMs > 0) {
      this.#timer.after(waitMs);
      return 'held';
    }
    const candidate = this.#findCandidate(monotonic);
    if (!candidate) return 'nothing';
    if (!slots.take(this.#claim)) return 'held';
    const rateMs = this.#sender.takeRate(monotonic, this.#context.leases.share);
    const chosen = rateMs > 0 ? undefined : this.#next.take(candidate, monotonic);
    if (!chosen) {
      slots.release(this.#claim);
      if (rateMs > 0) this.#timer.after(rateMs);
      return 'held';
    }
    this.#hasReadForProbe = false;
    this.#attempts.start(chosen, this.#circuit.pass());
    return 'started';
  }

  #findCandidate(monotonic: number): Candidate | undefined {
    const at = { monotonic, timeoutMs: this.#endpoint.timeoutMs };
    if (!this.#circuit.isOpen) return this.#next.find(at);
    if (this.#backlog.isBeingRead) return undefined;
    const candidate = this.#next.findProbe(at);
    if (this.#hasReadForProbe || (candidate && this.#next.isItsTurn(candidate))) return candidate;
    const lane = this.#backlog.laneBehind();
    if (!lane) return candidate;
    this.#hasReadForProbe = true;
    this.#reader.read(lane, EVENTS_PER_PROBE);
    return undefined;
  }

  #onEnd(userId: string): void {
    this.#context.slots.release(this.#claim);
    this.#turns.ended(userId);
    this.#pump();
  }

  #onFault(): void {
    this.#pauseUntil = this.#context.clock.monotonic() + STORE_RETRY_MS;
  }

  #onReadFault(): void {
    this.#hasReadForProbe = false;
    this.#timer.after(STORE_RETRY_MS);
  }

  #onGone(): void {
    if (this.#isGone || this.#endpoint.state !== 'active') return;
    this.#isGone = true;
    this.#journal.write(() => this.#context.states.pauseGone(this.#endpoint.endpointId));
  }

  /**
   * @param isIdle  nothing was there to start: who is due by now became so since, and nothing else would wake for him. Else who is due
   *   waits for what wakes by itself.
   */
  #wakeForParked(isIdle: boolean): void {
    const dueAt = this.#backlog.parked.nextDueAt();
    if (dueAt === undefined) return;
    const waitMs = dueAt - this.#context.clock.monotonic();
    if (waitMs > 0 || isIdle) this.#timer.after(waitMs);
  }
}
