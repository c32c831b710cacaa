import { decodeBase64, encodeBase64 } from './base64.ts';
import { hmacSha256 } from './hash.ts';
import { type Parsed, parsedFault, parsedOk, type WireFault } from './parsed.ts';
import { isRawObject } from './raw-object.ts';
import { utf8Bytes } from './utf8.ts';

const EXPIRED = 70001;
const ILLEGAL = 70003;
const MAX_FUTURE_SECONDS = 300;
const MAX_EXPIRE_SECONDS = 50 * 366 * 86400;

/** What a UserSig says. */
export interface UserSigDocument {
  readonly userId: string;
  readonly sdkAppId: number;
  /** Unix seconds. */
  readonly issuedAtSeconds: number;
  /** A duration. */
  readonly expireSeconds: number;
  /** Opaque bytes in standard Base64; profile servers have no use for it. */
  readonly userbuf?: string;
}

/** A document as it was sent, with its MAC in standard Base64. */
export interface SignedUserSigDocument {
  readonly document: UserSigDocument;
  readonly mac: string;
}

/**
 * Check the times of a UserSig; the last second of its life is still valid.
 *
 * Pure and cheap: a server that keeps verified documents calls it again at every use.
 *
 * @returns 70001 when it has expired; 70003 when it was issued more than 300 s in the future, or lives for no time at
 *   all or for more than 50 years; undefined when it is valid
 * @see Tencent Cloud Chat, "Generating UserSig", documents 1047/34385 and 269/2660 (50 years)
 */
export function checkUserSigTime(document: UserSigDocument, nowSeconds: number): WireFault | undefined {
  const { issuedAtSeconds, expireSeconds } = document;
  if (nowSeconds > issuedAtSeconds + expireSeconds) {
    return { code: EXPIRED, message: `usersig: expired at Unix second ${issuedAtSeconds + expireSeconds}` };
  }
  if (issuedAtSeconds > nowSeconds + MAX_FUTURE_SECONDS) {
    return { code: ILLEGAL, message: `usersig: issued ${issuedAtSeconds - nowSeconds} s in the future` };
  }
  if (expireSeconds > 0 && expireSeconds <= MAX_EXPIRE_SECONDS) return undefined;
  return { code: ILLEGAL, message: `usersig: expected a life of 1 s to 50 years, got ${expireSeconds} s` };
}

/** The MAC over a document, in standard Base64. The key is the secret as text: its hex digits are not decoded. */
export async function signUserSigDocument(document: UserSigDocument, secretKey: string): Promise<string> {
  return encodeBase64(await hmacSha256(utf8Bytes(secretKey), signedText(document)));
}

function signedText(document: UserSigDocument): string {
  const lines = [
    `TLS.identifier:${document.userId}`,
    `TLS.sdkappid:${document.sdkAppId}`,
    `TLS.time:${document.issuedAtSeconds}`,
    `TLS.expire:${document.expireSeconds}`,
  ];
  if (document.userbuf !== undefined) lines.push(`TLS.userbuf:${document.userbuf}`);
  return lines.map((line) => `${line}\n`).join('');
}

/** The JSON text of a signed document, members in the order of Tencent's Node library. */
export function formatUserSigDocument({ document, mac }: SignedUserSigDocument): string {
  return JSON.stringify({
    'TLS.ver': '2.0',
    'TLS.identifier': document.userId,
    'TLS.sdkappid': document.sdkAppId,
    'TLS.time': document.issuedAtSeconds,
    'TLS.expire': document.expireSeconds,
    ...(document.userbuf !== undefined && { 'TLS.userbuf': document.userbuf }),
    'TLS.sig': mac,
  });
}

const isText = (value: unknown): boolean => typeof value === 'string' && value.isWellFormed();
const isInteger = (value: unknown): boolean => Number.isSafeInteger(value);

/** Base64 and nothing else: a line break in it could pass the lines of one signed text off as another's. */
const isUserbuf = (value: unknown): boolean => typeof value === 'string' && decodeBase64(value) !== undefined;

const MEMBERS: readonly (readonly [name: string, isFine: (value: unknown) => boolean])[] = [
  ['TLS.ver', (value) => value === '2.0'],
  ['TLS.identifier', isText],
  ['TLS.sdkappid', isInteger],
  ['TLS.time', isInteger],
  ['TLS.expire', isInteger],
  ['TLS.userbuf', (value) => value === undefined || isUserbuf(value)],
  ['TLS.sig', isText],
];

/** Read the JSON text of a UserSig; 70003 when it is not a version 2.0 document. Nothing is verified yet. */
export function parseUserSigDocument(text: string): Parsed<SignedUserSigDocument> {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return parsedFault(ILLEGAL, 'usersig: the content is not JSON');
  }
  if (!isRawObject(raw)) return parsedFault(ILLEGAL, 'usersig: the content is not a JSON object');
  for (const [name, isFine] of MEMBERS) {
    if (!isFine(raw[name])) return parsedFault(ILLEGAL, `usersig: ${name} is missing or not as in version 2.0`);
  }
  const document = {
    userId: raw['TLS.identifier'] as string,
    sdkAppId: raw['TLS.sdkappid'] as number,
    issuedAtSeconds: raw['TLS.time'] as number,
    expireSeconds: raw['TLS.expire'] as number,
    ...(raw['TLS.userbuf'] !== undefined && { userbuf: raw['TLS.userbuf'] as string }),
  };
  return parsedOk({ document, mac: raw['TLS.sig'] as string });
}
