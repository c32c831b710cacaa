import type { Command } from 'commander';
import { type ClientFlags, newClientCommand, openClient } from '../client.ts';
import { print, printJson } from '../output.ts';
import { ENDPOINT_ID, endpointPath } from './endpoint-path.ts';

/** `portrait endpoint delete <endpointId>`. */
export function endpointDelete(): Command {
  return newClientCommand('delete', {
    summary: 'delete an endpoint with its delivery log; what waits for it is not sent',
    examples: [
      'portrait endpoint delete ep_1a2b3c4d5e6f7g8h',
      'portrait endpoint delete ep_1a2b3c4d5e6f7g8h --app 1400000001',
    ],
  })
    .argument(...ENDPOINT_ID)
    .action(deleteEndpoint);
}

async function deleteEndpoint(endpointId: string, flags: ClientFlags): Promise<void> {
  const client = openClient(flags);
  await client.send('DELETE', await endpointPath(client, endpointId));
  if (flags.json) return printJson({ endpointId, deleted: true });
  print(`Endpoint ${endpointId} is deleted.`);
}
