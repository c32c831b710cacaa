/** Deliveries as the API shows them. */
import { type ProfileItem, parsePortraitSetCallback } from '@portrait/wire';
import { formatDeliveryId } from '../storage/event-id.ts';
import type { Attempt, ChangeEvent, Delivery, DeliveryState, SentRequest, Stage, Timings } from '../storage/store.ts';
import { showWhy, type WhyAnswer } from './describe-why.ts';
import { formatMoment } from './moment.ts';

/** A request as it was sent, or as it would be made now. */
interface RequestAnswer {
  readonly method: 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** made from the event and the endpoint's settings of now */
  readonly rebuilt: boolean;
}

export interface AttemptAnswer {
  readonly number: number;
  readonly at: string;
  readonly outcome: Attempt['outcome'];
  readonly reason?: string;
  readonly status?: number;
  readonly stage?: Stage;
  readonly durationMs: number;
  readonly timings?: Timings;
  readonly detail?: string;
  readonly request?: RequestAnswer;
  readonly answerHeaders?: Readonly<Record<string, string>>;
  readonly answer?: string;
}

export interface EventAnswer {
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
  /** null: the app has no endpoint */
  readonly endpointId: string | null;
  readonly userId: string;
  readonly sequence: number;
  readonly state: DeliveryState;
  readonly why?: WhyAnswer;
  readonly attempts: readonly AttemptAnswer[];
  readonly nextTryAt?: string;
  readonly event: EventAnswer;
}

/** What an attempt sent, as the dispatcher tells it. */
export interface AttemptRequest extends SentRequest {
  readonly method: 'POST';
  readonly body: string;
  /** made from the event, the attempt's time and the endpoint's settings of now */
  readonly isRebuilt: boolean;
}

/** @param requestOf  where each attempt is to come with its request */
export function showDelivery(delivery: Delivery, requestOf?: (attempt: Attempt) => AttemptRequest): DeliveryAnswer {
  const { event, endpointId, state, attempts, nextTryAtMs, why } = delivery;
  return {
    deliveryId: formatDeliveryId(event.eventId, endpointId),
    eventId: event.eventId,
    endpointId,
    userId: event.userId,
    sequence: event.version,
    state,
    ...(why && { why: showWhy(why, delivery) }),
    attempts: attempts.map((attempt) => showAttempt(attempt, requestOf?.(attempt))),
    ...(nextTryAtMs !== undefined && { nextTryAt: formatMoment(nextTryAtMs) }),
    event: showEvent(event),
  };
}

function showAttempt(attempt: Attempt, request: AttemptRequest | undefined): AttemptAnswer {
  const { number, atMs, outcome, reason, status, stage, durationMs, timings, detail, answerHeaders, answer } = attempt;
  return {
    number,
    at: formatMoment(atMs),
    outcome,
    ...(reason !== undefined && { reason }),
    ...(status !== undefined && { status }),
    ...(stage !== undefined && { stage }),
    durationMs,
    ...(timings !== undefined && { timings }),
    ...(detail !== undefined && { detail }),
    ...(request && { request: showRequest(request) }),
    ...(answerHeaders !== undefined && { answerHeaders: headersOf(answerHeaders) }),
    ...(answer !== undefined && { answer }),
  };
}

function showRequest({ method, url, headers, body, isRebuilt }: AttemptRequest): RequestAnswer {
  return { method, url, headers: headersOf(headers), body, rebuilt: isRebuilt };
}

/** @param turns  names and values by turns; a name that comes again gets its values in one, as HTTP has it */
function headersOf(turns: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let at = 0; at + 1 < turns.length; at += 2) {
    const [name = '', value = ''] = [turns[at], turns[at + 1]];
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  return headers;
}

/** A change as the API shows it. */
export function showEvent(event: ChangeEvent): EventAnswer {
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
