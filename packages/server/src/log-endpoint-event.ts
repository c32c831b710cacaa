import type { Log } from './log.ts';
import type { Endpoint, EndpointEvent } from './storage/store.ts';

/** What somebody should look at. */
const WARNINGS: readonly EndpointEvent['kind'][] = ['gone', 'circuit-opened'];

/** One line `endpoint.state` for each thing that happened to an endpoint. */
export function logEndpointEvent({ kind, reason, detail }: EndpointEvent, endpoint: Endpoint, log: Log): void {
  const line = { endpointId: endpoint.endpointId, sdkAppId: endpoint.sdkAppId, kind, reason, detail };
  if (WARNINGS.includes(kind)) log.warn(line, 'endpoint.state');
  else log.info(line, 'endpoint.state');
}
