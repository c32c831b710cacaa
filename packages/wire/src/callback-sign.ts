import { equalText } from './equal-text.ts';
import { sha256Hex } from './hash.ts';
import { checkSignatureTime, type SignatureCheck, signatureFault } from './signature-check.ts';

/** Greatest accepted difference between `RequestTime` and the receiver's clock; exactly 60 s are accepted. */
export const CALLBACK_SIGN_WINDOW_SECONDS = 60;

/**
 * The text whose SHA-256 in lower-case hex is `Sign`: token and RequestTime with nothing between.
 *
 * It covers neither URL nor body, so it is worth something over TLS only; see standard-webhooks.ts for the whole.
 *
 * @param requestTimeSeconds  Unix seconds, an integer
 * @see Tencent Cloud Chat, "Webhook Overview", document 1047/34354, authentication
 */
export function callbackSignContent(token: string, requestTimeSeconds: number): string {
  return token + requestTimeSeconds;
}

/** `Sign` of a callback URL: 64 lower-case hex digits. */
export function signCallback(token: string, requestTimeSeconds: number): Promise<string> {
  return sha256Hex(callbackSignContent(token, requestTimeSeconds));
}

/** What verifyCallbackSign needs. */
export interface CallbackSignInput {
  /** The endpoint's token; several while it is being changed. */
  readonly token: string | readonly string[];
  /** `Sign` and `RequestTime` of the URL. */
  readonly sign: string;
  readonly requestTimeSeconds: number;
  /** The receiver's clock, Unix seconds. */
  readonly nowSeconds: number;
}

/** Check `Sign` and `RequestTime`: time first, then the signature, compared in constant time. */
export async function verifyCallbackSign(input: CallbackSignInput): Promise<SignatureCheck> {
  const { sign, requestTimeSeconds } = input;
  const tokens = (typeof input.token === 'string' ? [input.token] : input.token).filter((token) => token !== '');
  if (tokens.length === 0) return signatureFault('no-secret', 'there is no token to verify with');
  if (!Number.isSafeInteger(requestTimeSeconds)) {
    return signatureFault('malformed-time', 'RequestTime is not an integer of seconds');
  }
  const timeFault = checkSignatureTime(requestTimeSeconds, input.nowSeconds, CALLBACK_SIGN_WINDOW_SECONDS);
  if (timeFault !== undefined) return timeFault;
  const expected = await Promise.all(tokens.map((token) => signCallback(token, requestTimeSeconds)));
  const matches = expected.filter((candidate) => equalText(candidate, sign));
  return matches.length > 0 ? { ok: true } : signatureFault('mismatch', 'Sign does not match the token');
}
