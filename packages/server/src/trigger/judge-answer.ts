/** Judges the answer to a callback that should be taken. */
import { describeValue, isRawObject, type SuccessRule } from '@portrait/wire';
import { classifyOutcome } from '../dispatch/outcome.ts';
import { type Finding, note, problem } from './finding.ts';
import type { PostResult } from './send.ts';

/** Tencent's backend waits so long, and no longer. */
const TENCENT_WAITS_MS = 2000;

const ANSWER = '{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}';
const OTHER_STATUSES = 'Answer 200 when the work is done, and an error only when it is not.';

/** What to do about a status, by status; then about what begins with the same digit. */
const STATUSES: Readonly<Record<number, string>> = {
  400: 'The receiver could not read it: the body is JSON, and must be parsed whatever the content type says.',
  401: 'It was refused: give trigger the --sdk-app-id, --token and --signing-secret that the receiver has, and compare the clocks.',
  403: 'It was refused: give trigger the --sdk-app-id, --token and --signing-secret that the receiver has, and compare the clocks.',
  404: 'There is nothing at this path: look at the URL, and at the route of the receiver.',
  405: 'The path does not take POST: callbacks come as POST.',
  413: 'The body is too long for the receiver: callbacks can have some hundred KiB, so raise its limit.',
  415: 'The receiver does not take this content type: callbacks come as application/json.',
  429: 'The receiver limits the rate: let the callbacks of one app through.',
};

const FAULTS: Readonly<Record<string, string>> = {
  dns: 'Look at the host name in the URL.',
  'address-refused': 'If the address is meant, name its network with --webhook-allow.',
  connect: 'Start the receiver, and look at the port in the URL and at the firewall.',
  tls: 'Mend the certificate of the receiver; senders do not go on without.',
  timeout: `Answer within the time: a sender gives up then and counts a failure. Tencent waits ${TENCENT_WAITS_MS / 1000} s. Put long work into a queue of your own first.`,
  'body-too-large': `Answer nothing but ${ANSWER}.`,
  redirect: 'Give the address that it redirects to: senders do not follow.',
  'not-json': `Answer ${ANSWER}, as JSON and nothing else.`,
};

/** Whether the receiver was not reached at all, so that more callbacks would tell no more. */
export function isUnreached(result: PostResult): boolean {
  return result.kind !== 'answer';
}

/** Whether it counts as taken. */
export function isTaken(result: PostResult, rule: SuccessRule): boolean {
  return classifyOutcome(result, rule, 0).kind === 'delivered';
}

/** @returns findings; none if it was taken as it should be */
export function judgeAnswer(result: PostResult, rule: SuccessRule): readonly Finding[] {
  const outcome = classifyOutcome(result, rule, 0);
  if (outcome.kind === 'failed') return [judgeFailure(outcome, result)];
  return result.kind === 'answer' ? judgeDetails(result) : [];
}

function judgeFailure({ reason, detail }: { reason: string; detail: string }, result: PostResult): Finding {
  const status = result.kind === 'answer' ? result.status : 0;
  if (reason === 'status') return problem('status', `It answered ${detail}.`, adviceOnStatus(status));
  if (reason === 'rejected' && result.kind === 'answer') return judgeRejection(detail, result.text);
  const what =
    result.kind === 'answer' ? `The answer does not count: ${detail}.` : `It can not be delivered: ${detail}.`;
  return problem(reason, what, FAULTS[reason] ?? OTHER_STATUSES);
}

function adviceOnStatus(status: number): string {
  if (status >= 500) return 'The handler failed: look at the log of the receiver.';
  if (status >= 200 && status < 300) return `Answer with status 200, not ${status}, and ${ANSWER}.`;
  return STATUSES[status] ?? OTHER_STATUSES;
}

/** Whether the receiver said no, or something that is no answer of the protocol. */
function judgeRejection(detail: string, text: string): Finding {
  const body: unknown = JSON.parse(text);
  const code = isRawObject(body) ? body.ErrorCode : undefined;
  const what = `The answer does not count: ${detail}.`;
  if (typeof code !== 'number') return problem('wrong-json', what, `Answer ${ANSWER}; ErrorCode is a number.`);
  if (code === 0) return problem('wrong-json', what, `Answer ${ANSWER}.`);
  const advice =
    'The receiver refused it or failed: give trigger the --sdk-app-id, --token and --signing-secret that the receiver has, and look at its log.';
  return problem('rejected', what, advice);
}

function judgeDetails({ headers, text, durationMs }: Extract<PostResult, { kind: 'answer' }>): readonly Finding[] {
  const findings: Finding[] = [];
  const contentType = [headers['content-type'] ?? ''].flat()[0] ?? '';
  if (!/^application\/([\w.-]+\+)?json\b/i.test(contentType)) {
    const seen = contentType === '' ? 'no content type' : `the content type ${describeValue(contentType)}`;
    findings.push(note('content-type', `The answer has ${seen}.`, 'Send content-type: application/json with it.'));
  }
  const body: unknown = JSON.parse(text);
  const missing = ['ActionStatus', 'ErrorInfo'].filter((name) => !isRawObject(body) || typeof body[name] !== 'string');
  if (missing.length > 0) {
    const what = `The answer lacks ${missing.join(' and ')}, which Tencent's protocol asks for.`;
    findings.push(note('members', what, `Answer ${ANSWER}.`));
  }
  if (durationMs > TENCENT_WAITS_MS) {
    const what = `The answer took ${(durationMs / 1000).toFixed(1)} s: Portrait waits as long as its endpoint says, Tencent 2 s.`;
    findings.push(note('slow', what, 'Put long work into a queue of your own, and answer when it is there.'));
  }
  return findings;
}
