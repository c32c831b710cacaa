import type { Command } from 'commander';
import type { EndpointAnswer } from '../../admin/endpoint-schemas.ts';
import { UsageError } from '../../config.ts';
import { type ClientFlags, newClientCommand, openClient } from '../client.ts';
import { checkedOption, webAddress, withoutEnvironment } from '../command-line.ts';
import { printJson } from '../output.ts';
import { ENDPOINT_ID, endpointPath } from './endpoint-path.ts';
import { type EndpointFlags, endpointMembers, endpointOptions } from './options.ts';
import { printEndpoint } from './print-endpoint.ts';

interface Flags extends ClientFlags, EndpointFlags {
  readonly url?: string;
}

/** `portrait endpoint update <endpointId>`. */
export function endpointUpdate(): Command {
  const command = newClientCommand('update', {
    summary: 'change an endpoint; a list that is given replaces the one before',
    examples: [
      'portrait endpoint update ep_1a2b3c4d5e6f7g8h --timeout 5s --max-attempts 10',
      'portrait endpoint update ep_1a2b3c4d5e6f7g8h --url https://shop.example/chat --token ""',
    ],
  }).argument(...ENDPOINT_ID);
  command.addOption(withoutEnvironment(checkedOption('--url <url>', 'where to send callbacks', webAddress)));
  for (const option of endpointOptions()) command.addOption(withoutEnvironment(option));
  return command.action(updateEndpoint);
}

async function updateEndpoint(endpointId: string, flags: Flags): Promise<void> {
  const { url } = flags;
  const members = { ...(url !== undefined && { url }), ...endpointMembers(flags) };
  if (Object.keys(members).length === 0) {
    throw new UsageError(
      'portrait endpoint update takes what is to change, such as --timeout 5s. (portrait help endpoint update)',
    );
  }
  const client = openClient(flags);
  const endpoint = await client.send<EndpointAnswer>('PATCH', await endpointPath(client, endpointId), members);
  if (flags.json) return printJson(endpoint);
  printEndpoint(endpoint);
}
