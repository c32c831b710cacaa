/** Why a signature was refused; the same words for both kinds of signature. */
export type SignatureFault = 'missing' | 'malformed-time' | 'too-old' | 'too-new' | 'mismatch' | 'no-secret';

/** Outcome of checking a signature. `detail` never holds a secret or the expected signature. */
export type SignatureCheck =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: SignatureFault; readonly detail: string };

/** A refusal. */
export function signatureFault(reason: SignatureFault, detail: string): SignatureCheck {
  return { ok: false, reason, detail };
}

/**
 * Compare the time of a signature with the receiver's clock.
 *
 * @param signedAtSeconds, nowSeconds  Unix seconds
 * @param windowSeconds                greatest difference that is accepted, in both directions
 * @returns the refusal, or undefined when it is within the window
 */
export function checkSignatureTime(
  signedAtSeconds: number,
  nowSeconds: number,
  windowSeconds: number,
): SignatureCheck | undefined {
  const ageSeconds = nowSeconds - signedAtSeconds;
  if (ageSeconds > windowSeconds) {
    return signatureFault('too-old', `signed ${ageSeconds} s ago; at most ${windowSeconds} s are accepted`);
  }
  if (-ageSeconds > windowSeconds) {
    return signatureFault('too-new', `signed ${-ageSeconds} s in the future; at most ${windowSeconds} s are accepted`);
  }
  return undefined;
}
