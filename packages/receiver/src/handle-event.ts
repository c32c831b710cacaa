import { callbackKey } from './callback-key.ts';
import type { CallbackStore, StoredCallback } from './callback-store.ts';
import type { Clock } from './clock.ts';
import type { RawEvent } from './event.ts';
import type { AnswerMembers, CallbackContext, EventHandler, HandlerOptions } from './handler-options.ts';
import type { VerifiedCallback } from './verify.ts';

/** What came of an event: it was handled, now or before, or somebody is at it. */
export interface Handled {
  readonly answer?: AnswerMembers | undefined;
  readonly retryAfterMs?: number;
}

/** How events are handled. */
export interface HandleRules extends Pick<HandlerOptions, 'on' | 'onUnknown' | 'onStale' | 'onGap'> {
  readonly store: CallbackStore | false;
  readonly leaseMs: number;
  readonly answerWithinMs: number;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

/** Hand an event to its handler, if nobody did. @throws whatever the handler or the store throws */
export async function handleEvent(rules: HandleRules, callback: VerifiedCallback): Promise<Handled> {
  const { on = {}, onUnknown, store, clock, leaseMs } = rules;
  const { command } = callback.event;
  const handler = (Object.hasOwn(on, command) ? on[command] : onUnknown) as EventHandler<RawEvent> | undefined;
  if (!handler) return {};
  const stored = await callbackKey(callback);
  const given = { callback, handler, stored };
  if (!store || !stored) return { answer: await run(rules, given) };
  const begun = await store.begin(stored, { nowMs: clock.now(), leaseMs });
  if (begun.kind === 'busy') return begun;
  if (begun.kind === 'done') return {};
  const { claim, lastSequence } = begun;
  let isDone = false;
  try {
    const answer = await run(rules, { ...given, lastSequence });
    isDone = !answer?.ErrorCode && answer?.ActionStatus !== 'FAIL';
    if (isDone) await store.complete(stored, claim, clock.now());
    return { answer };
  } finally {
    if (!isDone) await store.release(stored, claim).catch(rules.onError);
  }
}

async function run(
  { store, clock, leaseMs, answerWithinMs, onStale, onGap }: HandleRules,
  given: {
    readonly callback: VerifiedCallback;
    readonly handler: EventHandler<RawEvent>;
    readonly stored: StoredCallback | undefined;
    readonly lastSequence?: number | undefined;
  },
): Promise<AnswerMembers | undefined> {
  const { callback, handler, stored, lastSequence } = given;
  const { event, delivery } = callback;
  const [ended, limit] = [new AbortController(), new AbortController()];
  const limitMs = store && stored ? leaseMs : answerWithinMs;
  void clock.sleep(limitMs, ended.signal).then(() => ended.signal.aborted || limit.abort());
  const context: CallbackContext = { ...delivery, key: stored?.key, lastSequence, signal: limit.signal };
  // 1 = the next one; undefined or NaN = nothing is known
  const steps = (delivery.sequence ?? Number.NaN) - (lastSequence ?? Number.NaN);
  try {
    if ('userId' in event && steps <= 0 && onStale) return (await onStale(event, context)) ?? undefined;
    if ('userId' in event && steps > 1) await onGap?.(event, context);
    return (await handler(event, context)) ?? undefined;
  } finally {
    ended.abort();
  }
}
