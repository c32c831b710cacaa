/** Why a delivery is not delivered, in words. */
import { formatDeliveryId } from '../storage/event-id.ts';
import type { Delivery } from '../storage/store.ts';
import type { Why } from '../storage/why.ts';
import { formatMoment } from './moment.ts';

/** `code` for programs, `text` for people; which of the others are there depends on the code. */
export interface WhyAnswer {
  readonly code: Why['code'];
  readonly text: string;
  readonly ahead?: number;
  readonly ratePerSecond?: number;
  readonly since?: string;
  readonly behind?: { readonly deliveryId: string; readonly sequence: number; readonly state: 'retrying' | 'held' };
  readonly reason?: string;
  readonly rule?: string;
  readonly command?: string;
}

export function showWhy(why: Why, delivery: Delivery): WhyAnswer {
  return { code: why.code, text: describe(why, delivery), ...facts(why, delivery.endpointId) };
}

function facts(why: Why, endpointId: string | null): Omit<WhyAnswer, 'code' | 'text'> {
  switch (why.code) {
    case 'queued':
      return { ahead: why.ahead };
    case 'rate':
      return { ahead: why.ahead, ratePerSecond: why.perSecond };
    case 'circuit-open':
      return { since: formatMoment(why.sinceMs) };
    case 'waits-behind': {
      const { eventId, sequence, state } = why.blocker;
      return { behind: { deliveryId: formatDeliveryId(eventId, endpointId), sequence, state } };
    }
    case 'retrying':
    case 'held':
    case 'dead':
      return { reason: why.reason };
    case 'address-refused':
      return { reason: why.code, rule: why.rule };
    case 'command-off':
      return { command: why.command };
    default:
      return {};
  }
}

function describe(why: Why, { state, attempts, nextTryAtMs }: Delivery): string {
  const next = nextTryAtMs === undefined ? '' : `; next try at ${formatMoment(nextTryAtMs)}`;
  switch (why.code) {
    case 'queued':
      return `about to go${behind(why.ahead)}`;
    case 'rate':
      return `about to go${behind(why.ahead)}, at ${why.perSecond} a second at most`;
    case 'paused':
      return 'the endpoint is paused';
    case 'circuit-open':
      return `the endpoint failed too often: since ${formatMoment(why.sinceMs)} it is only probed`;
    case 'waits-behind': {
      const { sequence, state: itsState } = why.blocker;
      return `waits behind change #${sequence} of the same user, which ${itsState === 'held' ? 'is held' : 'is tried again'}`;
    }
    case 'retrying':
      return `attempt ${attempts.length} failed: ${why.reason}${next}`;
    case 'held':
      return `all attempts failed, the last one: ${why.reason}; a person has to let the user go on`;
    case 'dead':
      return `all attempts failed, the last one: ${why.reason}`;
    case 'address-refused':
      return `callbacks may not go to this address: ${why.rule}${state === 'retrying' ? next : ''}`;
    case 'command-off':
      return `the endpoint does not get ${why.command}`;
    case 'before-start':
      return 'the change is older than where the endpoint starts';
    case 'erased':
      return 'the account was deleted, and the change erased';
    case 'no-endpoint':
      return 'the app has no endpoint';
  }
}

function behind(ahead: number): string {
  if (ahead === 0) return '';
  return `, behind ${ahead} other ${ahead === 1 ? 'change' : 'changes'}`;
}
