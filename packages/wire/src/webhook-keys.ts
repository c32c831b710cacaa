import { decodeBase64 } from './base64.ts';
import { importEd25519Key } from './ed25519.ts';
import { decodeVerificationKey } from './ed25519-keys.ts';
import { type ImportedKey, importHmacKey } from './hash.ts';
import { checkSignatureTime, type SignatureCheck, signatureFault } from './signature-check.ts';
import { decodeSigningSecret } from './signing-secret.ts';
import { utf8Bytes } from './utf8.ts';
import { standardWebhookContent } from './webhook-content.ts';

const TOLERANCE_SECONDS = 300;
/** No sender has so many live keys; each further one would cost a receiver 0.1 ms and more. */
const MAX_SIGNATURES = 16;
const DECIMAL = /^(?:0|[1-9][0-9]{0,14})$/;

/** What signatures are verified with, in the form that WebCrypto takes: who verifies much imports them once. */
export type WebhookKeys = readonly ImportedKey[];

/** A message as it came. */
export interface WebhookInput {
  /** Header `webhook-id`; undefined or empty when it is not there, like the next two. */
  readonly id: string | undefined;
  /** Header `webhook-timestamp`. */
  readonly timestamp: string | undefined;
  /** Header `webhook-signature`. */
  readonly signature: string | undefined;
  /** Raw body, before it is parsed. */
  readonly body: string;
  /** The receiver's clock, Unix seconds. */
  readonly nowSeconds: number;
  /** Greatest accepted difference of the clocks. Default 300. */
  readonly toleranceSeconds?: number | undefined;
}

/**
 * Import secrets `whsec_` and public keys `whpk_`. Malformed ones are left out.
 *
 * @throws DOMException NotSupportedError when there is a `whpk_` key and the runtime lacks Ed25519
 */
export async function importWebhookKeys(secrets: readonly string[]): Promise<WebhookKeys> {
  const keys = await Promise.all(secrets.map(importWebhookKey));
  return keys.filter((key) => key !== undefined);
}

async function importWebhookKey(secret: string): Promise<ImportedKey | undefined> {
  const secretBytes = decodeSigningSecret(secret);
  if (secretBytes) return await importHmacKey(secretBytes);
  const publicKey = decodeVerificationKey(secret);
  return publicKey && (await importEd25519Key(publicKey));
}

/** Whether importWebhookKeys takes it. */
export function isWebhookKey(secret: string): boolean {
  return (decodeSigningSecret(secret) ?? decodeVerificationKey(secret)) !== undefined;
}

/**
 * Check a message: headers there, time within the window, one signature made with one of the keys.
 *
 * Signatures of other versions than `v1` and `v1a` are skipped; of each of the two at most 16 are looked at. They are compared
 * by WebCrypto, in constant time.
 *
 * @see Standard Webhooks, spec/standard-webhooks.md, "Verifying webhook authenticity"
 */
export async function verifyWebhook(keys: WebhookKeys, input: WebhookInput): Promise<SignatureCheck> {
  const { id, timestamp, signature } = input;
  if (!id || !timestamp || !signature) return signatureFault('missing', `no header ${firstMissing(input)}`);
  if (!DECIMAL.test(timestamp)) return signatureFault('malformed-time', 'webhook-timestamp is not Unix seconds');
  const { nowSeconds, toleranceSeconds = TOLERANCE_SECONDS } = input;
  const timeFault = checkSignatureTime(Number(timestamp), nowSeconds, toleranceSeconds);
  if (timeFault !== undefined) return timeFault;
  if (keys.length === 0) {
    return signatureFault('no-secret', 'there is no well-formed secret to verify with');
  }
  const content = utf8Bytes(standardWebhookContent(id, Number(timestamp), input.body));
  for (const key of keys) {
    if (await hasSignatureOf(key, signature, content)) return { ok: true };
  }
  return signatureFault('mismatch', 'no signature matches id, timestamp, body and secret');
}

/** One after the other, up to the first that is good: which one that is, is no secret, and each costs 20 µs. */
async function hasSignatureOf(key: ImportedKey, received: string, content: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const { name } = key.algorithm;
  const prefix = name === 'HMAC' ? 'v1,' : 'v1a,';
  const signatures = received.split(' ').filter((one) => one.startsWith(prefix));
  for (const one of signatures.slice(0, MAX_SIGNATURES)) {
    const bytes = decodeBase64(one.slice(prefix.length));
    if (bytes && (await crypto.subtle.verify(name, key, bytes, content))) return true;
  }
  return false;
}

function firstMissing({ id, timestamp }: WebhookInput): string {
  if (!id) return 'webhook-id';
  return timestamp ? 'webhook-signature' : 'webhook-timestamp';
}
