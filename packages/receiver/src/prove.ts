import { type ParsedCallbackUrl, type SignatureFault, verifyCallbackSign, verifyWebhook } from '@portrait/wire';
import { type CallbackHeaders, readHeader } from './incoming.ts';
import type { App } from './verify-options.ts';

/** What proves that a callback is the sender's; only the first covers the body. */
export type Proof = 'body-signature' | 'token' | 'none';

/** A proof that is missing or wrong: `sign-…` of the URL, `signature-…` of the Standard Webhooks headers. */
export interface ProofFault {
  readonly ok: false;
  readonly reason: `sign-${SignatureFault}` | `signature-${SignatureFault}`;
  readonly detail: string;
}

/** What of a callback its proofs are about. */
export interface ProofInput {
  readonly url: ParsedCallbackUrl;
  readonly headers: CallbackHeaders;
  readonly body: string;
  readonly nowSeconds: number;
}

const HEADERS = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const;

/** Hold a callback to the app's policy, as it is described there. */
export async function prove(app: App, input: ProofInput): Promise<Proof | ProofFault> {
  if (app.policy === 'none') return 'none';
  if (app.policy === 'token') return (await checkSign(app, input)) ?? 'token';
  const headers = HEADERS.map((name) => readHeader(input.headers, name));
  // one of the three headers is enough to be held to all of them: taking one away must not help
  const isSigned = app.policy === 'body-signature' || headers.some((value) => value !== undefined);
  const fault = isSigned ? await checkSignature(app, headers, input) : undefined;
  if (fault) return fault;
  const hasSign = app.tokens.length > 0 && input.url.sign !== undefined;
  const signFault = !isSigned || hasSign ? await checkSign(app, input) : undefined;
  return signFault ?? (isSigned ? 'body-signature' : 'token');
}

async function checkSign(app: App, { url, nowSeconds }: ProofInput): Promise<ProofFault | undefined> {
  if (url.sign === undefined) {
    return { ok: false, reason: 'sign-missing', detail: 'the URL has no Sign and RequestTime' };
  }
  const check = await verifyCallbackSign({ token: app.tokens, ...url.sign, nowSeconds });
  return check.ok ? undefined : { ...check, reason: `sign-${check.reason}` };
}

async function checkSignature(
  app: App,
  [id, timestamp, signature]: readonly (string | undefined)[],
  { body, nowSeconds }: ProofInput,
): Promise<ProofFault | undefined> {
  const check = await verifyWebhook(await app.keys(), { id, timestamp, signature, body, nowSeconds });
  return check.ok ? undefined : { ...check, reason: `signature-${check.reason}` };
}
