/** Deliveries as the API shows them. */
import { type ProfileItem, parsePortraitSetCallback } from '@portrait/wire';
import { formatDeliveryId } from '../storage/event-id.ts';
import type { Attempt, ChangeEvent, Delivery, DeliveryState } from '../storage/store.ts';
import { formatMoment } from './moment.ts';

export interface AttemptAnswer {
  readonly number: number;
  readonly at: string;
  readonly outcome: Attempt['outcome'];
  readonly reason?: string;
  readonly status?: number;
  readonly durationMs: number;
  readonly detail?: string;
  readonly answer?: string;
}

interface EventAnswer {
  readonly eventId: string;
  readonly sdkAppId: number;
  readonly userId: string;
  readonly sequence: number;
  readonly command: string;
  readonly at: string;
  /** null if the body doesn't say */
  readonly operator: string | null;
  readonly clientIp: string;
  readonly platform: string;
  readonly items: readonly ProfileItem[];
  readonly previousItems: readonly ProfileItem[];
  readonly body: string;
  readonly erased?: true;
}

export interface DeliveryAnswer {
  readonly deliveryId: string;
  readonly eventId: string;
  readonly endpointId: string;
  readonly userId: string;
  readonly sequence: number;
  readonly state: DeliveryState;
  readonly attempts: readonly AttemptAnswer[];
  readonly nextTryAt?: string;
  readonly event: EventAnswer;
}

/** A delivery with all of its attempts, their answers included. */
export function showDelivery(delivery: Delivery): DeliveryAnswer {
  const { event, endpointId, state, attempts, nextTryAtMs } = delivery;
  return {
    deliveryId: formatDeliveryId(event.eventId, endpointId),
    eventId: event.eventId,
    endpointId,
    userId: event.userId,
    sequence: event.version,
    state,
    attempts: attempts.map(showAttempt),
    ...(nextTryAtMs !== undefined && { nextTryAt: formatMoment(nextTryAtMs) }),
    event: showEvent(event),
  };
}

/** A delivery as lists show it: without the answers, which can be 4 KiB for each attempt. */
export function showListedDelivery(delivery: Delivery): DeliveryAnswer {
  const shown = showDelivery(delivery);
  return { ...shown, attempts: shown.attempts.map(({ answer: _, ...attempt }) => attempt) };
}

function showAttempt({ number, atMs, outcome, reason, status, durationMs, detail, answer }: Attempt): AttemptAnswer {
  return {
    number,
    at: formatMoment(atMs),
    outcome,
    ...(reason !== undefined && { reason }),
    ...(status !== undefined && { status }),
    durationMs,
    ...(detail !== undefined && { detail }),
    ...(answer !== undefined && { answer }),
  };
}

function showEvent(event: ChangeEvent): EventAnswer {
  const callback = parsePortraitSetCallback(event.body);
  return {
    eventId: event.eventId,
    sdkAppId: event.sdkAppId,
    userId: event.userId,
    sequence: event.version,
    command: event.command,
    at: formatMoment(event.atMs),
    operator: callback.ok ? callback.value.operatorId : null,
    clientIp: event.clientIp,
    platform: event.platform,
    items: callback.ok ? callback.value.items : [],
    previousItems: event.previousItems,
    body: event.body,
    ...(event.isErased && { erased: true }),
  };
}
