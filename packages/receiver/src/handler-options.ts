import type { CallbackStore } from './callback-store.ts';
import type { Clock } from './clock.ts';
import type { CallbackCommand } from './commands.ts';
import type { EventOf, RawEvent } from './event.ts';
import type { ProfileEvent } from './profile-event.ts';
import type { CallbackDelivery, RefusedCallback } from './verify.ts';
import type { VerifyOptions } from './verify-options.ts';

/** What a handler is told beside the event. */
export interface CallbackContext extends CallbackDelivery {
  /** What the callback is remembered by, also for a table of the app's own; undefined if it can not be told from others. */
  readonly key: string | undefined;
  /** Greatest sequence of this user that was handled; undefined without a store, or if none is remembered. */
  readonly lastSequence: number | undefined;
  /** Aborts when another attempt may begin: what is not committed by then should be given up. */
  readonly signal: AbortSignal;
}

/**
 * What a handler may answer with: members of the answer's body. Without them it is the plain OK. Callbacks that come before
 * something happens are decided so. For others an ErrorCode that is not 0, or FAIL, means: not remembered, to be sent again.
 */
export interface AnswerMembers {
  readonly ActionStatus?: 'OK' | 'FAIL';
  readonly ErrorCode?: number;
  readonly ErrorInfo?: string;
  readonly [member: string]: unknown;
}

// biome-ignore lint/suspicious/noConfusingVoidType: most handlers end without a return, and their type is void
type Handled = AnswerMembers | void;

/** Takes an event; the sender is told OK after it has succeeded. Throws, or rejects, to be sent the event again. */
export type EventHandler<Event> = (event: Event, context: CallbackContext) => Handled | Promise<Handled>;

/** Everything createHandler takes. */
export type HandlerOptions = VerifyOptions & {
  /** Handlers by command. */
  readonly on?: { readonly [Command in CallbackCommand]?: EventHandler<EventOf<Command>> } | undefined;
  /** Takes every command that `on` has no handler for; without it they are acknowledged and that is all. */
  readonly onUnknown?: EventHandler<RawEvent> | undefined;
  /**
   * Takes, in place of the handler, a profile change that is older than one that was handled: one that had failed for good and
   * is sent again. To apply it would undo newer values, to drop it could lose others: read the whole profile instead.
   */
  readonly onStale?: EventHandler<ProfileEvent> | undefined;
  /** Told before the handler that changes of this user are missing, those between context.lastSequence and this one. */
  readonly onGap?: ((event: ProfileEvent, context: CallbackContext) => void | Promise<void>) | undefined;
  /** Told of every callback that was refused, and exactly why; the sender learns nothing of it. */
  readonly onRejected?: ((refusal: RefusedCallback) => void) | undefined;
  /** Told of what a handler or the store threw, of BodyConsumedError and LateError. Default: console.error. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Where callbacks are remembered. Default memoryStore(); `false` = nowhere. */
  readonly store?: CallbackStore | false | undefined;
  /** How long one attempt keeps others off; longer than any handler takes. Default 30 s. */
  readonly leaseMs?: number | undefined;
  /**
   * When the sender is told to come again (503) although the handler still runs. It goes on; if it succeeds, the next attempt
   * is answered OK. Default 1500: senders wait 2 s.
   */
  readonly answerWithinMs?: number | undefined;
  readonly clock?: Clock | undefined;
};

/** A handler took longer than the sender waits. */
export class LateError extends Error {
  override readonly name = 'LateError';

  constructor(answerWithinMs: number) {
    super(`not done after ${answerWithinMs} ms, so answered 503`);
  }
}

/** Check what a compiler does not see, or nobody has asked one. @throws TypeError */
export function checkHandlerOptions(options: HandlerOptions): void {
  for (const [command, handler] of Object.entries(options.on ?? {})) {
    if (typeof handler !== 'function') throw new TypeError(`on["${command}"] must be a function`);
  }
  for (const name of ['leaseMs', 'answerWithinMs', 'maxBodyBytes'] as const) {
    if (!((options[name] ?? 1) > 0)) throw new TypeError(`${name} must be greater than 0`);
  }
}
