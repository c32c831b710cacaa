/** Makes the HTTP request of an attempt: URL, headers, signatures, body. */
import { hash } from 'node:crypto';
import { callbackSignContent, extendCallback, formatCallbackUrl, standardWebhookContent } from '@portrait/wire';
import { signingSecretsOf } from '../endpoint-secrets.ts';
import { createSigner, type Signer } from '../signing-keys.ts';
import type { ChangeEvent, Endpoint } from '../storage/store.ts';
import type { PostRequest } from './post.ts';

/** Writes the requests of one endpoint; what doesn't change from attempt to attempt is worked out once. */
export class CallbackFormat {
  readonly origin: string;
  readonly #endpoint: Endpoint;
  readonly #target: string;
  readonly #signers: readonly { readonly sign: Signer; readonly untilMs: number }[];
  readonly #fixedHeaders: readonly string[];

  /** @throws TypeError if the endpoint's URL is none */
  constructor(endpoint: Endpoint, version: string) {
    const url = new URL(endpoint.url);
    this.origin = url.origin;
    this.#endpoint = endpoint;
    this.#target = url.pathname + url.search;
    this.#signers = signingSecretsOf(endpoint).flatMap(({ secret, untilMs }) => {
      const sign = createSigner(secret);
      return sign ? { sign, untilMs } : [];
    });
    this.#fixedHeaders = [
      ...Object.entries(endpoint.headers).flat(),
      'content-type',
      'application/json',
      'user-agent',
      `Portrait/${version}`,
    ];
  }

  /**
   * @param attempt  1, 2, 3 …
   * @param nowMs    Unix milliseconds: signatures are fresh at every attempt, one for each secret that is live then
   */
  request(event: ChangeEvent, attempt: number, nowMs: number): PostRequest {
    const { payload, timeoutMs } = this.#endpoint;
    const { eventId, version: sequence, previousItems } = event;
    const body = payload === 'extended' ? extendCallback(event.body, { eventId, sequence, previousItems }) : event.body;
    const nowSeconds = Math.floor(nowMs / 1_000);
    const headers = [
      ...this.#fixedHeaders,
      'webhook-id',
      eventId,
      'webhook-timestamp',
      String(nowSeconds),
      'portrait-sequence',
      String(sequence),
      'portrait-attempt',
      String(attempt),
    ];
    const signers = this.#signers.filter(({ untilMs }) => untilMs > nowMs);
    if (signers.length > 0) {
      const content = standardWebhookContent(eventId, nowSeconds, body);
      headers.push('webhook-signature', signers.map(({ sign }) => sign(content)).join(' '));
    }
    return { path: this.#path(event, nowSeconds), headers, body, timeoutMs };
  }

  #path({ sdkAppId, command, clientIp, platform }: ChangeEvent, nowSeconds: number): string {
    const { token } = this.#endpoint;
    return formatCallbackUrl(this.#target, {
      sdkAppId,
      command,
      clientIp,
      platform,
      ...(token && { sign: { sign: signToken(token, nowSeconds), requestTimeSeconds: nowSeconds } }),
    });
  }
}

/** Tencent's `Sign`; the same as wire's signCallback, but synchronous: 20,000 a second pass here. */
function signToken(token: string, nowSeconds: number): string {
  return hash('sha256', callbackSignContent(token, nowSeconds));
}
