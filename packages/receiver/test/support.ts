/** What tests of the receiver share. */
import { type CallbackParts, ManualClock, signedParts } from '@portrait/receiver/testing';
import signatures from '../../wire/vectors/signatures.json' with { type: 'json' };

export const APP = 1_400_000_001;
export const TOKEN = 'mytoken';
export const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
export const OTHER_SECRET = `whsec_${Buffer.alloc(24, 8).toString('base64')}`;
export const AT_MS = 1_700_000_000_000;

const [asymmetric] = signatures.standardWebhooksAsymmetric.cases;
export const SIGNING_KEY: string = asymmetric?.signingKey ?? '';
export const VERIFICATION_KEY: string = asymmetric?.verificationKey ?? '';

/** Standing at the time at which callbacks of `sent` are signed. */
export const clockAt = (secondsLater = 0): ManualClock => new ManualClock(AT_MS + secondsLater * 1000);

/** A callback with both proofs, changed as a test wants it. */
export async function sent(change: Partial<CallbackParts> = {}): ReturnType<typeof signedParts> {
  return await signedParts({
    sdkAppId: APP,
    token: TOKEN,
    signingSecrets: [SECRET],
    sequence: 7,
    attempt: 2,
    ...change,
  });
}

/** What is thrown at nobody: hooks of handlers that a test does not look at. */
export const silent = { onError: () => undefined };
