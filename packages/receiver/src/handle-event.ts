import { callbackKey } from './callback-key.ts';
import type { Begun, CallbackStore, StoredCallback } from './callback-store.ts';
import type { Clock } from './clock.ts';
import type { CallbackEvent } from './event.ts';
import type { AnswerMembers, CallbackContext, EventHandler, HandlerOptions } from './handler-options.ts';
import type { VerifiedCallback } from './verify.ts';

/** What came of an event. */
export type Handled =
  | { readonly kind: 'done'; readonly answer: AnswerMembers | undefined }
  | { readonly kind: 'busy'; readonly retryAfterMs: number };

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
  const { command } = callback.event;
  const handler = (rules.on?.[command as keyof typeof rules.on] ?? rules.onUnknown) as
    | EventHandler<CallbackEvent>
    | undefined;
  if (!handler) return { kind: 'done', answer: undefined };
  const stored = await callbackKey(callback);
  if (!rules.store || !stored) return await run(rules, { callback, handler, stored });
  const { clock, leaseMs, store } = rules;
  const begun = await store.begin(stored, { nowMs: clock.now(), leaseMs });
  if (begun.kind === 'done') return { kind: 'done', answer: undefined };
  if (begun.kind === 'busy') return begun;
  return await runClaimed(rules, { callback, handler, stored, begun, store });
}

interface Run {
  readonly callback: VerifiedCallback;
  readonly handler: EventHandler<CallbackEvent>;
  readonly stored: StoredCallback | undefined;
  readonly begun?: Extract<Begun, { kind: 'begun' }>;
}

async function runClaimed(
  rules: HandleRules,
  given: Required<Run> & { readonly stored: StoredCallback; readonly store: CallbackStore },
): Promise<Handled> {
  const { stored, begun, store } = given;
  const release = (): Promise<void> => store.release(stored, begun.claim).catch(rules.onError);
  let handled: Handled;
  try {
    handled = await run(rules, given);
  } catch (error) {
    await release();
    throw error;
  }
  if (handled.kind === 'done' && (handled.answer?.ErrorCode ?? 0) !== 0) await release();
  else await store.complete(stored, begun.claim, rules.clock.now());
  return handled;
}

async function run(rules: HandleRules, { callback, handler, stored, begun }: Run): Promise<Handled> {
  const { clock, leaseMs, answerWithinMs, onStale, onGap } = rules;
  const { event, delivery } = callback;
  const [ended, given] = [new AbortController(), new AbortController()];
  const limitMs = begun ? leaseMs : answerWithinMs;
  void clock.sleep(limitMs, ended.signal).then(() => ended.signal.aborted || given.abort());
  const lastSequence = begun?.lastSequence;
  const context: CallbackContext = { ...delivery, key: stored?.key, lastSequence, signal: given.signal };
  const { sequence } = delivery;
  const steps = lastSequence === undefined || sequence === undefined ? 1 : sequence - lastSequence;
  try {
    if ('userId' in event && steps <= 0 && onStale)
      return { kind: 'done', answer: (await onStale(event, context)) ?? undefined };
    if ('userId' in event && steps > 1) await onGap?.(event, context);
    return { kind: 'done', answer: (await handler(event, context)) ?? undefined };
  } finally {
    ended.abort();
  }
}
