import { decodeBase64 } from './base64.ts';

const SECRET_PREFIX = 'whsec_';
const MIN_SECRET_BYTES = 24;
const MAX_SECRET_BYTES = 64;

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
