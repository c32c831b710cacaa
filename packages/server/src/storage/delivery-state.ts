/** How a delivery stands, by what a store has of it: the same in every engine. */
import type { ChangeEvent, Cursor, Delivery, DeliveryState } from './store.ts';

/** A parked user, as far as it concerns the state of what waits for him. */
export interface ParkedRow {
  readonly first_seq: number | null;
  readonly next_try_at_ms: number | null;
}

/**
 * @param parked   of the event's user, if it is among what waits for him
 * @param outcome  of the last attempt, if there is one
 */
export function stateOf(
  cursor: Cursor,
  parked: ParkedRow | undefined,
  { seq, outcome }: { readonly seq: number; readonly outcome: string | undefined },
): DeliveryState {
  return parked ? parkedState(parked, seq) : settledState(cursor, seq, outcome);
}

/** Events of the lane that are not settled and come first. */
export function aheadOf({ seq: done, doneAhead }: Cursor, seq: number): number {
  return seq - done - 1 - doneAhead.filter((other) => other < seq).length;
}

/** What becomes of a change while its app has no endpoint. */
export function undeliverable(event: ChangeEvent): Delivery {
  return { event, endpointId: null, state: 'skipped', attempts: [], why: { code: 'no-endpoint' } };
}

function parkedState({ first_seq, next_try_at_ms }: ParkedRow, seq: number): DeliveryState {
  if (first_seq !== seq) return 'waiting';
  return next_try_at_ms === null ? 'held' : 'retrying';
}

function settledState(cursor: Cursor, seq: number, outcome: string | undefined): DeliveryState {
  if (seq > cursor.seq && !cursor.doneAhead.includes(seq)) return 'pending';
  if (outcome === undefined) return 'skipped';
  return outcome === 'delivered' ? 'delivered' : 'dead';
}
