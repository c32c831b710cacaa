import { encodeBase64 } from './base64.ts';
import { publicKeyOfSeed, signEd25519 } from './ed25519.ts';
import { decodeSigningKey, formatVerificationKey } from './ed25519-keys.ts';
import { hmacSha256 } from './hash.ts';
import type { SignatureCheck } from './signature-check.ts';
import { decodeSigningSecret } from './signing-secret.ts';
import { standardWebhookContent } from './webhook-content.ts';
import { importWebhookKeys, verifyWebhook, type WebhookInput } from './webhook-keys.ts';

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

/** What verifyStandardWebhook needs. */
export interface StandardWebhookInput extends WebhookInput {
  /** What is live: secrets `whsec_`, public keys `whpk_`, or their private ones `whsk_`; malformed ones are left out. */
  readonly secrets: readonly string[];
}

/**
 * Check one message, as verifyWebhook does.
 *
 * @throws DOMException NotSupportedError when there is a `whpk_` or `whsk_` key and the runtime lacks Ed25519
 */
export async function verifyStandardWebhook(input: StandardWebhookInput): Promise<SignatureCheck> {
  const secrets = await Promise.all(input.secrets.map(publicOf));
  return await verifyWebhook(await importWebhookKeys(secrets), input);
}

/** The public half of a private key; anything else as it is. */
async function publicOf(secret: string): Promise<string> {
  const key = decodeSigningKey(secret);
  return key ? formatVerificationKey(await publicKeyOfSeed(key.seed)) : secret;
}
