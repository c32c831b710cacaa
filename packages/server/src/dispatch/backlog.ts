/**
 * What an endpoint has in hand: events of the lanes that were not tried yet, and users whose first waiting event failed.
 *
 * Both are bounded. When they are full the lanes stop: the cursor is the backlog then, not memory.
 */
import type { ChangeEvent, Progress } from '../storage/store.ts';
import { LaneWindow, windowSize } from './lane.ts';
import type { LaneState } from './lane-state.ts';
import { type Moment, type Parked, ParkedUsers } from './parked-users.ts';
import { SettleBuffer } from './settle-buffer.ts';

const MAX_PARKED_USERS = 1_000;
const MAX_PARKED_EVENTS = 100_000;
const LONGEST_WAIT_MS = 3_600_000;
/** One event of each lane in turn took 14,800 callbacks a second from a backlog, a row of them 20,700: what is read and stored together lies together. */
export const SERVED_IN_A_ROW = 64;

/** An event that is being delivered: of a lane's window, or the first of a parked user. */
export interface Work {
  readonly event: ChangeEvent;
  readonly lane: LaneState;
  readonly parked: Parked | undefined;
}

/** How a user is parked. */
export interface ParkOptions {
  readonly reason: string;
  /** false: the attempt was free */
  readonly counts: boolean;
  /** undefined: held until a person releases him */
  readonly waitMs: number | undefined;
}

/** Bookkeeping, no I/O. What is to be stored is put into the buffers of the lanes. */
export class Backlog {
  readonly parked: ParkedUsers = new ParkedUsers();
  readonly #sdkAppId: number;
  readonly #windowSize: number;
  readonly #lanes = new Map<number, LaneState>();
  #parkedEvents = 0;

  /** @param laneCount  of the store: the more lanes, the smaller their windows */
  constructor(sdkAppId: number, laneCount = 1) {
    this.#sdkAppId = sdkAppId;
    this.#windowSize = windowSize(laneCount);
  }

  /** In the order in which they are served. */
  get lanes(): Iterable<LaneState> {
    return this.#lanes.values();
  }

  lane(lane: number): LaneState | undefined {
    return this.#lanes.get(lane);
  }

  /** Take up lanes from where the store has them. */
  addLanes(progress: Progress, lanes: readonly number[], moment: Moment): void {
    for (const lane of lanes) {
      const cursor = progress.cursors.find((candidate) => candidate.lane === lane) ?? { lane, seq: 0, doneAhead: [] };
      const window = new LaneWindow(cursor, this.#windowSize);
      this.#lanes.set(lane, { window, buffer: new SettleBuffer(), head: cursor.seq, isReading: false, served: 0 });
    }
    const mine = progress.parked.filter((user) => lanes.includes(user.lane));
    this.parked.restore(this.#sdkAppId, mine, moment, LONGEST_WAIT_MS);
    for (const user of mine) this.#parkedEvents += user.waiting.length;
  }

  /** Something of the lane was started: when that was so often, the others come before it. */
  served(lane: LaneState): void {
    lane.served += 1;
    if (lane.served < SERVED_IN_A_ROW) return;
    lane.served = 0;
    if (this.#lanes.get(lane.window.lane) !== lane) return; // it is another's by now
    this.#lanes.delete(lane.window.lane);
    this.#lanes.set(lane.window.lane, lane);
  }

  /** The lane is another's now: forget it, store nothing. */
  dropLane(lane: number): void {
    this.#lanes.delete(lane);
    this.#parkedEvents -= this.parked.dropLane(lane);
  }

  get isBeingRead(): boolean {
    return [...this.#lanes.values()].some((lane) => lane.isReading);
  }

  /** Whether events of this lane can be taken in. */
  hasRoom({ window }: LaneState): boolean {
    return window.room > 0 && this.parked.size < MAX_PARKED_USERS && this.#parkedEvents < MAX_PARKED_EVENTS;
  }

  /**
   * Lanes that are to be read, in the order in which they are served, until about so many events may start.
   *
   * @param options.holds  whether something of the lane may start: one of which nothing may must not keep others from being read
   */
  lanesToRead({ most, holds }: { readonly most: number; readonly holds: (lane: number) => boolean }): LaneState[] {
    const lanes: LaneState[] = [];
    let ahead = 0;
    for (const lane of this.#lanes.values()) {
      if (ahead >= most) break;
      const { window, head } = lane;
      if (!holds(window.lane)) continue;
      ahead += window.readyCount;
      if (head <= window.readSeq || !this.hasRoom(lane)) continue;
      ahead += Math.min(head - window.readSeq, window.room);
      lanes.push(lane);
    }
    return lanes;
  }

  /** A lane of which the log has more than was read, and that has room for it. */
  laneBehind(): LaneState | undefined {
    for (const lane of this.#lanes.values()) if (lane.head > lane.window.readSeq && this.hasRoom(lane)) return lane;
    return undefined;
  }

  /**
   * Take the next event into its lane's window, or put it behind its parked user.
   *
   * @param isWanted  false: the endpoint is not to get it
   */
  take(lane: LaneState, event: ChangeEvent, isWanted: boolean): void {
    const parked = isWanted ? this.parked.get(event.userId) : undefined;
    const isOpen = lane.window.push(event, isWanted);
    if (isOpen && parked) {
      lane.window.handOver(event);
      parked.waiting.push(event.seq);
      this.#parkedEvents += 1;
      lane.buffer.park(parked, [event.seq]);
    }
    if (!isOpen) lane.buffer.touch();
  }

  /** The event is delivered or dead: the user's next one comes. */
  settle({ event, lane, parked }: Work, { nowMs, monotonic }: Moment): void {
    if (!parked) {
      lane.window.finish(event);
      return;
    }
    parked.waiting.shift();
    this.#parkedEvents -= 1;
    lane.buffer.unparkSeq(parked, event.seq);
    if (parked.waiting.length === 0) {
      this.parked.remove(parked.userId);
      lane.buffer.unparkUser(parked);
      return;
    }
    parked.attempts = 0;
    parked.uncounted = 0;
    parked.dueAt = monotonic;
    parked.nextTryAtMs = nowMs;
    lane.buffer.park(parked, []);
  }

  /** An attempt that a person asked for failed: the user waits as before, and it cost nothing. */
  waitOn({ lane, parked }: { readonly lane: LaneState; readonly parked: Parked }): void {
    parked.uncounted += 1;
    lane.buffer.park(parked, []);
  }

  /** The attempt failed: the user waits for his next one. */
  park({ event, lane, parked: known }: Work, options: ParkOptions, { nowMs, monotonic }: Moment): void {
    const { reason, counts, waitMs } = options;
    const newSeqs = known ? [] : lane.window.park(event);
    const place = { userId: event.userId, sdkAppId: event.sdkAppId, lane: event.lane };
    const parked = known ?? this.parked.add({ ...place, waiting: newSeqs });
    this.#parkedEvents += newSeqs.length;
    if (counts) parked.attempts += 1;
    else parked.uncounted += 1;
    parked.reason = reason;
    parked.dueAt = waitMs === undefined ? undefined : monotonic + waitMs;
    parked.nextTryAtMs = waitMs === undefined ? undefined : nowMs + waitMs;
    lane.buffer.park(parked, newSeqs);
  }
}
