import type { AdminClient } from '../client.ts';

/** The argument that names an endpoint. */
export const ENDPOINT_ID: readonly [name: string, help: string] = [
  '<endpointId>',
  'ep_…, as "portrait endpoint list" prints it',
];

/** @returns path of an endpoint of the app that is meant */
export function endpointPath(client: AdminClient, endpointId: string): Promise<string> {
  return client.appPath(`/endpoints/${encodeURIComponent(endpointId)}`);
}
