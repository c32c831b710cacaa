import { decodeBase64, encodeBase64 } from './base64.ts';
import { equalText } from './equal-text.ts';
import { hmacSha256 } from './hash.ts';
import { checkSignatureTime, type SignatureCheck, signatureFault } from './signature-check.ts';

const SECRET_PREFIX = 'whsec_';
const MIN_SECRET_BYTES = 24;
const MAX_SECRET_BYTES = 64;
const TOLERANCE_SECONDS = 300;
const DECIMAL = /^(?:0|[1-9][0-9]{0,14})$/;

/**
 * The text whose HMAC-SHA256 in Base64 is the signature: id, time and body with dots between.
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
  /** Each as decodeSigningSecret takes it; one signature per secret, in this order. */
  readonly secrets: readonly string[];
}

/**
 * Value of the `webhook-signature` header: `v1,<base64>`, separated by spaces.
 *
 * @throws TypeError when a secret is malformed
 */
export async function signStandardWebhook(message: StandardWebhookMessage): Promise<string> {
  const keys = message.secrets.map(decodeSigningSecret);
  const content = standardWebhookContent(message.id, message.timestampSeconds, message.body);
  const signatures = await Promise.all(keys.map((key) => signContent(key, content)));
  return signatures.join(' ');
}

async function signContent(key: Uint8Array<ArrayBuffer> | undefined, content: string): Promise<string> {
  if (key === undefined) throw new TypeError('a signing secret must be whsec_ and 24 to 64 bytes in Base64');
  return `v1,${encodeBase64(await hmacSha256(key, content))}`;
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
  /** Live secrets; malformed ones are left out. */
  readonly secrets: readonly string[];
  /** The receiver's clock, Unix seconds. */
  readonly nowSeconds: number;
  /** Greatest accepted difference of the clocks. Default 300. */
  readonly toleranceSeconds?: number | undefined;
}

/**
 * Check a message: headers there, time within the window, one signature made with one of the secrets.
 *
 * Signatures of other versions than `v1` are skipped. Comparison takes constant time.
 *
 * @see Standard Webhooks, spec/standard-webhooks.md, "Verifying webhook authenticity"
 */
export async function verifyStandardWebhook(input: StandardWebhookInput): Promise<SignatureCheck> {
  const { id, timestamp, signature } = input;
  if (!id || !timestamp || !signature) return signatureFault('missing', `no header ${firstMissing(input)}`);
  if (!DECIMAL.test(timestamp)) return signatureFault('malformed-time', 'webhook-timestamp is not Unix seconds');
  const timeFault = checkSignatureTime(
    Number(timestamp),
    input.nowSeconds,
    input.toleranceSeconds ?? TOLERANCE_SECONDS,
  );
  if (timeFault !== undefined) return timeFault;
  const secrets = input.secrets.filter((secret) => decodeSigningSecret(secret) !== undefined);
  if (secrets.length === 0) return signatureFault('no-secret', 'there is no well-formed secret to verify with');
  const expected = await signStandardWebhook({ id, timestampSeconds: Number(timestamp), body: input.body, secrets });
  if (hasCommonSignature(signature, expected)) return { ok: true };
  return signatureFault('mismatch', 'no signature matches id, timestamp, body and secret');
}

function firstMissing(input: StandardWebhookInput): string {
  if (!input.id) return 'webhook-id';
  return input.timestamp ? 'webhook-signature' : 'webhook-timestamp';
}

function hasCommonSignature(received: string, expected: string): boolean {
  const candidates = expected.split(' ');
  const matches = received.split(' ').filter((one) => candidates.some((candidate) => equalText(candidate, one)));
  return matches.length > 0;
}
