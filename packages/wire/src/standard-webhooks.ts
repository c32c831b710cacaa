import { decodeBase64, encodeBase64 } from './base64.ts';
import { signEd25519, verifyEd25519 } from './ed25519.ts';
import { decodeSigningKey } from './ed25519-keys.ts';
import { equalText } from './equal-text.ts';
import { hmacSha256, hmacWithKey } from './hash.ts';
import { checkSignatureTime, type SignatureCheck, signatureFault } from './signature-check.ts';
import { decodeSigningSecret } from './signing-secret.ts';
import { importWebhookKeys, type WebhookKeys } from './webhook-keys.ts';

const TOLERANCE_SECONDS = 300;
const ED25519_SIGNATURE_BYTES = 64;
/** No sender has so many live keys; each further one would cost a receiver 0.1 ms and more. */
const MAX_ED25519_SIGNATURES = 16;
const DECIMAL = /^(?:0|[1-9][0-9]{0,14})$/;

/**
 * The text that is signed: id, time and body with dots between. `v1` is its HMAC-SHA256, `v1a` its Ed25519 signature.
 *
 * @param id  no dot in it, so that the three parts stay apart
 * @param timestampSeconds  Unix seconds, an integer
 * @see Standard Webhooks, spec/standard-webhooks.md, "Signature scheme"
 */
export function standardWebhookContent(id: string, timestampSeconds: number, body: string): string {
  return `${id}.${timestampSeconds}.${body}`;
}

/** What is signed, and with which live secrets. */
export interface StandardWebhookMessage {
  readonly id: string;
  readonly timestampSeconds: number;
  readonly body: string;
  /** Each as decodeSigningSecret or decodeSigningKey takes it; one signature per secret, in this order. */
  readonly secrets: readonly string[];
}

/**
 * Value of the `webhook-signature` header, separated by spaces: `v1,<base64>` of a `whsec_` secret, `v1a,<base64>` of a
 * private key `whsk_`.
 *
 * @throws TypeError when a secret is malformed
 */
export async function signStandardWebhook(message: StandardWebhookMessage): Promise<string> {
  const content = standardWebhookContent(message.id, message.timestampSeconds, message.body);
  const signatures = await Promise.all(message.secrets.map((secret) => signContent(secret, content)));
  return signatures.join(' ');
}

async function signContent(secret: string, content: string): Promise<string> {
  const key = decodeSigningSecret(secret);
  if (key !== undefined) return `v1,${encodeBase64(await hmacSha256(key, content))}`;
  const signingKey = decodeSigningKey(secret);
  if (signingKey !== undefined) return `v1a,${encodeBase64(await signEd25519(signingKey.seed, content))}`;
  throw new TypeError(
    'a signing secret must be whsec_ and 24 to 64 bytes, or whsk_ and an Ed25519 key of 32 or 64 bytes, in Base64',
  );
}

/** What verifyStandardWebhook needs; the first four as they came. */
export interface StandardWebhookInput {
  /** Header `webhook-id`; undefined or empty when it is not there, like the next two. */
  readonly id: string | undefined;
  /** Header `webhook-timestamp`. */
  readonly timestamp: string | undefined;
  /** Header `webhook-signature`. */
  readonly signature: string | undefined;
  /** Raw body, before it is parsed. */
  readonly body: string;
  /**
   * What is live: secrets `whsec_`, public keys `whpk_`, or their private ones `whsk_`; malformed ones are left out. Who
   * verifies much gives what importWebhookKeys made of them.
   */
  readonly secrets: readonly string[] | WebhookKeys;
  /** The receiver's clock, Unix seconds. */
  readonly nowSeconds: number;
  /** Greatest accepted difference of the clocks. Default 300. */
  readonly toleranceSeconds?: number | undefined;
}

/**
 * Check a message: headers there, time within the window, one signature made with one of the secrets.
 *
 * Signatures of other versions than `v1` and `v1a` are skipped; of `v1a` at most 16 are looked at. `v1` is compared in
 * constant time.
 *
 * @throws DOMException NotSupportedError when there is a `whpk_` or `whsk_` key and the runtime lacks Ed25519
 * @see Standard Webhooks, spec/standard-webhooks.md, "Verifying webhook authenticity"
 */
export async function verifyStandardWebhook(input: StandardWebhookInput): Promise<SignatureCheck> {
  const { id, timestamp, signature } = input;
  if (!id || !timestamp || !signature) return signatureFault('missing', `no header ${firstMissing(input)}`);
  if (!DECIMAL.test(timestamp)) return signatureFault('malformed-time', 'webhook-timestamp is not Unix seconds');
  const timestampSeconds = Number(timestamp);
  const timeFault = checkSignatureTime(timestampSeconds, input.nowSeconds, input.toleranceSeconds ?? TOLERANCE_SECONDS);
  if (timeFault !== undefined) return timeFault;
  const keys = isKeys(input.secrets) ? input.secrets : await importWebhookKeys(input.secrets);
  if (keys.hmac.length + keys.ed25519.length === 0) {
    return signatureFault('no-secret', 'there is no well-formed secret to verify with');
  }
  const content = standardWebhookContent(id, timestampSeconds, input.body);
  const received = signature.split(' ');
  if ((await hasHmac(received, keys.hmac, content)) || (await hasEd25519(received, keys.ed25519, content))) {
    return { ok: true };
  }
  return signatureFault('mismatch', 'no signature matches id, timestamp, body and secret');
}

function isKeys(secrets: readonly string[] | WebhookKeys): secrets is WebhookKeys {
  return 'hmac' in secrets;
}

function firstMissing(input: StandardWebhookInput): string {
  if (!input.id) return 'webhook-id';
  return input.timestamp ? 'webhook-signature' : 'webhook-timestamp';
}

async function hasHmac(received: readonly string[], keys: readonly CryptoKey[], content: string): Promise<boolean> {
  const macs = await Promise.all(keys.map((key) => hmacWithKey(key, content)));
  const expected = macs.map((mac) => `v1,${encodeBase64(mac)}`);
  return received.filter((one) => expected.some((candidate) => equalText(candidate, one))).length > 0;
}

async function hasEd25519(received: readonly string[], keys: readonly CryptoKey[], content: string): Promise<boolean> {
  if (keys.length === 0) return false;
  const signatures = received
    .filter((one) => one.startsWith('v1a,'))
    .slice(0, MAX_ED25519_SIGNATURES)
    .map((one) => decodeBase64(one.slice(4)))
    .filter((bytes) => bytes?.length === ED25519_SIGNATURE_BYTES) as Uint8Array<ArrayBuffer>[];
  const verdicts = await Promise.all(keys.map((key) => verifyEd25519(key, signatures, content)));
  return verdicts.includes(true);
}
