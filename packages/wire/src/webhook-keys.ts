/** Keys of Standard Webhooks in the form that WebCrypto takes, so that who verifies much imports them once. */
import { importEd25519Key, publicKeyOfSeed } from './ed25519.ts';
import { decodeSigningKey, decodeVerificationKey } from './ed25519-keys.ts';
import { importHmacKey } from './hash.ts';
import { decodeSigningSecret } from './signing-secret.ts';

/** Made by importWebhookKeys; holds for as long as the secrets it was made of are live. */
export interface WebhookKeys {
  readonly hmac: readonly CryptoKey[];
  readonly ed25519: readonly CryptoKey[];
}

/**
 * Import what signatures are verified with: secrets `whsec_`, public keys `whpk_`, or their private ones `whsk_`. Malformed
 * ones are left out.
 *
 * @throws DOMException NotSupportedError when there is a `whpk_` or `whsk_` key and the runtime lacks Ed25519
 */
export async function importWebhookKeys(secrets: readonly string[]): Promise<WebhookKeys> {
  const [hmac, ed25519] = await Promise.all([
    Promise.all(secrets.map(importSecret)),
    Promise.all(secrets.map(importPublicKey)),
  ]);
  return { hmac: hmac.filter((key) => key !== undefined), ed25519: ed25519.filter((key) => key !== undefined) };
}

/** Whether a text is one of the three forms that signatures are verified with. */
export function isWebhookKey(secret: string): boolean {
  return [decodeSigningSecret, decodeVerificationKey, decodeSigningKey].some((decode) => decode(secret) !== undefined);
}

async function importSecret(secret: string): Promise<CryptoKey | undefined> {
  const bytes = decodeSigningSecret(secret);
  return bytes && (await importHmacKey(bytes));
}

async function importPublicKey(secret: string): Promise<CryptoKey | undefined> {
  const signingKey = decodeSigningKey(secret);
  const bytes = signingKey ? await publicKeyOfSeed(signingKey.seed) : decodeVerificationKey(secret);
  return bytes && (await importEd25519Key(bytes));
}
