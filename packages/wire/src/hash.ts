import { utf8Bytes } from './utf8.ts';

const HMAC_SHA256 = { name: 'HMAC', hash: 'SHA-256' } as const;

/** SHA-256 of a text in UTF-8, as 64 lower-case hex digits. */
export async function sha256Hex(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', utf8Bytes(text)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A key of WebCrypto. Its name, CryptoKey, is known to the types of browsers only. */
export type ImportedKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/** A key to sign and verify with. It must not be empty (WebCrypto refuses that in some runtimes). */
export function importHmacKey(key: Uint8Array<ArrayBuffer>): Promise<ImportedKey> {
  return crypto.subtle.importKey('raw', key, HMAC_SHA256, false, ['sign', 'verify']);
}

/** HMAC-SHA256 of a text in UTF-8: 32 bytes. The key must not be empty. */
export async function hmacSha256(key: Uint8Array<ArrayBuffer>, text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.sign('HMAC', await importHmacKey(key), utf8Bytes(text)));
}
