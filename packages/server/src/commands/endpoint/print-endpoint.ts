import type { EndpointAnswer } from '../../admin/endpoint-schemas.ts';
import { printFacts } from '../output.ts';

/** What a person reads of `state`. */
const STATES: Readonly<Record<string, string>> = {
  paused: 'paused; goes on with: portrait endpoint resume',
  open: 'open: it fails for many users, so it is probed until it answers again',
};

/** Print an endpoint, one line per member. @param isRevealed  whether values of headers are shown, which may be secrets */
export function printEndpoint(endpoint: EndpointAnswer, isRevealed = false): void {
  printFacts([
    ['Endpoint', endpoint.endpointId],
    ['URL', endpoint.url],
    ['State', STATES[endpoint.state] ?? endpoint.state],
    ['Commands', endpoint.commands.join(', ')],
    ['Token', endpoint.token === null ? 'hidden; portrait endpoint show --reveal shows it' : endpoint.token || 'none'],
    ...endpoint.signingSecrets.map((secret) => ['Signing secret', secret] as const),
    ['Timeout', `${endpoint.timeoutMs} ms`],
    ['Success', endpoint.success],
    ['Attempts', `at most ${endpoint.maxAttempts}, then ${endpoint.onDead}`],
    ['Concurrency', String(endpoint.concurrency)],
    ['Rate', endpoint.ratePerSecond === 0 ? 'no limit' : `${endpoint.ratePerSecond} attempts per second`],
    ...Object.entries(endpoint.headers).map(
      ([name, value]) => ['Header', `${name}: ${isRevealed ? value : '(hidden)'}`] as const,
    ),
    ['Payload', endpoint.payload],
    ['Starts from', endpoint.startFrom],
  ]);
}
