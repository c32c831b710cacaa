/** A delivery as the list has it: little enough for thousands of them. */
import type { Delivery, DeliveryState } from '../api/types.ts';

export interface DeliveryRow {
  readonly deliveryId: string;
  readonly eventId: string;
  readonly endpointId: string | null;
  readonly userId: string;
  readonly sequence: number;
  readonly state: DeliveryState;
  readonly at: string;
  readonly tags: readonly string[];
  /** of the last attempt that failed */
  readonly reason?: string | undefined;
}

export function rowOf(delivery: Delivery): DeliveryRow {
  const { deliveryId, eventId, endpointId, userId, sequence, state, attempts, event } = delivery;
  return {
    deliveryId,
    eventId,
    endpointId,
    userId,
    sequence,
    state,
    at: event.at,
    tags: event.items.map(({ tag }) => tag),
    reason: attempts.findLast(({ reason }) => reason !== undefined)?.reason,
  };
}
