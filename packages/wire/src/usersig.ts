import { equalText } from './equal-text.ts';
import { type Parsed, parsedFault, parsedOk, type WireFault } from './parsed.ts';
import {
  checkUserSigTime,
  formatUserSigDocument,
  parseUserSigDocument,
  signUserSigDocument,
  type UserSigDocument,
} from './usersig-document.ts';
import { decodeUserSigText, encodeUserSigText } from './usersig-text.ts';

const BAD_MAC = 70009;
const OTHER_USER = 70013;
const OTHER_APP = 70014;
const NO_KEY = 70016;
const DEFAULT_EXPIRE_SECONDS = 180 * 86400;

/** What signUserSig needs. */
export interface UserSigInput {
  readonly sdkAppId: number;
  readonly userId: string;
  /** The app's secret key as text, not empty. */
  readonly secretKey: string;
  /** Issue time, Unix seconds; a fraction is cut off. */
  readonly nowSeconds: number;
  /** Life in seconds. Default 180 days. */
  readonly expireSeconds?: number | undefined;
  /** Opaque bytes in standard Base64, as TRTC uses them. */
  readonly userbuf?: string | undefined;
}

/**
 * Make a UserSig: proof that a backend with the secret key lets this user in.
 *
 * @throws TypeError when secretKey is empty, RangeError when userId and userbuf are longer than a UserSig can hold
 * @see Tencent Cloud Chat, "Generating UserSig", document 1047/34385
 */
export async function signUserSig(input: UserSigInput): Promise<string> {
  const document: UserSigDocument = {
    userId: input.userId,
    sdkAppId: input.sdkAppId,
    issuedAtSeconds: Math.floor(input.nowSeconds),
    expireSeconds: input.expireSeconds ?? DEFAULT_EXPIRE_SECONDS,
    ...(input.userbuf !== undefined && { userbuf: input.userbuf }),
  };
  if (input.secretKey === '') throw new TypeError('secretKey: expected a text, got an empty one');
  const mac = await signUserSigDocument(document, input.secretKey);
  return encodeUserSigText(formatUserSigDocument({ document, mac }));
}

/**
 * Read what a UserSig says, without believing it: nothing is verified.
 *
 * @returns its document, or 70003 if it is no UserSig of version 2.0
 */
export async function parseUserSig(userSig: string): Promise<Parsed<UserSigDocument>> {
  const text = await decodeUserSigText(userSig);
  if (!text.ok) return text;
  const signed = parseUserSigDocument(text.value);
  return signed.ok ? parsedOk(signed.value.document) : signed;
}

/** What a UserSig is checked against. */
export interface UserSigExpectation {
  readonly sdkAppId: number;
  readonly userId: string;
  /** The app's secret key as text. */
  readonly secretKey: string;
  /** Unix seconds. */
  readonly nowSeconds: number;
}

/**
 * Verify a UserSig.
 *
 * | check, in this order | code |
 * |---|---|
 * | at most 4,096 characters, decodes to a version 2.0 document of at most 8,192 bytes | 70003 |
 * | made for this app | 70014 |
 * | made for this user | 70013 |
 * | times, see checkUserSigTime | 70001, 70003 |
 * | the app has a key | 70016 |
 * | MAC, compared in constant time | 70009 |
 *
 * @see Tencent Cloud Chat, "Generating UserSig", document 1047/34385; "Error Codes", document 1047/34348
 */
export async function verifyUserSig(userSig: string, expected: UserSigExpectation): Promise<Parsed<UserSigDocument>> {
  const text = await decodeUserSigText(userSig);
  if (!text.ok) return text;
  const signed = parseUserSigDocument(text.value);
  if (!signed.ok) return signed;
  const { document, mac } = signed.value;
  const fault = checkClaims(document, expected);
  if (fault !== undefined) return { ok: false, fault };
  if (expected.secretKey === '') return parsedFault(NO_KEY, 'usersig: the app has no secret key to verify with');
  if (equalText(await signUserSigDocument(document, expected.secretKey), mac)) return parsedOk(document);
  return parsedFault(BAD_MAC, 'usersig: not signed with the secret key of this app');
}

function checkClaims(document: UserSigDocument, expected: UserSigExpectation): WireFault | undefined {
  if (document.sdkAppId !== expected.sdkAppId) {
    return { code: OTHER_APP, message: `usersig: made for another SDKAppID than ${expected.sdkAppId}` };
  }
  if (document.userId !== expected.userId) {
    return { code: OTHER_USER, message: 'usersig: made for another UserID than that of the request' };
  }
  return checkUserSigTime(document, expected.nowSeconds);
}
