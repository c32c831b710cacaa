import { describeValue } from './describe-value.ts';
import { isRawObject } from './raw-object.ts';

/**
 * What counts as success at an endpoint.
 *
 * `protocol`: status 200 and a JSON object whose ErrorCode is 0 and whose ActionStatus, if there, is OK.
 * `tencent`: status 200 and JSON, whatever it says, as Tencent's own service does.
 * `any-2xx`: status 200 to 299, body ignored.
 */
export type SuccessRule = 'protocol' | 'tencent' | 'any-2xx';

/** What an answer came to; `detail` is for the delivery log. */
export type AnswerVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'status' | 'not-json' | 'rejected' | 'redirect'; readonly detail: string };

/** An answer of an endpoint: HTTP status, and the body as text. */
export interface CallbackAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * Judge an endpoint's answer. Redirects are never followed and always a failure.
 *
 * @see Tencent Cloud Chat, "Webhook Overview", document 1047/34354
 */
export function judgeCallbackAnswer(answer: CallbackAnswer, rule: SuccessRule): AnswerVerdict {
  const { status } = answer;
  if (status >= 300 && status <= 399) return failure('redirect', `status ${status}; redirects are not followed`);
  if (rule === 'any-2xx') {
    return status >= 200 && status <= 299 ? { ok: true } : failure('status', `status ${status}, expected 200 to 299`);
  }
  if (status !== 200) return failure('status', `status ${status}, expected 200`);
  return judgeText(answer.text, rule);
}

function judgeText(text: string, rule: 'protocol' | 'tencent'): AnswerVerdict {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return failure('not-json', text === '' ? 'the body is empty' : `the body is not JSON: ${describeValue(text)}`);
  }
  return rule === 'tencent' ? { ok: true } : judgeBody(body);
}

function judgeBody(body: unknown): AnswerVerdict {
  if (!isRawObject(body)) return failure('not-json', `the body is not a JSON object but ${describeValue(body)}`);
  const { ErrorCode: code, ActionStatus: status } = body;
  if (code !== 0) return failure('rejected', `ErrorCode ${describeValue(code)}, expected 0`);
  if (status === undefined || status === 'OK') return { ok: true };
  return failure('rejected', `ActionStatus ${describeValue(status)}, expected "OK"`);
}

function failure(reason: 'status' | 'not-json' | 'rejected' | 'redirect', detail: string): AnswerVerdict {
  return { ok: false, reason, detail };
}

/**
 * Body with which a receiver answers: handled, or failed (ErrorCode 1).
 *
 * @param info  ErrorInfo, by default empty for a success
 * @see Tencent Cloud Chat, "After a Profile Is Updated", document 1047/48733
 */
export function formatCallbackAnswer(ok: boolean, info: string = ok ? '' : 'the app could not handle it'): string {
  return JSON.stringify({ ActionStatus: ok ? 'OK' : 'FAIL', ErrorCode: ok ? 0 : 1, ErrorInfo: info });
}
