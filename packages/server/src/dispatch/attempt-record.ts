/** An attempt as it is stored and logged. */
import type { Log } from '../log.ts';
import type { Attempt, ChangeEvent } from '../storage/store.ts';
import type { Outcome } from './outcome.ts';
import type { PostResult } from './post.ts';

const MAX_ANSWER_CHARACTERS = 4_096;

/** What is known when an attempt has ended. */
export interface EndedAttempt {
  readonly seq: number;
  readonly number: number;
  readonly atMs: number;
  readonly outcome: Outcome;
  readonly result: PostResult;
  /** it was the last one, and failed */
  readonly isDead: boolean;
}

export function formatAttempt({ seq, number, atMs, outcome, result, isDead }: EndedAttempt): Attempt {
  const failed = outcome.kind === 'failed' ? { reason: outcome.reason, detail: outcome.detail } : {};
  const isAnswer = result.kind === 'answer';
  const answer = isAnswer ? { status: result.status, answer: result.text.slice(0, MAX_ANSWER_CHARACTERS) } : {};
  const durationMs = result.kind === 'shutdown' ? 0 : result.durationMs;
  const kind = outcome.kind === 'delivered' ? 'delivered' : isDead ? 'dead' : 'failed';
  return { seq, number, atMs, outcome: kind, durationMs, ...failed, ...answer };
}

/** One wide line. Debug for what went well: at 20,000 a second nobody reads them. */
export function logAttempt(log: Log, endpointId: string, event: ChangeEvent, attempt: Attempt): void {
  if (attempt.outcome === 'delivered' && !log.isLevelEnabled('debug')) return;
  const { eventId, sdkAppId, userId, version: sequence } = event;
  const { number, outcome, reason, status, durationMs } = attempt;
  const who = { eventId, endpointId, sdkAppId, userId, sequence };
  const line = { ...who, attempt: number, outcome, reason, status, durationMs };
  if (outcome === 'delivered') log.debug(line, 'delivery.attempted');
  else log.warn(line, 'delivery.attempted');
}
