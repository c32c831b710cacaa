import type { EndpointAnswer } from '../../admin/endpoint-schemas.ts';
import { printFacts } from '../output.ts';

/** What a person reads of an endpoint's state. */
function describeState({ endpointId, state, stateReason, circuit }: EndpointAnswer): string {
  if (state === 'active') return state;
  if (state === 'paused') {
    const why = stateReason === 'gone' ? ' because it answered 410 (gone)' : '';
    return `paused${why}; goes on with: portrait endpoint resume ${endpointId}`;
  }
  if (circuit.state === 'half-open')
    return `open since ${circuit.since}: it answers again, and gets more and more at a time`;
  return `open since ${circuit.since} (${stateReason}): it is down, and is probed until it answers again`;
}

/** Print an endpoint, one line per member. @param isRevealed  whether values of headers are shown, which may be secrets */
export function printEndpoint(endpoint: EndpointAnswer, isRevealed = false): void {
  printFacts([
    ['Endpoint', endpoint.endpointId],
    ['URL', endpoint.url],
    ['State', describeState(endpoint)],
    ['Next probe', endpoint.circuit.nextProbeAt],
    ['Commands', endpoint.commands.join(', ')],
    ['Token', endpoint.token === null ? 'hidden; portrait endpoint show --reveal shows it' : endpoint.token || 'none'],
    ...secretFacts(endpoint),
    ['Timeout', `${endpoint.timeoutMs} ms`],
    ['Success', endpoint.success],
    ['Attempts', `at most ${endpoint.maxAttempts}, then ${endpoint.onDead}`],
    ['Concurrency', String(endpoint.concurrency)],
    ['Rate', endpoint.ratePerSecond === 0 ? 'no limit' : `${endpoint.ratePerSecond} attempts per second`],
    ...Object.entries(endpoint.headers).map(
      ([name, value]) => ['Header', `${name}: ${isRevealed ? value : '(hidden)'}`] as const,
    ),
    ...tlsFacts(endpoint),
    ['Payload', endpoint.payload],
    ['Starts from', endpoint.startFrom],
  ]);
}

/** What proves where a callback comes from: live secrets, and until when those that were replaced. */
export function secretFacts(endpoint: EndpointAnswer): (readonly [name: string, value: string])[] {
  const { previousToken, previousTokenUntil, signingSecrets, retiringSecrets, verificationKeys } = endpoint;
  const ends = new Map(retiringSecrets.map(({ signingSecret, until }) => [signingSecret, until]));
  return [
    ...(previousTokenUntil === null
      ? []
      : [['Previous token', `${previousToken ?? 'hidden'}, until ${previousTokenUntil}`] as const]),
    ...signingSecrets.map((secret) => {
      const until = ends.get(secret);
      return ['Signing secret', until === undefined ? secret : `${secret}, until ${until}`] as const;
    }),
    ...verificationKeys.map((key) => ['Verification key', key] as const),
  ];
}

function tlsFacts({ tls }: EndpointAnswer): (readonly [name: string, value: string])[] {
  if (!tls) return [];
  const parts = [tls.ca && 'own authority', tls.cert && 'client certificate'].filter((part) => part);
  return [['TLS', `${parts.join(', ')}${tls.expiresAt ? `; ends ${tls.expiresAt}` : ''}`]];
}
