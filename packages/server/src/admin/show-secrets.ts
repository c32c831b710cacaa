/** Secrets of an endpoint as the API shows them: in clear to those who asked for them, else as good as not. */
import { livePreviousToken, liveRetiringSecrets } from '../endpoint-secrets.ts';
import { verificationKeyOf } from '../signing-keys.ts';
import type { Endpoint } from '../storage/store.ts';
import type { EndpointAnswer } from './endpoint-schemas.ts';
import { formatMoment } from './moment.ts';
import { maskSigningSecret } from './secrets.ts';
import { expiryOfTls } from './tls-rules.ts';
import type { TlsAnswer } from './tls-schemas.ts';

type ShownSecrets = Pick<
  EndpointAnswer,
  'token' | 'previousToken' | 'previousTokenUntil' | 'signingSecrets' | 'retiringSecrets' | 'verificationKeys'
>;

/** @param nowMs  Unix milliseconds: what has ended by then is not shown */
export function showEndpointSecrets(endpoint: Endpoint, nowMs: number, reveal: boolean): ShownSecrets {
  const { token, signingSecrets } = endpoint;
  const previousToken = livePreviousToken(endpoint, nowMs);
  const retiring = liveRetiringSecrets(endpoint, nowMs);
  const live = [...signingSecrets, ...retiring.map(({ secret }) => secret)];
  const show = (secret: string): string => (reveal ? secret : maskSigningSecret(secret));
  return {
    token: reveal || token === '' ? token : null,
    previousToken: (reveal && previousToken?.token) || null,
    previousTokenUntil: previousToken ? formatMoment(previousToken.untilMs) : null,
    signingSecrets: live.map(show),
    retiringSecrets: retiring.map(({ secret, untilMs }) => ({
      signingSecret: show(secret),
      until: formatMoment(untilMs),
    })),
    verificationKeys: live.map(verificationKeyOf).filter((key) => key !== undefined),
  };
}

/** The private key is shown only where it was asked for: the server never makes one. */
export function showTls(tls: Endpoint['tls'], reveal: boolean): TlsAnswer | null {
  if (!tls) return null;
  const { ca = null, cert = null, key = null } = tls;
  const endsAt = expiryOfTls(tls);
  return { ca, cert, key: reveal ? key : null, expiresAt: endsAt === undefined ? null : formatMoment(endsAt) };
}
