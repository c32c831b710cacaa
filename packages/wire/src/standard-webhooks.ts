import { decodeBase64, encodeBase64 } from './base64.ts';
import { publicKeyOfSeed, signEd25519, verifyEd25519 } from './ed25519.ts';
import { decodeSigningKey, decodeVerificationKey } from './ed25519-keys.ts';
import { equalText } from './equal-text.ts';
import { hmacSha256 } from './hash.ts';
import { checkSignatureTime, type SignatureCheck, signatureFault } from './signature-check.ts';

const SECRET_PREFIX = 'whsec_';
const MIN_SECRET_BYTES = 24;
const MAX_SECRET_BYTES = 64;
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

/**
 * Key of a signing secret: `whsec_` and 24 to 64 bytes in Base64.
 *
 * @returns the bytes, or undefined when it is anything else
 * @see Standard Webhooks, spec/standard-webhooks.md, "Signature scheme"
 */
export function decodeSigningSecret(secret: string): Uint8Array<ArrayBuffer> | undefined {
  if (!secret.startsWith(SECRET_PREFIX)) return undefined;
  const key = decodeBase64(secret.slice(SECRET_PREFIX.length));
  if (key === undefined || key.length < MIN_SECRET_BYTES || key.length > MAX_SECRET_BYTES) return undefined;
  return key;
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
  /** What is live: secrets `whsec_`, public keys `whpk_`, or their private ones `whsk_`; malformed ones are left out. */
  readonly secrets: readonly string[];
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
  const hmacSecrets = input.secrets.filter((secret) => decodeSigningSecret(secret) !== undefined);
  const publicKeys = (await Promise.all(input.secrets.map(publicKeyOf))).filter((key) => key !== undefined);
  if (hmacSecrets.length + publicKeys.length === 0) {
    return signatureFault('no-secret', 'there is no well-formed secret to verify with');
  }
  const expected = await signStandardWebhook({ id, timestampSeconds, body: input.body, secrets: hmacSecrets });
  const content = standardWebhookContent(id, timestampSeconds, input.body);
  if (hasCommonSignature(signature, expected) || (await hasEd25519Signature(signature, publicKeys, content))) {
    return { ok: true };
  }
  return signatureFault('mismatch', 'no signature matches id, timestamp, body and secret');
}

function firstMissing(input: StandardWebhookInput): string {
  if (!input.id) return 'webhook-id';
  return input.timestamp ? 'webhook-signature' : 'webhook-timestamp';
}

function hasCommonSignature(received: string, expected: string): boolean {
  const candidates = expected.split(' ').filter((candidate) => candidate !== '');
  const matches = received.split(' ').filter((one) => candidates.some((candidate) => equalText(candidate, one)));
  return matches.length > 0;
}

async function publicKeyOf(secret: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const signingKey = decodeSigningKey(secret);
  return signingKey ? publicKeyOfSeed(signingKey.seed) : decodeVerificationKey(secret);
}

async function hasEd25519Signature(
  received: string,
  publicKeys: readonly Uint8Array<ArrayBuffer>[],
  content: string,
): Promise<boolean> {
  if (publicKeys.length === 0) return false;
  const signatures = received
    .split(' ')
    .filter((one) => one.startsWith('v1a,'))
    .slice(0, MAX_ED25519_SIGNATURES)
    .map((one) => decodeBase64(one.slice(4)))
    .filter((bytes) => bytes?.length === ED25519_SIGNATURE_BYTES) as Uint8Array<ArrayBuffer>[];
  if (signatures.length === 0) return false;
  const verdicts = await Promise.all(publicKeys.map((key) => verifyEd25519(key, signatures, content)));
  return verdicts.includes(true);
}
