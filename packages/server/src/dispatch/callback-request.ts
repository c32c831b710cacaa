/** Makes the HTTP request of an attempt: URL, headers, signatures, body. */
import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import {
  callbackSignContent,
  decodeSigningSecret,
  extendCallback,
  formatCallbackUrl,
  standardWebhookContent,
} from '@portrait/wire';
import type { ChangeEvent, Endpoint } from '../storage/store.ts';
import type { PostRequest } from './post.ts';

/** Writes the requests of one endpoint; what doesn't change from attempt to attempt is worked out once. */
export class CallbackFormat {
  readonly origin: string;
  readonly #endpoint: Endpoint;
  readonly #target: string;
  /** key objects: with raw bytes each HMAC makes one anew, 15 µs instead of 2 */
  readonly #keys: readonly KeyObject[];
  readonly #fixedHeaders: readonly string[];

  /** @throws TypeError if the endpoint's URL is none */
  constructor(endpoint: Endpoint, version: string) {
    const url = new URL(endpoint.url);
    this.origin = url.origin;
    this.#endpoint = endpoint;
    this.#target = url.pathname + url.search;
    this.#keys = endpoint.signingSecrets
      .map((secret) => decodeSigningSecret(secret))
      .filter((key) => key !== undefined)
      .map((key) => createSecretKey(key));
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
   * @param nowMs    Unix milliseconds: signatures are fresh at every attempt
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
    if (this.#keys.length > 0) headers.push('webhook-signature', this.#signature(eventId, nowSeconds, body));
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

  /** One signature for each live secret, space-separated. */
  #signature(id: string, nowSeconds: number, body: string): string {
    const content = standardWebhookContent(id, nowSeconds, body);
    return this.#keys.map((key) => `v1,${createHmac('sha256', key).update(content).digest('base64')}`).join(' ');
  }
}

/** Tencent's `Sign`; the same as wire's signCallback, but synchronous: 20,000 a second pass here. */
function signToken(token: string, nowSeconds: number): string {
  return hash('sha256', callbackSignContent(token, nowSeconds));
}
