import {
  type OptPlatform,
  type ParsedCallbackUrl,
  parseCallbackUrl,
  type SignatureFault,
  verifyCallbackSign,
  verifyStandardWebhook,
} from '@portrait/wire';
import { type CallbackEvent, readEvent } from './event.ts';
import { type CallbackRequest, readHeader } from './request.ts';

/** What a receiver knows of its endpoint. */
export interface VerifyOptions {
  /** The app whose callbacks are expected. */
  readonly sdkAppId: number;
  /**
   * Token of the endpoint, or several while it is being changed; without it `Sign` is not looked at. `Sign` proves that its
   * maker knows the token and nothing else: neither URL nor body is covered.
   */
  readonly token?: string | readonly string[] | undefined;
  /**
   * What the body's signature is verified with, all that is live: signing secrets of the endpoint (`whsec_…`) and its
   * verification keys (`whpk_…`, which are no secret). One match is enough; without any signatures are not looked at.
   */
  readonly signingSecrets?: readonly string[] | undefined;
  /** The receiver's clock, Unix milliseconds. Default `Date.now()`. */
  readonly nowMs?: number | undefined;
}

/**
 * Why a callback was refused.
 *
 * `url`: no SdkAppid or command in it. `app`: another app's. `sign-…`: `Sign` and `RequestTime` of the URL.
 * `signature-…`: the Standard Webhooks headers. `body`: not the documented body. `command`: URL and body disagree.
 */
export type RefusalReason =
  | 'url'
  | 'app'
  | `sign-${SignatureFault}`
  | `signature-${SignatureFault}`
  | 'body'
  | 'command';

/** A callback that is not what it should be; `detail` is a sentence for the log, without secrets. */
export interface RefusedCallback {
  readonly ok: false;
  readonly reason: RefusalReason;
  readonly detail: string;
}

/** How a callback came; from headers beyond the documented protocol, so each may be absent. */
export interface CallbackDelivery {
  /** `webhook-id`: the same at every attempt; for dropping repeats. */
  readonly webhookId: string | undefined;
  /** `portrait-sequence`: version of the profile, 1, 2, 3 … per user. Not covered by a signature. */
  readonly sequence: number | undefined;
  /** `portrait-attempt`: 1 for the first. Not covered by a signature. */
  readonly attempt: number | undefined;
}

/** A callback that passed every check that was asked for. */
export interface AcceptedCallback {
  readonly ok: true;
  readonly command: string;
  readonly event: CallbackEvent;
  /** Address of the client that caused the event; empty when not told. */
  readonly clientIp: string;
  readonly platform: OptPlatform;
  readonly delivery: CallbackDelivery;
}

/**
 * Verify a callback, then read it.
 *
 * Signatures are checked before the body is parsed. Require `signingSecrets`: they alone cover the body. With `token` alone
 * whoever sees one URL can send any body with it for a minute; with neither only the app id is checked, which anybody can
 * fake.
 *
 * Never throws for what came over the network. Throws NotSupportedError if there is a `whpk_…` key and the runtime's
 * WebCrypto lacks Ed25519 (Node.js has it from 20 on).
 *
 * @see Tencent Cloud Chat, "Webhook Overview", document 1047/34354; Standard Webhooks, spec/standard-webhooks.md
 */
export async function verifyCallback(
  request: CallbackRequest,
  options: VerifyOptions,
): Promise<AcceptedCallback | RefusedCallback> {
  const url = parseCallbackUrl(request.url);
  if (!url.ok) return refuse('url', url.fault.message);
  if (url.value.sdkAppId !== options.sdkAppId) {
    return refuse('app', `SdkAppid ${url.value.sdkAppId}, expected ${options.sdkAppId}`);
  }
  const nowSeconds = Math.floor((options.nowMs ?? Date.now()) / 1000);
  const refusal =
    (await checkSign(url.value, options.token, nowSeconds)) ??
    (await checkSignature(request, options.signingSecrets, nowSeconds));
  return refusal ?? accept(request, url.value);
}

async function checkSign(
  url: ParsedCallbackUrl,
  token: string | readonly string[] | undefined,
  nowSeconds: number,
): Promise<RefusedCallback | undefined> {
  if (token === undefined) return undefined;
  if (url.sign === undefined) return refuse('sign-missing', 'the URL has no Sign and RequestTime');
  const check = await verifyCallbackSign({ token, ...url.sign, nowSeconds });
  return check.ok ? undefined : refuse(`sign-${check.reason}`, check.detail);
}

async function checkSignature(
  { headers, body }: CallbackRequest,
  secrets: readonly string[] | undefined,
  nowSeconds: number,
): Promise<RefusedCallback | undefined> {
  if (secrets === undefined) return undefined;
  const check = await verifyStandardWebhook({
    id: readHeader(headers, 'webhook-id'),
    timestamp: readHeader(headers, 'webhook-timestamp'),
    signature: readHeader(headers, 'webhook-signature'),
    body,
    secrets,
    nowSeconds,
  });
  return check.ok ? undefined : refuse(`signature-${check.reason}`, check.detail);
}

function accept({ headers, body }: CallbackRequest, url: ParsedCallbackUrl): AcceptedCallback | RefusedCallback {
  const read = readEvent(url.command, body);
  if (!read.ok) return refuse(read.reason, read.detail);
  return {
    ok: true,
    command: url.command,
    event: read.event,
    clientIp: url.clientIp,
    platform: url.platform,
    delivery: {
      webhookId: readHeader(headers, 'webhook-id'),
      sequence: readCount(readHeader(headers, 'portrait-sequence')),
      attempt: readCount(readHeader(headers, 'portrait-attempt')),
    },
  };
}

function readCount(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9][0-9]{0,14}$/.test(text) ? Number(text) : undefined;
}

function refuse(reason: RefusalReason, detail: string): RefusedCallback {
  return { ok: false, reason, detail };
}
