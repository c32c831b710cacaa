/** Tries a receiver out: callbacks it should take, then, if it takes any, callbacks it should refuse. */
import type { SuccessRule } from '@portrait/wire';
import { systemClock } from '../clock.ts';
import { type Finding, note, problem } from './finding.ts';
import { isTaken, isUnreached, judgeAnswer } from './judge-answer.ts';
import { judgeForgeries } from './judge-forgeries.ts';
import { type Forgery, type ForgeryName, type GoodSample, Samples, type Sender } from './samples.ts';
import { type PostResult, type SendOptions, sendCallback } from './send.ts';

/** One callback and what came of it. */
export interface TriedCallback {
  readonly name: (GoodSample | Forgery)['name'];
  readonly title: string;
  readonly expected: 'taken' | 'refused';
  readonly isAsExpected: boolean;
  readonly request: GoodSample['request'];
  readonly result: PostResult;
}

/** All that was seen. */
export interface Trial {
  readonly tried: readonly TriedCallback[];
  /** problems first */
  readonly findings: readonly Finding[];
}

/** Callbacks before an event ask for a decision: any ErrorCode is an answer. */
const BEFORE_AN_EVENT = /\.Callback(Before|Prev)/;

/** Send all samples, one after the other. */
export async function tryReceiver(
  sender: Sender,
  options: SendOptions,
  onTried: (tried: TriedCallback) => void = () => undefined,
): Promise<Trial> {
  const rule: SuccessRule = BEFORE_AN_EVENT.test(sender.command) ? 'tencent' : 'protocol';
  const samples = new Samples(sender);
  const tried: TriedCallback[] = [];
  const send = async (sample: GoodSample | Forgery, expected: TriedCallback['expected']): Promise<TriedCallback> => {
    const result = await sendCallback(sample.request, options);
    const isAsExpected = isTaken(result, rule) === (expected === 'taken');
    const one = { ...sample, expected, isAsExpected, result };
    tried.push(one);
    onTried(one);
    return one;
  };
  const findings = await tryGood(samples, rule, (sample) => send(sample, 'taken'));
  if (tried[0]?.isAsExpected) {
    for (const forgery of await samples.forged(systemClock.now())) await send(forgery, 'refused');
    findings.push(...judgeForged(tried, sender, rule));
  }
  findings.push(...noteSecrets(sender, tried));
  return { tried, findings: sortFindings(findings) };
}

type Send = (sample: GoodSample) => Promise<TriedCallback>;

async function tryGood(samples: Samples, rule: SuccessRule, send: Send): Promise<Finding[]> {
  const findings: Finding[] = [];
  const all = await samples.good(systemClock.now());
  for (const sample of all) {
    const { result } = await send(sample);
    findings.push(...judgeAnswer(result, rule));
    if (isUnreached(result)) return findings;
    if (sample === all[0] && isTaken(result, rule)) {
      const again = await send(await samples.repeat(systemClock.now()));
      if (!again.isAsExpected) findings.push(...judgeRepeat(again.result, rule));
    }
  }
  return findings;
}

function judgeRepeat(result: PostResult, rule: SuccessRule): readonly Finding[] {
  const seen = judgeAnswer(result, rule).map(({ what }) => what);
  const what = `The same callback was not taken a second time. ${seen.join(' ')}`;
  const advice =
    'Answer OK to a webhook-id that was handled before, without handling it again: senders repeat when an answer is lost.';
  return [problem('repeat', what, advice)];
}

function judgeForged(tried: readonly TriedCallback[], sender: Sender, rule: SuccessRule): readonly Finding[] {
  const forged = tried.filter(({ expected }) => expected === 'refused');
  const accepted = forged.filter(({ isAsExpected }) => !isAsExpected).map(({ name }) => name as ForgeryName);
  // an empty one may fail in the handler: that is an answer too
  const failed = forged.find(
    ({ name, result }) =>
      name !== 'empty' && !isTaken(result, rule) && (isUnreached(result) || statusOf(result) >= 500),
  );
  const findings = [...judgeForgeries(new Set(accepted), sender.signingSecrets.length > 0)];
  if (failed) {
    const how = isUnreached(failed.result) ? 'without an answer' : `with status ${statusOf(failed.result)}`;
    const what = `A callback (${failed.title}) ended ${how}, which looks like a fault and not like a refusal.`;
    findings.push(note('refusal', what, 'Refuse with a status such as 401.'));
  }
  return findings;
}

function statusOf(result: PostResult): number {
  return result.kind === 'answer' ? result.status : 0;
}

/** What could not be tried for want of a secret. */
function noteSecrets({ token, signingSecrets }: Sender, tried: readonly TriedCallback[]): readonly Finding[] {
  if (!tried[0]?.isAsExpected || signingSecrets.length > 0) return [];
  if (token !== undefined) {
    const what = 'Whether a changed body is noticed was not tried: Sign does not cover it.';
    return [
      note('body-untried', what, 'Portrait signs the body too: give --signing-secret, and verify webhook-signature.'),
    ];
  }
  const what = 'Callbacks were not signed, and such are taken.';
  return [
    problem('unsigned', what, 'Verify signatures, and give trigger the --signing-secret (or --token) of the receiver.'),
  ];
}

/** Each once; a receiver does with all samples what it does with the first. */
function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  const once = findings.filter(({ code }, at) => findings.findIndex((one) => one.code === code) === at);
  return once.toSorted((one, other) => Number(one.kind === 'note') - Number(other.kind === 'note'));
}
