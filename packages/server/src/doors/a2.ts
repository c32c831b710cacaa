/**
 * The key of a login, which a client shows with every frame instead of its UserSig (the protocol calls it A2).
 *
 * It says all that is needed to know the client again, signed with the app's secret key: nothing of it is stored, so that it
 * outlives restarts and holds on every node. It lives as long as the UserSig it was given for, and falls with it: what
 * revokes that UserSig, or a new secret key, ends it too.
 *
 *     p1.<base64url of a JSON list>.<base64url of the HMAC-SHA256>
 */
import { createHmac } from 'node:crypto';
import { equalText } from '@portrait/wire';

/** What an a2 says. */
export interface A2Claims {
  readonly sdkAppId: number;
  readonly userId: string;
  /** number of the session */
  readonly instId: number;
  /** Unix milliseconds of the login */
  readonly loginAtMs: number;
  /** of the UserSig, Unix seconds: what a kick is compared with */
  readonly issuedAtSeconds: number;
  /** of the UserSig, Unix seconds; the last second still counts */
  readonly expiresAtSeconds: number;
}

const VERSION = 'p1';
/** An a2 has about 150 characters; longer ones are not looked at. */
const MAX_CHARACTERS = 512;
const FORM = /^p1\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/;

export function signA2(claims: A2Claims, secretKey: string): string {
  const { sdkAppId, userId, instId, loginAtMs, issuedAtSeconds, expiresAtSeconds } = claims;
  const list = [sdkAppId, userId, instId, loginAtMs, issuedAtSeconds, expiresAtSeconds];
  const content = Buffer.from(JSON.stringify(list)).toString('base64url');
  return `${VERSION}.${content}.${macOf(content, secretKey)}`;
}

/** @returns what it says if it was signed with this key, else undefined. Times are not looked at. */
export function verifyA2(a2: unknown, secretKey: string): A2Claims | undefined {
  if (typeof a2 !== 'string' || a2.length > MAX_CHARACTERS) return undefined;
  const [, content, mac] = FORM.exec(a2) ?? [];
  if (content === undefined || mac === undefined || !equalText(macOf(content, secretKey), mac)) return undefined;
  const [sdkAppId, userId, instId, loginAtMs, issuedAtSeconds, expiresAtSeconds] = JSON.parse(
    Buffer.from(content, 'base64url').toString(),
  );
  return { sdkAppId, userId, instId, loginAtMs, issuedAtSeconds, expiresAtSeconds };
}

/** The first line keeps it apart from the other text that is signed with this key, that of UserSigs. */
function macOf(content: string, secretKey: string): string {
  return createHmac('sha256', secretKey).update(`Portrait.a2:${VERSION}\n${content}`).digest('base64url');
}
