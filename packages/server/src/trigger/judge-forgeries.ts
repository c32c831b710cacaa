/** Judges a receiver by the callbacks it should have refused and did not. */
import { type Finding, problem } from './finding.ts';
import type { ForgeryName } from './samples.ts';

const LIBRARY = '@portrait/receiver does it';

/**
 * @param accepted   forgeries that were answered OK
 * @param isBodySigned  whether there was a signature over the body to check
 * @returns one finding for each cause: who checks no signature at all notices neither altered bodies nor old times
 */
export function judgeForgeries(accepted: ReadonlySet<ForgeryName>, isBodySigned: boolean): readonly Finding[] {
  const findings: Finding[] = [];
  const find = (code: string, what: string, advice: string): void => void findings.push(problem(code, what, advice));
  const signature = isBodySigned ? 'webhook-signature, over id, time and body' : 'Sign, over token and time';
  if (accepted.has('other-secrets')) {
    const what = 'Signatures are not checked: a callback that somebody else had signed was answered OK.';
    find('signature-unchecked', what, `Verify ${signature}, before anything else; ${LIBRARY}.`);
  } else {
    if (accepted.has('unsigned')) {
      const what = 'A callback without any signature was answered OK: wrong ones are refused, missing ones are not.';
      find('unsigned-accepted', what, 'Refuse what lacks a signature.');
    }
    if (accepted.has('altered-body')) {
      const what =
        'A callback whose body had been changed was answered OK: Sign alone is checked, which does not cover the body.';
      find('body-unprotected', what, `Verify ${signature}, on the raw bytes of the body; ${LIBRARY}.`);
    }
    if (accepted.has('stale')) {
      const what = 'A callback that was ten minutes old was answered OK: who has seen one can send it again for ever.';
      const window = isBodySigned ? 'webhook-timestamp is more than 5 minutes' : 'RequestTime is more than 1 minute';
      find('time-unchecked', what, `Refuse it if ${window} away from now.`);
    }
  }
  if (accepted.has('other-app')) {
    const what = 'A callback of another SDKAppID was answered OK: SdkAppid in the URL is covered by no signature.';
    find('app-unchecked', what, 'Compare SdkAppid with your own before anything else.');
  }
  if (accepted.has('empty')) {
    const what =
      'A callback that names no user and no change was answered OK: it is answered before it is handled, or nobody looks at what it says.';
    const advice = 'Answer OK after the work is done: what was answered OK is not sent again.';
    find('answered-unhandled', what, advice);
  }
  return findings;
}
