/** What a delivery log should show: a plain list of what was done, without cursors or indexes. */
import type {
  Attempt,
  ChangeEvent,
  DeliveryQuery,
  DeliveryState,
  ParkedUser,
  Settlement,
} from '../../../src/storage/store.ts';
import { sampleAttempt } from './given.ts';

/** What becomes of a delivery that is taken up. */
export type Move = 'deliver' | 'die' | 'fail' | 'hold' | 'pass';

interface Entry {
  readonly event: ChangeEvent;
  /** false: not taken up yet */
  isDone: boolean;
  readonly attempts: Attempt[];
}

/** Members of a settlement that follow from a move. */
export type Moved = Pick<Settlement, 'cursor' | 'attempts' | 'parked' | 'unparkedSeqs' | 'unparkedUsers'>;

/** One endpoint, and all events of one lane as it sees them. */
export class EndpointModel {
  readonly endpointId: string;
  readonly #entries: Entry[] = [];
  /** by user: seqs that wait, the first is tried; whether a person has to let him go on */
  readonly #parked = new Map<string, { readonly waiting: number[]; isHeld: boolean }>();

  /** @param before  events that are older than it */
  constructor(endpointId: string, before: readonly ChangeEvent[]) {
    this.endpointId = endpointId;
    for (const event of before) this.#entries.push({ event, isDone: true, attempts: [] });
  }

  add(event: ChangeEvent): void {
    this.#entries.push({ event, isDone: false, attempts: [] });
  }

  /** Take up the `nth` delivery that is not settled and may start. @returns undefined if there is none */
  move(nth: number, move: Move, reason: string): Moved | undefined {
    const open = this.#entries.filter((entry) => !entry.isDone && this.#isFirstOfUser(entry));
    const due = [...this.#parked.values()].map(({ waiting }) => this.#at(waiting[0] as number));
    const all = [...open, ...due];
    const entry = all[nth % Math.max(1, all.length)];
    if (!entry) return undefined;
    return due.includes(entry) ? this.#retry(entry, move, reason) : this.#start(entry, move, reason);
  }

  stateOf(seq: number): DeliveryState {
    const { isDone, attempts, event } = this.#at(seq);
    const parked = this.#parked.get(event.userId);
    if (parked?.waiting.includes(seq)) {
      if (parked.waiting[0] !== seq) return 'waiting';
      return parked.isHeld ? 'held' : 'retrying';
    }
    if (!isDone) return 'pending';
    const last = attempts.at(-1);
    if (!last) return 'skipped';
    return last.outcome === 'delivered' ? 'delivered' : 'dead';
  }

  fits(seq: number, { states, reason, endpointId }: Partial<DeliveryQuery>): boolean {
    return (
      (states === undefined || states.includes(this.stateOf(seq))) &&
      (reason === undefined || this.#at(seq).attempts.some((attempt) => attempt.reason === reason)) &&
      (endpointId === undefined || endpointId === this.endpointId)
    );
  }

  #at(seq: number): Entry {
    return this.#entries[seq - 1] as Entry;
  }

  #isFirstOfUser({ event }: Entry): boolean {
    const first = this.#entries.find((other) => !other.isDone && other.event.userId === event.userId);
    return first?.event === event && !this.#parked.has(event.userId);
  }

  #start(entry: Entry, move: Move, reason: string): Moved {
    const { event } = entry;
    if (move === 'pass') {
      entry.isDone = true;
      return this.#moved({});
    }
    const attempt = this.#attempt(entry, move, reason);
    if (move === 'deliver' || move === 'die') {
      entry.isDone = true;
      return this.#moved({ attempts: [attempt] });
    }
    const behind = this.#entries.filter((other) => !other.isDone && other.event.userId === event.userId);
    for (const other of behind) other.isDone = true;
    const waiting = behind.map((other) => other.event.seq);
    this.#parked.set(event.userId, { waiting, isHeld: move === 'hold' });
    return this.#moved({ attempts: [attempt], parked: [this.#parkedUser(event, waiting)] });
  }

  #retry(entry: Entry, move: Move, reason: string): Moved {
    const { event } = entry;
    const parked = this.#parked.get(event.userId);
    if (!parked) throw new Error('only a parked user is tried again');
    const attempt = this.#attempt(entry, move, reason);
    parked.isHeld = move === 'hold';
    if (move === 'fail' || move === 'hold')
      return this.#moved({ attempts: [attempt], parked: [this.#parkedUser(event, [])] });
    parked.waiting.shift();
    // what came meanwhile lines up behind him
    const behind = this.#entries.filter((other) => !other.isDone && other.event.userId === event.userId);
    for (const other of behind) other.isDone = true;
    const more = behind.map((other) => other.event.seq);
    parked.waiting.push(...more);
    const unparkedSeqs = [{ userId: event.userId, seq: event.seq }];
    if (parked.waiting.length > 0)
      return this.#moved({ attempts: [attempt], unparkedSeqs, parked: [this.#parkedUser(event, more)] });
    this.#parked.delete(event.userId);
    return this.#moved({ attempts: [attempt], unparkedSeqs, unparkedUsers: [event.userId] });
  }

  #attempt({ event, attempts }: Entry, move: Move, reason: string): Attempt {
    const number = attempts.length + 1;
    const outcome = move === 'deliver' ? 'delivered' : move === 'fail' ? 'failed' : 'dead';
    const attempt = sampleAttempt({
      seq: event.seq,
      number,
      outcome: move === 'pass' ? 'delivered' : outcome,
      ...(move !== 'deliver' && move !== 'pass' && { reason }),
    });
    attempts.push(attempt);
    return attempt;
  }

  #parkedUser({ userId, lane }: ChangeEvent, waiting: readonly number[]): ParkedUser {
    const nextTryAtMs = this.#parked.get(userId)?.isHeld ? undefined : 5;
    return { userId, lane, attempts: 1, nextTryAtMs, reason: 'status', waiting };
  }

  #moved(members: Partial<Moved>): Moved {
    const firstOpen = this.#entries.findIndex(({ isDone }) => !isDone);
    const seq = firstOpen < 0 ? this.#entries.length : firstOpen;
    const ahead = this.#entries.slice(seq).filter(({ isDone }) => isDone);
    const lane = this.#entries[0]?.event.lane ?? 0;
    const cursor = { lane, seq, doneAhead: ahead.map(({ event }) => event.seq) };
    return { cursor, attempts: [], parked: [], unparkedSeqs: [], unparkedUsers: [], ...members };
  }
}
