/** Which secrets of an endpoint are live at a moment: worked out from the time, so that an overlap ends by itself. */
import type { Endpoint, RetiringSecret } from './storage/store.ts';

/** Everything that signs now or did until its overlap ended, newest first. `untilMs` is Infinity where no end is set. */
export function signingSecretsOf({ signingSecrets, retiringSecrets = [] }: Endpoint): readonly RetiringSecret[] {
  return [...signingSecrets.map((secret) => ({ secret, untilMs: Number.POSITIVE_INFINITY })), ...retiringSecrets];
}

/** Those rotated out whose overlap still lasts; each signs too. */
export function liveRetiringSecrets({ retiringSecrets = [] }: Endpoint, nowMs: number): readonly RetiringSecret[] {
  return retiringSecrets.filter(({ untilMs }) => untilMs > nowMs);
}

/** The token before the last rotation, while its overlap lasts. It signs nothing. */
export function livePreviousToken({ previousToken }: Endpoint, nowMs: number): Endpoint['previousToken'] {
  return previousToken && previousToken.untilMs > nowMs ? previousToken : undefined;
}
