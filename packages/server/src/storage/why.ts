/** Why a delivery is not delivered: from what a store knows of it. */
import type { Attempt, DeliveryState, Endpoint } from './store.ts';

/** Another change of the same user, which is tried first. */
export interface Blocker {
  readonly eventId: string;
  readonly sequence: number;
  readonly state: 'retrying' | 'held';
}

/** The answer to "why did nothing come?". */
export type Why =
  /** about to go; `ahead` events of the lane come first */
  | { readonly code: 'queued'; readonly ahead: number }
  /** the same, and the endpoint's rate sets the pace */
  | { readonly code: 'rate'; readonly ahead: number; readonly perSecond: number }
  /** a person paused the endpoint, or its 410 did */
  | { readonly code: 'paused' }
  /** the endpoint failed too often: only probes go out */
  | { readonly code: 'circuit-open'; readonly sinceMs: number }
  | { readonly code: 'waits-behind'; readonly blocker: Blocker }
  /** `reason` of the last attempt */
  | { readonly code: 'retrying' | 'held' | 'dead'; readonly reason: string }
  /** an address that callbacks may not go to; `rule` is the sentence that says which rule */
  | { readonly code: 'address-refused'; readonly rule: string }
  | { readonly code: 'command-off'; readonly command: string }
  /** the change is older than where the endpoint starts */
  | { readonly code: 'before-start' }
  /** the account was deleted, and the change erased before this endpoint's turn came */
  | { readonly code: 'erased' }
  /** the app has no endpoint */
  | { readonly code: 'no-endpoint' };

/** All codes, in the order of `Why`. */
export const WHY_CODES: readonly Why['code'][] = [
  'queued',
  'rate',
  'paused',
  'circuit-open',
  'waits-behind',
  'retrying',
  'held',
  'dead',
  'address-refused',
  'command-off',
  'before-start',
  'erased',
  'no-endpoint',
];

/** What is known of a delivery. */
export interface DeliveryFacts {
  readonly state: DeliveryState;
  readonly endpoint: Endpoint;
  readonly command: string;
  readonly lastAttempt: Attempt | undefined;
  /** the event is older than the endpoint's start */
  readonly isBeforeStart: boolean;
  readonly isErased: boolean;
  /** events of the lane that are not settled and come first */
  readonly ahead: number;
  /** the first of the user's changes, if this one waits behind it */
  readonly blocker: Blocker | undefined;
}

/** @returns undefined if it is delivered */
export function whyNotDelivered(facts: DeliveryFacts): Why | undefined {
  const { state, endpoint, command, lastAttempt, isBeforeStart, isErased, blocker } = facts;
  switch (state) {
    case 'delivered':
      return undefined;
    case 'skipped':
      if (isBeforeStart) return { code: 'before-start' };
      return isErased ? { code: 'erased' } : { code: 'command-off', command };
    case 'pending':
      return standstill(endpoint) ?? inQueue(facts);
    case 'waiting':
      if (!blocker) return inQueue(facts);
      return (blocker.state === 'held' ? undefined : standstill(endpoint)) ?? { code: 'waits-behind', blocker };
    case 'retrying':
      // the one before it was just settled: it is first, and not tried yet
      return standstill(endpoint) ?? (lastAttempt ? failure('retrying', lastAttempt) : inQueue(facts));
    case 'held':
    case 'dead':
      return failure(state, lastAttempt);
  }
}

/** What keeps all deliveries of the endpoint from going out. */
function standstill({ state, circuit }: Endpoint): Why | undefined {
  if (state === 'paused') return { code: 'paused' };
  return circuit?.state === 'open' ? { code: 'circuit-open', sinceMs: circuit.sinceMs } : undefined;
}

function inQueue({ endpoint, ahead }: DeliveryFacts): Why {
  const { ratePerSecond: perSecond } = endpoint;
  return perSecond > 0 && ahead > 0 ? { code: 'rate', ahead, perSecond } : { code: 'queued', ahead };
}

function failure(code: 'retrying' | 'held' | 'dead', attempt: Attempt | undefined): Why {
  const { reason = 'unknown', detail = '' } = attempt ?? {};
  return reason === 'address-refused' ? { code: 'address-refused', rule: detail } : { code, reason };
}
