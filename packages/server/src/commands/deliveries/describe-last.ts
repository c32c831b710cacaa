import type { DeliveryAnswer } from '../../admin/show-delivery.ts';

/** What the last attempt came to, in a few words; empty if there was none. */
export function describeLast({ attempts, nextTryAt }: DeliveryAnswer): string {
  const last = attempts.at(-1);
  if (!last) return '';
  const result =
    last.reason === undefined ? `${last.status ?? last.outcome}` : `${last.reason} ${last.status ?? ''}`.trim();
  return nextTryAt === undefined ? result : `${result}, next at ${nextTryAt}`;
}
