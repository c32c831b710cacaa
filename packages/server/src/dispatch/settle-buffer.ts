/** Collects what came of deliveries in one lane until it is stored. */
import type { Attempt, ParkedUser } from '../storage/store.ts';
import type { Parked } from './parked-users.ts';

/** What one settlement carries besides the cursor. */
export interface SettleBatch {
  readonly attempts: Attempt[];
  readonly unparkedSeqs: { userId: string; seq: number }[];
  readonly unparkedUsers: string[];
  readonly parked: ParkedUser[];
}

/** Changes of one lane since the last settlement. */
export class SettleBuffer {
  #attempts: Attempt[] = [];
  #unparkedSeqs: { userId: string; seq: number }[] = [];
  readonly #parked = new Map<string, { user: Parked; newSeqs: number[] }>();
  readonly #unparkedUsers = new Set<string>();
  #isDirty = false;

  get isDirty(): boolean {
    return this.#isDirty;
  }

  get attemptCount(): number {
    return this.#attempts.length;
  }

  /** The cursor moved without an attempt. */
  touch(): void {
    this.#isDirty = true;
  }

  attempt(attempt: Attempt): void {
    this.#attempts.push(attempt);
    this.#isDirty = true;
  }

  /** The user's state changed; `newSeqs` wait from now on. */
  park(user: Parked, newSeqs: readonly number[]): void {
    const known = this.#parked.get(user.userId);
    this.#parked.set(user.userId, { user, newSeqs: [...(known?.newSeqs ?? []), ...newSeqs] });
    this.#unparkedUsers.delete(user.userId);
    this.#isDirty = true;
  }

  /** A seq waits no longer. */
  unparkSeq(user: Parked, seq: number): void {
    this.#unparkedSeqs.push({ userId: user.userId, seq });
    const known = this.#parked.get(user.userId);
    if (known) known.newSeqs = known.newSeqs.filter((candidate) => candidate !== seq);
    this.#isDirty = true;
  }

  /** Nothing of the user waits any more. */
  unparkUser(user: Parked): void {
    this.#parked.delete(user.userId);
    this.#unparkedUsers.add(user.userId);
    this.#isDirty = true;
  }

  /** All since the last call; the buffer is empty then. */
  take(): SettleBatch {
    const batch = {
      attempts: this.#attempts,
      unparkedSeqs: this.#unparkedSeqs,
      unparkedUsers: [...this.#unparkedUsers],
      parked: [...this.#parked.values()].map(({ user, newSeqs }) => storedForm(user, newSeqs)),
    };
    this.#attempts = [];
    this.#unparkedSeqs = [];
    this.#parked.clear();
    this.#unparkedUsers.clear();
    this.#isDirty = false;
    return batch;
  }
}

function storedForm(parked: Parked, newSeqs: readonly number[]): ParkedUser {
  const { userId, lane, attempts, uncounted, nextTryAtMs, reason } = parked;
  return { userId, lane, attempts, ...(uncounted > 0 && { uncounted }), nextTryAtMs, reason, waiting: newSeqs };
}
