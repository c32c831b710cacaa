/** An attempt as it is stored and logged. */
import type { Log } from '../log.ts';
import type { Attempt, ChangeEvent } from '../storage/store.ts';
import { maskSecrets } from './mask-secrets.ts';
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

/**
 * What was sent and the headers of the answer are kept of failures only: of what was delivered the request can be made again
 * (rebuild-request.ts), and most attempts are delivered.
 */
export function formatAttempt({ seq, number, atMs, outcome, result, isDead }: EndedAttempt): Attempt {
  const kind = outcome.kind === 'delivered' ? 'delivered' : isDead ? 'dead' : 'failed';
  if (result.kind === 'shutdown') return { seq, number, atMs, outcome: kind, durationMs: 0 };
  const { durationMs, timings } = result;
  const isAnswer = result.kind === 'answer';
  return {
    seq,
    number,
    atMs,
    outcome: kind,
    durationMs,
    timings,
    ...(outcome.kind === 'failed' && { reason: outcome.reason, detail: outcome.detail }),
    ...(outcome.kind === 'failed' && { request: { ...result.sent, headers: maskSecrets(result.sent.headers) } }),
    ...(isAnswer && outcome.kind === 'failed' && { answerHeaders: firstHeaders(result.headers) }),
    ...(isAnswer && { status: result.status, answer: result.text.slice(0, MAX_ANSWER_CHARACTERS) }),
    ...(!isAnswer && { stage: result.stage }),
  };
}

/** Names and values by turns, secrets masked, as many as go into 4 KiB. */
function firstHeaders(headers: Extract<PostResult, { kind: 'answer' }>['headers']): string[] {
  const pairs = Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map((one) => [name, one]));
  const kept: string[] = [];
  let length = 0;
  for (const [name = '', value = ''] of pairs) {
    length += name.length + value.length;
    if (length > MAX_ANSWER_CHARACTERS) break;
    kept.push(name, value);
  }
  return maskSecrets(kept);
}

/** One wide line. Debug for what went well: at 20,000 a second nobody reads them. */
export function logAttempt(log: Log, endpointId: string, event: ChangeEvent, attempt: Attempt): void {
  if (attempt.outcome === 'delivered' && !log.isLevelEnabled('debug')) return;
  const { eventId, sdkAppId, userId, version: sequence } = event;
  const { number, outcome, reason, stage, status, durationMs } = attempt;
  const who = { eventId, endpointId, sdkAppId, userId, sequence };
  const line = { ...who, attempt: number, outcome, reason, stage, status, durationMs };
  if (outcome === 'delivered') log.debug(line, 'delivery.attempted');
  else log.warn(line, 'delivery.attempted');
}
