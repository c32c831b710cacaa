import { decodeBase64, encodeBase64 } from './base64.ts';
import { type Parsed, parsedFault, parsedOk } from './parsed.ts';
import { pipeBytes } from './pipe-bytes.ts';
import { utf8Bytes } from './utf8.ts';

const ILLEGAL = 70003;

/** Longest UserSig that is looked at, in characters; real ones have 150 to 400. */
export const MAX_USER_SIG_CHARACTERS = 4096;

/** Longest document that a UserSig may inflate to, in bytes; real ones have 150 to 400. */
export const MAX_USER_SIG_BYTES = 8192;

const USER_SIG = /^[A-Za-z0-9*_-]+$/;

/**
 * Put a document into the text form of a UserSig: zlib, Base64, then `+` as `*`, `/` as `-`, `=` as `_`.
 *
 * This is not the URL-safe alphabet of RFC 4648.
 *
 * @throws RangeError when the document is over the limits that decodeUserSigText sets
 */
export async function encodeUserSigText(document: string): Promise<string> {
  const bytes = utf8Bytes(document);
  const deflated = await pipeBytes(bytes, new CompressionStream('deflate'), MAX_USER_SIG_BYTES);
  const text = deflated === undefined ? undefined : replaceBase64(encodeBase64(deflated));
  if (text !== undefined && text.length <= MAX_USER_SIG_CHARACTERS && bytes.length <= MAX_USER_SIG_BYTES) return text;
  throw new RangeError(`a UserSig holds at most ${MAX_USER_SIG_BYTES} bytes, got ${bytes.length}`);
}

/**
 * Get the document out of a UserSig; any compression level.
 *
 * Bounded: at most 4,096 characters are decoded and 8,192 bytes inflated, whatever the content claims.
 *
 * @returns the document's text, not yet parsed, or 70003
 */
export async function decodeUserSigText(text: string): Promise<Parsed<string>> {
  const lengthFault = checkLength(text);
  if (lengthFault !== undefined) return parsedFault(ILLEGAL, lengthFault);
  const deflated = USER_SIG.test(text) ? decodeBase64(restoreBase64(text)) : undefined;
  if (deflated === undefined) return parsedFault(ILLEGAL, 'usersig: the text is not in the Base64 form of a UserSig');
  const bytes = await pipeBytes(deflated, new DecompressionStream('deflate'), MAX_USER_SIG_BYTES);
  const document = bytes === undefined ? undefined : decodeUtf8(bytes);
  return document === undefined
    ? parsedFault(ILLEGAL, `usersig: the content does not inflate to at most ${MAX_USER_SIG_BYTES} bytes of UTF-8`)
    : parsedOk(document);
}

function checkLength(text: string): string | undefined {
  if (text === '') return 'usersig: the text is empty';
  if (text.length <= MAX_USER_SIG_CHARACTERS) return undefined;
  return `usersig: at most ${MAX_USER_SIG_CHARACTERS} characters, got ${text.length}`;
}

function replaceBase64(text: string): string {
  return text.replaceAll('+', '*').replaceAll('/', '-').replaceAll('=', '_');
}

function restoreBase64(text: string): string {
  return text.replaceAll('*', '+').replaceAll('-', '/').replaceAll('_', '=');
}

function decodeUtf8(bytes: Uint8Array<ArrayBuffer>): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
