/**
 * Users of one endpoint whose first waiting delivery failed: tried again by their own schedule, while the lanes move on.
 *
 * | a user is … | because | ends when |
 * |---|---|---|
 * | due       | his time has come                       | he is taken for an attempt |
 * | running   | his first waiting event is under way    | it is delivered or dead (next one is due at once), or fails again |
 * | resting   | the last attempt failed                 | `nextTryAtMs` |
 * | held      | an event is dead and `onDead` is `hold` | a person releases him |
 */
import type { ParkedUser } from '../storage/store.ts';

/** A parked user with what changes about him. */
export interface Parked {
  readonly userId: string;
  readonly sdkAppId: number;
  readonly lane: number;
  readonly waiting: number[];
  attempts: number;
  /** made beside these while the circuit was not closed, or by a person */
  uncounted: number;
  /** on the monotonic clock; undefined = held */
  dueAt: number | undefined;
  /** the same, as it is stored */
  nextTryAtMs: number | undefined;
  reason: string;
  isRunning: boolean;
}

/** The clock at one moment: stored times are Unix time, waits go by the monotonic clock. */
export interface Moment {
  readonly nowMs: number;
  readonly monotonic: number;
}

/** Pure bookkeeping, no I/O. */
export class ParkedUsers {
  readonly #users = new Map<string, Parked>();

  get size(): number {
    return this.#users.size;
  }

  get(userId: string): Parked | undefined {
    return this.#users.get(userId);
  }

  /** Take over what the store has; a time that lies far ahead (a clock that jumped) is not trusted beyond `longestWaitMs`. */
  restore(sdkAppId: number, stored: readonly ParkedUser[], { nowMs, monotonic }: Moment, longestWaitMs: number): void {
    for (const user of stored) {
      const waitMs = user.nextTryAtMs === undefined ? undefined : user.nextTryAtMs - nowMs;
      this.#users.set(user.userId, {
        ...user,
        sdkAppId,
        uncounted: user.uncounted ?? 0,
        waiting: [...user.waiting],
        dueAt: waitMs === undefined ? undefined : monotonic + Math.min(Math.max(0, waitMs), longestWaitMs),
        isRunning: false,
      });
    }
  }

  add(user: { userId: string; sdkAppId: number; lane: number; waiting: number[] }): Parked {
    const parked: Parked = {
      ...user,
      attempts: 0,
      uncounted: 0,
      dueAt: 0,
      nextTryAtMs: 0,
      reason: '',
      isRunning: false,
    };
    this.#users.set(user.userId, parked);
    return parked;
  }

  remove(userId: string): void {
    this.#users.delete(userId);
  }

  /** @returns how many events waited there */
  dropLane(lane: number): number {
    let events = 0;
    for (const user of this.#users.values()) {
      if (user.lane !== lane) continue;
      events += user.waiting.length;
      this.#users.delete(user.userId);
    }
    return events;
  }

  /** A person lets the held users go on: each is due now. */
  release({ nowMs, monotonic }: Moment): void {
    for (const user of this.#users.values()) {
      if (user.dueAt !== undefined) continue;
      user.dueAt = monotonic;
      user.nextTryAtMs = nowMs;
    }
  }

  /** Who rests is due now, those who would be first coming first; who is held stays so. Not stored: a start does it again. */
  hurry(monotonic: number): void {
    const resting = [...this.#users.values()].filter(({ dueAt }) => dueAt !== undefined && dueAt > monotonic);
    resting.sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0));
    for (const user of resting) {
      this.#users.delete(user.userId);
      this.#users.set(user.userId, user);
      user.dueAt = monotonic;
    }
  }

  /** The user who has been due longest, if there is one; he is `isRunning` from now on. */
  takeDue(monotonic: number): Parked | undefined {
    const user = this.#earliest();
    if (user?.dueAt === undefined || user.dueAt > monotonic) return undefined;
    user.isRunning = true;
    return user;
  }

  /** When the next user is due, on the monotonic clock; undefined = nobody waits for a time. */
  nextDueAt(): number | undefined {
    return this.#earliest()?.dueAt;
  }

  /** How many events wait, and which is the oldest of each lane. */
  waiting(): { readonly events: number; readonly oldest: ReadonlyMap<number, number> } {
    const oldest = new Map<number, number>();
    let events = 0;
    for (const { lane, waiting } of this.#users.values()) {
      events += waiting.length;
      const [first = Number.POSITIVE_INFINITY] = waiting;
      oldest.set(lane, Math.min(first, oldest.get(lane) ?? first));
    }
    return { events, oldest };
  }

  #earliest(): Parked | undefined {
    let earliest: Parked | undefined;
    for (const user of this.#users.values()) {
      if (user.isRunning || user.dueAt === undefined) continue;
      if (earliest?.dueAt === undefined || user.dueAt < earliest.dueAt) earliest = user;
    }
    return earliest;
  }
}
