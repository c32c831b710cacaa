/** Reads a callback and judges its signatures, each for itself. */
import { type AcceptedCallback, type CallbackRequest, type RefusedCallback, verifyCallback } from '@portrait/receiver';
import { parseCallbackUrl } from '@portrait/wire';
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
  readonly content: AcceptedCallback | RefusedCallback;
  /** undefined if the URL doesn't say */
  readonly sdkAppId: number | undefined;
  /** on the `webhook-signature` header */
  readonly signature: Verdict;
  /** on `Sign` in the URL; undefined if there is none and none is expected */
  readonly sign: Verdict | undefined;
}

/**
 * Read a callback and judge its signatures. If one does not fit, the source looks for newer secrets once.
 *
 * @param source  undefined = signatures aren't looked at
 */
export async function checkCallback(
  request: CallbackRequest & { readonly headers: Readonly<Record<string, string | readonly string[] | undefined>> },
  source: SecretSource | undefined,
  nowMs: number,
): Promise<CheckedCallback> {
  const url = parseCallbackUrl(request.url);
  const sdkAppId = url.ok ? url.value.sdkAppId : undefined;
  const content = await verifyCallback(request, { sdkAppId: sdkAppId ?? 0, nowMs });
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

type Verdicts = Pick<CheckedCallback, 'signature' | 'sign'>;

function areGood({ signature, sign }: Verdicts): boolean {
  return signature.kind === 'good' && (sign === undefined || sign.kind === 'good');
}

async function judge(judgement: {
  readonly request: CallbackRequest;
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
  const verify = async (kind: 'signature-' | 'sign-', secrets: object): Promise<Verdict> => {
    const result = await verifyCallback(request, { sdkAppId, nowMs, ...secrets });
    return !result.ok && result.reason.startsWith(kind) ? { kind: 'bad', detail: result.detail } : { kind: 'good' };
  };
  return {
    signature:
      signingSecrets.length > 0 ? await verify('signature-', { signingSecrets }) : unverified('signing secret'),
    sign: tokens.length > 0 ? await verify('sign-', { token: tokens }) : hasSign ? unverified('token') : undefined,
  };
}
