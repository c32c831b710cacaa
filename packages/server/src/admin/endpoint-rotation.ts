/** What a rotation makes of an endpoint's token or signing secrets. */
import { livePreviousToken, liveRetiringSecrets } from '../endpoint-secrets.ts';
import type { Endpoint } from '../storage/store.ts';
import { Problem } from './problem.ts';
import { DEFAULT_OVERLAP_SECONDS, type Rotation } from './rotation-schemas.ts';
import { createSigningSecret, createToken, typeOfSigningSecret } from './secrets.ts';

/** As many as `signingSecrets` may hold; each costs a signature at every attempt. */
const MAX_LIVE_SECRETS = 5;

/**
 * Give an endpoint a new token or signing secret; what was live stays so for the overlap, at the longest.
 *
 * @param nowMs  Unix milliseconds
 * @throws Problem 400 if a member does not fit; 409 if more than 5 signing secrets would be live
 */
export function rotateEndpoint(endpoint: Endpoint, rotation: Rotation, nowMs: number): Endpoint {
  const { what, overlapSeconds = DEFAULT_OVERLAP_SECONDS, type } = rotation;
  const untilMs = nowMs + overlapSeconds * 1_000;
  if (what === 'signingSecret') return rotateSigningSecret(endpoint, { nowMs, untilMs, type });
  if (type === undefined) return rotateToken(endpoint, nowMs, untilMs);
  throw Problem.ofFaults(400, [
    { in: 'body', pointer: '#/type', detail: 'is for signing secrets; a token has no types' },
  ]);
}

function rotateToken({ previousToken: _, ...endpoint }: Endpoint, nowMs: number, untilMs: number): Endpoint {
  const { token } = endpoint;
  const stays = token !== '' && untilMs > nowMs;
  return { ...endpoint, token: createToken(), ...(stays && { previousToken: { token, untilMs } }) };
}

function rotateSigningSecret(
  endpoint: Endpoint,
  { nowMs, untilMs, type }: { readonly nowMs: number; readonly untilMs: number; readonly type: Rotation['type'] },
): Endpoint {
  const { signingSecrets, retiringSecrets: _, ...rest } = endpoint;
  const old = [
    ...signingSecrets.map((secret) => ({ secret, untilMs })),
    ...liveRetiringSecrets(endpoint, nowMs).map(({ secret, untilMs: end }) => ({
      secret,
      untilMs: Math.min(end, untilMs),
    })),
  ].filter((one) => one.untilMs > nowMs);
  if (old.length >= MAX_LIVE_SECRETS) throw tooManySecrets(endpoint, nowMs);
  const [newest = ''] = signingSecrets;
  const made = createSigningSecret(type ?? typeOfSigningSecret(newest));
  return { ...rest, signingSecrets: [made], ...(old.length > 0 && { retiringSecrets: old }) };
}

function tooManySecrets(endpoint: Endpoint, nowMs: number): Problem {
  const ends = liveRetiringSecrets(endpoint, nowMs).map(({ untilMs }) => untilMs);
  const next = ends.length > 0 ? `wait until ${new Date(Math.min(...ends)).toISOString()}, ` : '';
  return new Problem(
    409,
    `${MAX_LIVE_SECRETS} signing secrets are live, which is the most: ${next}rotate with overlapSeconds 0, or replace signingSecrets`,
  );
}

/** @returns the endpoint without what has ended: it is not kept longer than it is of use */
export function withoutEndedSecrets(endpoint: Endpoint, nowMs: number): Endpoint {
  const { previousToken: _token, retiringSecrets: _secrets, ...rest } = endpoint;
  const previousToken = livePreviousToken(endpoint, nowMs);
  const retiringSecrets = liveRetiringSecrets(endpoint, nowMs);
  return { ...rest, ...(previousToken && { previousToken }), ...(retiringSecrets.length > 0 && { retiringSecrets }) };
}
