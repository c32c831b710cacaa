import { sha256Hex } from '@portrait/wire';
import type { StoredCallback } from './callback-store.ts';
import type { VerifiedCallback } from './verify.ts';

/** The sender waits for a decision, and goes on without one. */
const BEFORE = /\.Callback(Before|Prev)/;

/**
 * What a callback is remembered by.
 *
 * From Portrait that is `webhook-id`. Tencent sends no id, so it is the SHA-256 of the body, if the body has an `EventTime`:
 * in milliseconds, together with accounts and values it names one event. `RequestTime` is left out: it is not documented
 * whether a repeat has a fresh one. A body without `EventTime` may rightly come twice, and a callback that asks for a
 * decision is never repeated: neither is remembered.
 *
 * @returns undefined if it is not to be remembered
 */
export async function callbackKey({ event, delivery, text }: VerifiedCallback): Promise<StoredCallback | undefined> {
  if (BEFORE.test(event.command)) return undefined;
  const { sdkAppId, webhookId, sequence } = delivery;
  if (webhookId === undefined) {
    return event.body.EventTime === undefined ? undefined : { key: `${sdkAppId}:sha256:${await sha256Hex(text)}` };
  }
  const change =
    'userId' in event && sequence !== undefined ? { user: `${sdkAppId}:${event.userId}`, sequence } : undefined;
  return { key: `${sdkAppId}:${webhookId}`, change };
}
