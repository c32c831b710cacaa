/** Reads a callback and judges its signatures, each for itself. */
import { type AppOptions, type RefusedCallback, type VerifiedCallback, verify } from '@portrait/receiver';
import { isWebhookKey, parseCallbackUrl } from '@portrait/wire';
import type { SecretSource } from './secret-source.ts';

/** What came of checking one signature. */
export interface Verdict {
  readonly kind: 'good' | 'bad' | 'not verified';
  /** why; absent if it is good */
  readonly detail?: string;
}

/** A callback, read and checked. */
export interface CheckedCallback {
  /** what it says, or why it says nothing */
  readonly content: VerifiedCallback | RefusedCallback;
  /** undefined if the URL doesn't say */
  readonly sdkAppId: number | undefined;
  /** on the `webhook-signature` header */
  readonly signature: Verdict;
  /** on `Sign` in the URL; undefined if there is none and none is expected */
  readonly sign: Verdict | undefined;
}

/** A callback as `portrait listen` has it: read whole. */
interface WholeCallback {
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/**
 * Read a callback and judge its signatures. If one does not fit, the source looks for newer secrets once.
 *
 * @param source  undefined = signatures aren't looked at
 */
export async function checkCallback(
  request: WholeCallback,
  source: SecretSource | undefined,
  nowMs: number,
): Promise<CheckedCallback> {
  const url = parseCallbackUrl(request.url);
  const sdkAppId = url.ok ? url.value.sdkAppId : undefined;
  const content = url.ok ? await readContent(request, url.value.sdkAppId) : refuse('url', url.fault.message);
  if (!source || sdkAppId === undefined) {
    const detail = source ? 'the URL names no app' : '--no-verify';
    return { content, sdkAppId, signature: { kind: 'not verified', detail }, sign: undefined };
  }
  const hasSign = url.ok && url.value.sign !== undefined;
  const hasSignature = request.headers['webhook-signature'] !== undefined;
  const judgement = { request, source, sdkAppId, hasSign, nowMs };
  let verdicts = await judge(judgement);
  if ((hasSign || hasSignature) && !areGood(verdicts)) {
    await source.refresh();
    verdicts = await judge(judgement);
  }
  return { content, sdkAppId, ...verdicts };
}

function refuse(reason: 'url' | 'app', detail: string): RefusedCallback {
  return { ok: false, reason, detail };
}

async function readContent(request: WholeCallback, sdkAppId: number): Promise<CheckedCallback['content']> {
  if (sdkAppId === 0) return refuse('app', 'SdkAppid 0, expected a positive number');
  return await verify(request, { sdkAppId, require: 'none' });
}

type Verdicts = Pick<CheckedCallback, 'signature' | 'sign'>;

function areGood({ signature, sign }: Verdicts): boolean {
  return signature.kind === 'good' && (sign === undefined || sign.kind === 'good');
}

async function judge(judgement: {
  readonly request: WholeCallback;
  readonly source: SecretSource;
  readonly sdkAppId: number;
  readonly hasSign: boolean;
  readonly nowMs: number;
}): Promise<Verdicts> {
  const { request, source, sdkAppId, hasSign, nowMs } = judgement;
  const { tokens, signingSecrets } = source.find(sdkAppId);
  const isUnknown = tokens.length === 0 && signingSecrets.length === 0;
  const why = source.origin() === undefined ? source.reason() : `nothing is known of app ${sdkAppId}`;
  const unverified = (what: string): Verdict => ({
    kind: 'not verified',
    detail: isUnknown ? why : `no ${what} is known`,
  });
  const judgeWith = async (kind: 'signature-' | 'sign-', known: Partial<AppOptions>): Promise<Verdict> => {
    const result = await verify(request, { sdkAppId, clock: { now: () => nowMs }, ...known });
    return !result.ok && result.reason.startsWith(kind) ? { kind: 'bad', detail: result.detail } : { kind: 'good' };
  };
  const judgeSignature = async (): Promise<Verdict> => {
    const wellFormed = signingSecrets.filter(isWebhookKey);
    if (wellFormed.length > 0) return await judgeWith('signature-', { signingSecrets: wellFormed });
    return { kind: 'bad', detail: 'there is no well-formed secret to verify with' };
  };
  return {
    signature: signingSecrets.length > 0 ? await judgeSignature() : unverified('signing secret'),
    sign: tokens.length > 0 ? await judgeWith('sign-', { token: tokens }) : hasSign ? unverified('token') : undefined,
  };
}
