/** Ed25519 through WebCrypto: Node.js 20, Chromium 137, Firefox 129, Safari 17 and newer have it; others throw. */
import { decodeBase64 } from './base64.ts';
import { pkcs8OfSeed } from './ed25519-keys.ts';
import type { ImportedKey } from './hash.ts';
import { utf8Bytes } from './utf8.ts';

const ED25519 = 'Ed25519';

/** Signature of a text in UTF-8: 64 bytes, always the same ones for the same key and text. */
export async function signEd25519(seed: Uint8Array, text: string): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey('pkcs8', pkcs8OfSeed(seed), ED25519, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign(ED25519, key, utf8Bytes(text)));
}

/** A public key of 32 bytes, to verify with. */
export function importEd25519Key(publicKey: Uint8Array<ArrayBuffer>): Promise<ImportedKey> {
  return crypto.subtle.importKey('raw', publicKey, ED25519, false, ['verify']);
}

/** Public key of a private one: 32 bytes. */
export async function publicKeyOfSeed(seed: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey('pkcs8', pkcs8OfSeed(seed), ED25519, true, ['sign']);
  const { x = '' } = await crypto.subtle.exportKey('jwk', key);
  const bytes = decodeBase64(x.replaceAll('-', '+').replaceAll('_', '/'));
  if (bytes === undefined) throw new TypeError('the runtime gave a public key that is none');
  return bytes;
}
