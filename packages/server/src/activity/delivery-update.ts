/** What those who look on are told of a delivery. */
import { parsePortraitSetCallback } from '@portrait/wire';
import { formatDeliveryId } from '../storage/event-id.ts';
import type { ChangeEvent, Delivery, DeliveryState } from '../storage/store.ts';

/** A delivery that is new, or has a new state. */
export interface DeliveryUpdate {
  readonly deliveryId: string;
  readonly eventId: string;
  /** null: the app has no endpoint */
  readonly endpointId: string | null;
  readonly userId: string;
  readonly sequence: number;
  readonly atMs: number;
  readonly state: DeliveryState;
  /** why the last attempt failed */
  readonly reason?: string;
  /** tags that were written */
  readonly tags: readonly string[];
}

/** Of deliveries of one event, that differ in endpoint and state. */
export function updatesOf(
  event: ChangeEvent,
  deliveries: readonly Pick<DeliveryUpdate, 'endpointId' | 'state' | 'reason'>[],
): readonly DeliveryUpdate[] {
  const { eventId, userId, version: sequence, atMs } = event;
  const tags = tagsOf(event);
  return deliveries.map(({ endpointId, state, reason }) => ({
    deliveryId: formatDeliveryId(eventId, endpointId),
    eventId,
    endpointId,
    userId,
    sequence,
    atMs,
    state,
    ...(reason !== undefined && { reason }),
    tags,
  }));
}

/** Of a delivery as the store has it. */
export function reasonOf({ state, attempts }: Delivery): string | undefined {
  return state === 'delivered' ? undefined : attempts.at(-1)?.reason;
}

function tagsOf({ body }: ChangeEvent): readonly string[] {
  const callback = parsePortraitSetCallback(body);
  return callback.ok ? callback.value.items.map(({ tag }) => tag) : [];
}
