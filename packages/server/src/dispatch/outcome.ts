/** What an attempt came to: the one place that tells their failure, our failure and success apart. */
import { judgeCallbackAnswer, type SuccessRule } from '@portrait/wire';
import type { Stage } from '../storage/store.ts';
import { parseRetryAfter } from './backoff.ts';
import type { PostResult } from './post.ts';

/** `shutdown` is ours and costs the endpoint no attempt. */
export type Outcome =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'failed'; readonly reason: string; readonly detail: string; readonly retryAfterMs?: number }
  | { readonly kind: 'shutdown' };

/** @param nowMs  Unix milliseconds, for a Retry-After that is a date */
export function classifyOutcome(result: PostResult, success: SuccessRule, nowMs: number): Outcome {
  if (result.kind === 'shutdown') return result;
  if (result.kind === 'fault') return { kind: 'failed', reason: result.reason, detail: result.detail };
  const verdict = judgeCallbackAnswer({ status: result.status, text: result.text }, success);
  if (verdict.ok) return { kind: 'delivered' };
  const header = result.headers['retry-after'];
  const retryAfterMs = parseRetryAfter(Array.isArray(header) ? header[0] : header, nowMs);
  const { reason, detail } = verdict;
  return { kind: 'failed', reason, detail, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** Answers by which a server, or what stands before it, says that it can't take anything now. */
const ENDPOINT_STATUSES: readonly number[] = [429, 502, 503, 504];

/** How far an exchange got that had nothing to send on. */
const BEFORE_SENDING: readonly Stage[] = ['dns', 'connect', 'tls'];

/** Whether a failure can't be the event's fault: nothing was sent, or the answer says that nothing is taken now. */
export function isEndpointFault(result: PostResult): boolean {
  if (result.kind === 'fault') return result.reason === 'tls' || BEFORE_SENDING.includes(result.stage);
  return result.kind === 'answer' && ENDPOINT_STATUSES.includes(result.status);
}

/** Whether the endpoint asks to be left alone for good: status 410. */
export function saysGone(result: PostResult): boolean {
  return result.kind === 'answer' && result.status === 410;
}
