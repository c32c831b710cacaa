import { formatCallbackAnswer } from '@portrait/wire';
import { systemClock } from './clock.ts';
import { type HandleRules, handleEvent } from './handle-event.ts';
import { checkHandlerOptions, type HandlerOptions, LateError } from './handler-options.ts';
import type { IncomingCallback } from './incoming.ts';
import { memoryStore } from './memory-store.ts';
import { createVerifier, type RefusedCallback, type Verifier } from './verify.ts';

/** What is to be written back, for servers that do not speak `Response`. */
export interface CallbackReply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What some runtimes give beside the request. */
export interface RuntimeContext {
  /** Keeps the runtime alive for work that goes on after the answer. */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
}

/** A receiver; never rejects. */
export interface CallbackHandler {
  (request: Request, runtime?: RuntimeContext): Promise<Response>;
  /** The same for servers of other kinds; what the adapters use. */
  receive(incoming: IncomingCallback, runtime?: RuntimeContext): Promise<CallbackReply>;
}

const DEFAULT_ANSWER_WITHIN_MS = 1500;
const DEFAULT_LEASE_MS = 30_000;
/** So that a busy receiver is asked again soon, however long the lease of a process that died still runs. */
const MAX_RETRY_AFTER_SECONDS = 5;

/**
 * Make a receiver: it verifies each callback, hands it to its handler once, and answers.
 *
 * | answer | when |
 * |---|---|
 * | 200, ErrorCode 0 | the handler succeeded, now or before, or there is none |
 * | 401 | refused; the reason goes to onRejected only. 405 for other methods, 413 for longer bodies |
 * | 500 | the handler, or the store, failed |
 * | 503 with `retry-after` | the handler is still running, for this attempt or an earlier one |
 *
 * @throws TypeError when the options make no sense
 */
export function createHandler(options: HandlerOptions): CallbackHandler {
  checkHandlerOptions(options);
  const { clock = systemClock, onError = logError, store = memoryStore() } = options;
  const { leaseMs = DEFAULT_LEASE_MS, answerWithinMs = DEFAULT_ANSWER_WITHIN_MS } = options;
  const rules = { ...options, clock, onError: quiet(onError), store, leaseMs, answerWithinMs };
  const work = answerer(rules, createVerifier(options), quiet(options.onRejected));
  const receive: CallbackHandler['receive'] = (incoming, runtime) => inTime(rules, work(incoming), runtime);
  const handler = async (request: Request, runtime?: RuntimeContext): Promise<Response> => {
    const { status, headers, body } = await receive(request, runtime);
    return new Response(body, { status, headers });
  };
  return Object.assign(handler, { receive });
}

function answerer(
  rules: HandleRules,
  verifier: Verifier,
  onRejected: (refusal: RefusedCallback) => void,
): (incoming: IncomingCallback) => Promise<CallbackReply> {
  return async (incoming) => {
    try {
      const callback = await verifier(incoming);
      if (!callback.ok) {
        onRejected(callback);
        return refusal(callback);
      }
      const { answer, retryAfterMs } = await handleEvent(rules, callback);
      return retryAfterMs === undefined ? success(answer) : comeAgain(retryAfterMs);
    } catch (error) {
      rules.onError(error);
      return reply(500, formatCallbackAnswer(false));
    }
  };
}

/** The answer when it is there, or 503 when the sender would not wait longer. */
async function inTime(
  { clock, answerWithinMs, onError }: HandleRules,
  work: Promise<CallbackReply>,
  runtime: RuntimeContext | undefined,
): Promise<CallbackReply> {
  const answered = new AbortController();
  const late = clock.sleep(answerWithinMs, answered.signal);
  const first = await Promise.race([work, late]);
  answered.abort();
  if (first) return first;
  runtime?.waitUntil?.(work);
  onError(new LateError(answerWithinMs));
  return comeAgain(1000);
}

function success(members: object | undefined): CallbackReply {
  if (!members) return reply(200, formatCallbackAnswer(true));
  return reply(200, JSON.stringify({ ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '', ...members }));
}

function refusal({ reason }: RefusedCallback): CallbackReply {
  const body = formatCallbackAnswer(false, 'refused');
  if (reason === 'method') return reply(405, body, { allow: 'POST' });
  return reply(reason === 'too-large' ? 413 : 401, body);
}

function comeAgain(afterMs: number): CallbackReply {
  const seconds = Math.min(MAX_RETRY_AFTER_SECONDS, Math.max(1, Math.ceil(afterMs / 1000)));
  return reply(503, formatCallbackAnswer(false, 'not done yet'), { 'retry-after': String(seconds) });
}

function reply(status: number, body: string, headers: Readonly<Record<string, string>> = {}): CallbackReply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body };
}

function logError(error: unknown): void {
  console.error('@portrait/receiver:', error);
}

/** A hook that throws must not change the answer. */
function quiet<Value>(hook: ((value: Value) => void) | undefined): (value: Value) => void {
  return (value) => {
    try {
      hook?.(value);
    } catch (error) {
      logError(error);
    }
  };
}
