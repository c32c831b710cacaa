import type { Command } from 'commander';
import type { EndpointAnswer } from '../../admin/endpoint-schemas.ts';
import { type ClientFlags, newClientCommand, openClient } from '../client.ts';
import { option } from '../command-line.ts';
import { printJson } from '../output.ts';
import { ENDPOINT_ID, endpointPath } from './endpoint-path.ts';
import { printEndpoint } from './print-endpoint.ts';

interface Flags extends ClientFlags {
  readonly reveal?: boolean;
}

/** `portrait endpoint show <endpointId>`. */
export function endpointShow(): Command {
  return newClientCommand('show', {
    summary: 'show an endpoint',
    examples: ['portrait endpoint show ep_1a2b3c4d5e6f7g8h', 'portrait endpoint show ep_1a2b3c4d5e6f7g8h --reveal'],
  })
    .argument(...ENDPOINT_ID)
    .addOption(option('--reveal', 'show token and signing secrets too'))
    .action(showEndpoint);
}

async function showEndpoint(endpointId: string, flags: Flags): Promise<void> {
  const client = openClient(flags);
  const path = await endpointPath(client, endpointId);
  const endpoint = await client.get<EndpointAnswer>(path, { reveal: flags.reveal ? 'true' : undefined });
  if (flags.json) return printJson(endpoint);
  printEndpoint(endpoint, flags.reveal);
}
