import { type OptPlatform, type ParsedCallbackUrl, parseCallbackUrl } from '@portrait/wire';
import { systemClock } from './clock.ts';
import { type CallbackEvent, readEvent } from './event.ts';
import { type CallbackHeaders, type IncomingCallback, readHeader } from './incoming.ts';
import { type Proof, type ProofFault, prove } from './prove.ts';
import { readBody } from './read-body.ts';
import { readApps, type VerifyOptions } from './verify-options.ts';

const DEFAULT_MAX_BODY_BYTES = 1024 * 1024;

/**
 * Why a callback was refused.
 *
 * `method`: not POST. `url`: no SdkAppid or command in it. `app`: another app's. `too-large`: longer than maxBodyBytes.
 * `sign-…`: `Sign` and `RequestTime` of the URL. `signature-…`: the Standard Webhooks headers. `body`: not the documented
 * body, or it broke off. `command`: URL and body disagree.
 */
export type RefusalReason = 'method' | 'url' | 'app' | 'too-large' | ProofFault['reason'] | 'body' | 'command';

/** A callback that is not what it should be; `detail` is a sentence for the log, without secrets. */
export interface RefusedCallback {
  readonly ok: false;
  readonly reason: RefusalReason;
  readonly detail: string;
}

/** How a callback came. Only what the body says is covered by a signature; of the rest here `webhookId` alone. */
export interface CallbackDelivery {
  readonly sdkAppId: number;
  /** What it was accepted for. */
  readonly provedBy: Proof;
  /** Address of the client that caused the event; empty when not told. */
  readonly clientIp: string;
  readonly platform: OptPlatform;
  /** `webhook-id`: the same at every attempt. Absent from Tencent, like what follows. */
  readonly webhookId: string | undefined;
  /** Version of the profile, 1, 2, 3 … per user: from the extended body if it has it, else `portrait-sequence`. */
  readonly sequence: number | undefined;
  /** `portrait-attempt`: 1 for the first. */
  readonly attempt: number | undefined;
  /** Whether a person had it sent to try the endpoint out (`portrait endpoint test`, `portrait trigger`). */
  readonly isSample: boolean;
}

/** A callback that passed every check that was asked for. */
export interface VerifiedCallback {
  readonly ok: true;
  readonly event: CallbackEvent;
  readonly delivery: CallbackDelivery;
  /** The raw body. */
  readonly text: string;
}

/** A callback was refused; thrown by verifyOrThrow. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly reason: RefusalReason;

  constructor({ reason, detail }: RefusedCallback) {
    super(`callback refused (${reason}): ${detail}`);
    this.reason = reason;
  }
}

/** Verifies callbacks with options that were checked, and keys that were imported, once. */
export type Verifier = (request: IncomingCallback) => Promise<VerifiedCallback | RefusedCallback>;

/**
 * Make a verifier, for those who verify more than one callback.
 *
 * @throws TypeError when the options make no sense, such as an empty token, or nothing to verify with
 */
export function createVerifier(options: VerifyOptions): Verifier {
  const apps = readApps(options);
  const { maxBodyBytes = DEFAULT_MAX_BODY_BYTES, clock = systemClock } = options;
  return async (request) => {
    if (request.method !== undefined && request.method !== 'POST') {
      return refuse('method', `${request.method}; callbacks come as POST`);
    }
    const url = parseCallbackUrl(request.url);
    if (!url.ok) return refuse('url', url.fault.message);
    const app = apps.get(url.value.sdkAppId);
    if (!app) return refuse('app', `SdkAppid ${url.value.sdkAppId} is not expected`);
    const body = await readBody(request, maxBodyBytes);
    if (!body.ok) return body;
    const { headers } = request;
    const nowSeconds = Math.floor(clock.now() / 1000);
    const proof = await prove(app, { url: url.value, headers, body: body.text, nowSeconds });
    if (typeof proof !== 'string') return proof;
    const read = readEvent(url.value.command, body.text);
    if (!read.ok) return read;
    const { event } = read;
    return { ok: true, event, delivery: readDelivery(url.value, headers, event, proof), text: body.text };
  };
}

/**
 * Verify a callback, then read it: SdkAppid, size, proofs as `require` asks, and only then the content.
 *
 * Never throws for what came over the network.
 *
 * @param request  a `Request`, or what a server of another kind has: `{ method, url, headers, body }`
 * @throws TypeError when the options make no sense. BodyConsumedError when the body was read before. NotSupportedError if
 *   there is a `whpk_…` key and the runtime's WebCrypto lacks Ed25519 (Node.js has it from 20 on).
 * @see Tencent Cloud Chat, "Webhook Overview", document 1047/34354; Standard Webhooks, spec/standard-webhooks.md
 */
export async function verify(
  request: IncomingCallback,
  options: VerifyOptions,
): Promise<VerifiedCallback | RefusedCallback> {
  return await createVerifier(options)(request);
}

/** As verify. @throws RefusedError, with the reason, instead of returning a refusal */
export async function verifyOrThrow(request: IncomingCallback, options: VerifyOptions): Promise<VerifiedCallback> {
  const result = await verify(request, options);
  if (result.ok) return result;
  throw new RefusedError(result);
}

function readDelivery(
  { sdkAppId, clientIp, platform }: ParsedCallbackUrl,
  headers: CallbackHeaders,
  event: CallbackEvent,
  provedBy: Proof,
): CallbackDelivery {
  const inBody = 'userId' in event ? event.sequence : undefined;
  const sequence = inBody ?? readCount(readHeader(headers, 'portrait-sequence'));
  return {
    sdkAppId,
    provedBy,
    clientIp,
    platform,
    webhookId: readHeader(headers, 'webhook-id') || undefined,
    sequence: sequence || undefined,
    attempt: readCount(readHeader(headers, 'portrait-attempt')) || undefined,
    isSample: sequence === 0,
  };
}

function readCount(text: string | undefined): number | undefined {
  return text !== undefined && /^(0|[1-9][0-9]{0,14})$/.test(text) ? Number(text) : undefined;
}

function refuse(reason: RefusalReason, detail: string): RefusedCallback {
  return { ok: false, reason, detail };
}
