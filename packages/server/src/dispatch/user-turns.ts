/**
 * Lets somebody else than the dispatcher send to a user: replays, and people who send a delivery again. One POST at a time for an endpoint
 * and a user, whoever sends it.
 *
 * A turn is held where the user's own events stand: in the lane's window, where they wait behind it as behind one of their own, or, if
 * he is parked, by marking him as running.
 */
import type { Clock } from '../clock.ts';
import type { Backlog } from './backlog.ts';
import type { LaneState } from './lane-state.ts';
import type { Parked } from './parked-users.ts';

/** Whose turn is wanted. */
export interface TurnRequest {
  readonly lane: number;
  readonly userId: string;
  /** true: before what waits for the user; false: only when nothing of his is to be sent now */
  readonly isUrgent: boolean;
  /** ends the waiting */
  readonly signal: AbortSignal;
}

/** The right to send to a user. */
export interface UserTurn {
  readonly lane: LaneState;
  /** he has deliveries that wait for another attempt */
  readonly parked: Parked | undefined;
  /** Give it back; a second time does nothing. */
  release(): void;
}

/** What turns are held on. */
export interface UserTurnsOptions {
  readonly backlog: Backlog;
  readonly clock: Clock;
  /** a turn was given back: the user's own events may go on */
  readonly onRelease: () => void;
}

interface Waiter {
  readonly request: TurnRequest;
  readonly give: (turn: UserTurn | undefined) => void;
}

/** Turns of one endpoint's users. */
export class UserTurns {
  readonly #options: UserTurnsOptions;
  readonly #waiting = new Map<string, Waiter[]>();
  /** turns that are held, by lane */
  readonly #held = new Map<number, number>();

  constructor(options: UserTurnsOptions) {
    this.#options = options;
  }

  /** Wait for a turn. @returns undefined if the signal ends it, or the lane is not here */
  take(request: TurnRequest): Promise<UserTurn | undefined> {
    const { signal, userId } = request;
    if (signal.aborted) return Promise.resolve(undefined);
    const turn = this.#tryTake(request);
    if (turn !== 'busy') return Promise.resolve(turn);
    return new Promise((resolve) => {
      const giveUp = (): void => waiter.give(undefined);
      const waiter: Waiter = {
        request,
        give: (given) => {
          signal.removeEventListener('abort', giveUp);
          this.#forget(waiter);
          resolve(given);
        },
      };
      signal.addEventListener('abort', giveUp);
      this.#waiting.set(userId, [...(this.#waiting.get(userId) ?? []), waiter]);
    });
  }

  /** An attempt at the user's events has ended: who waits comes before the next of them, if it is urgent or there is none. */
  ended(userId: string): void {
    const waiting = this.#waiting.get(userId);
    if (!waiting) return;
    for (const waiter of [...waiting].sort((a, b) => Number(b.request.isUrgent) - Number(a.request.isUrgent))) {
      const turn = this.#tryTake(waiter.request);
      if (turn !== 'busy') waiter.give(turn);
    }
  }

  /** Lanes went: nobody waits for what is not here. */
  recheck(): void {
    for (const userId of [...this.#waiting.keys()]) this.ended(userId);
  }

  /** Whether somebody has a turn in one of these lanes. */
  isHeldIn(lanes: readonly number[]): boolean {
    return lanes.some((lane) => (this.#held.get(lane) ?? 0) > 0);
  }

  /** Everybody waits in vain. */
  close(): void {
    for (const waiter of [...this.#waiting.values()].flat()) waiter.give(undefined);
  }

  #tryTake({ lane: number, userId, isUrgent }: TurnRequest): UserTurn | 'busy' | undefined {
    const { backlog, clock } = this.#options;
    const lane = backlog.lane(number);
    if (!lane) return undefined;
    const parked = backlog.parked.get(userId);
    if (!parked) return lane.window.hold(userId, isUrgent) ? this.#turn(userId, lane, undefined) : 'busy';
    const isDue = parked.dueAt !== undefined && parked.dueAt <= clock.monotonic();
    if (parked.isRunning || (isDue && !isUrgent)) return 'busy';
    parked.isRunning = true;
    return this.#turn(userId, lane, parked);
  }

  #turn(userId: string, lane: LaneState, parked: Parked | undefined): UserTurn {
    const number = lane.window.lane;
    let isHeld = true;
    this.#count(number, 1);
    const release = (): void => {
      if (!isHeld) return;
      isHeld = false;
      this.#count(number, -1);
      if (parked) parked.isRunning = false;
      else lane.window.letGo(userId);
      this.ended(userId);
      this.#options.onRelease();
    };
    return { lane, parked, release };
  }

  #count(lane: number, by: number): void {
    const held = (this.#held.get(lane) ?? 0) + by;
    if (held > 0) this.#held.set(lane, held);
    else this.#held.delete(lane);
  }

  #forget(waiter: Waiter): void {
    const { userId } = waiter.request;
    const rest = (this.#waiting.get(userId) ?? []).filter((other) => other !== waiter);
    if (rest.length > 0) this.#waiting.set(userId, rest);
    else this.#waiting.delete(userId);
  }
}
