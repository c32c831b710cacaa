import { decodeBase64, encodeBase64 } from './base64.ts';

const SIGNING_PREFIX = 'whsk_';
const VERIFICATION_PREFIX = 'whpk_';
const SEED_BYTES = 32;
const PUBLIC_KEY_BYTES = 32;

/** What stands before the seed in a PKCS #8 document of an Ed25519 key (RFC 8410, section 7). */
const PKCS8_HEAD = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/** A private key as it was written down. */
export interface SigningKey {
  /** 32 bytes: the key itself (RFC 8032, section 5.1.5) */
  readonly seed: Uint8Array<ArrayBuffer>;
  /** the 32 bytes behind it, if they are there; not checked to belong to the seed */
  readonly publicKey: Uint8Array<ArrayBuffer> | undefined;
}

/**
 * Private key of the asymmetric form: `whsk_` and, in Base64, either seed and public key (64 bytes, what the senders in the
 * wild write) or the seed alone (32 bytes).
 *
 * @returns undefined when it is anything else
 * @see Standard Webhooks, spec/standard-webhooks.md, "Signature scheme", which leaves the bytes open
 */
export function decodeSigningKey(text: string): SigningKey | undefined {
  const bytes = decodeBehind(SIGNING_PREFIX, text);
  if (bytes?.length === SEED_BYTES) return { seed: bytes, publicKey: undefined };
  if (bytes?.length !== SEED_BYTES + PUBLIC_KEY_BYTES) return undefined;
  return { seed: bytes.slice(0, SEED_BYTES), publicKey: bytes.slice(SEED_BYTES) };
}

/** A private key in its form of 64 bytes. */
export function formatSigningKey(seed: Uint8Array, publicKey: Uint8Array): string {
  const bytes = new Uint8Array(SEED_BYTES + PUBLIC_KEY_BYTES);
  bytes.set(seed);
  bytes.set(publicKey, SEED_BYTES);
  return SIGNING_PREFIX + encodeBase64(bytes);
}

/** Public key: `whpk_` and 32 bytes in Base64. @returns undefined when it is anything else */
export function decodeVerificationKey(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = decodeBehind(VERIFICATION_PREFIX, text);
  return bytes?.length === PUBLIC_KEY_BYTES ? bytes : undefined;
}

/** @param publicKey  32 bytes */
export function formatVerificationKey(publicKey: Uint8Array): string {
  return VERIFICATION_PREFIX + encodeBase64(publicKey);
}

/** A private key as PKCS #8 in DER: the form that both WebCrypto and Node's crypto take. @param seed  32 bytes */
export function pkcs8OfSeed(seed: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(PKCS8_HEAD.length + SEED_BYTES);
  bytes.set(PKCS8_HEAD);
  bytes.set(seed, PKCS8_HEAD.length);
  return bytes;
}

function decodeBehind(prefix: string, text: string): Uint8Array<ArrayBuffer> | undefined {
  return text.startsWith(prefix) ? decodeBase64(text.slice(prefix.length)) : undefined;
}
