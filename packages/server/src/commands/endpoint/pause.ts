import type { Command } from 'commander';
import type { EndpointAnswer } from '../../admin/endpoint-schemas.ts';
import { type ClientFlags, newClientCommand, openClient } from '../client.ts';
import { print, printJson } from '../output.ts';
import { ENDPOINT_ID, endpointPath } from './endpoint-path.ts';

/** `portrait endpoint pause <endpointId>`. */
export function endpointPause(): Command {
  return newClientCommand('pause', {
    summary: 'stop sending to an endpoint; changes wait for it, in order',
    examples: ['portrait endpoint pause ep_1a2b3c4d5e6f7g8h', 'portrait endpoint pause ep_1a2b3c4d5e6f7g8h --json'],
  })
    .argument(...ENDPOINT_ID)
    .action((endpointId: string, flags: ClientFlags) =>
      turn(endpointId, flags, {
        action: 'pause',
        words: `${endpointId} is paused: its callbacks wait. Go on with: portrait endpoint resume ${endpointId}`,
      }),
    );
}

/** `portrait endpoint resume <endpointId>`. */
export function endpointResume(): Command {
  return newClientCommand('resume', {
    summary: 'send to a paused endpoint again, from where it stopped; probe one that is down now',
    examples: ['portrait endpoint resume ep_1a2b3c4d5e6f7g8h', 'portrait endpoint resume ep_1a2b3c4d5e6f7g8h --json'],
  })
    .argument(...ENDPOINT_ID)
    .action((endpointId: string, flags: ClientFlags) =>
      turn(endpointId, flags, {
        action: 'resume',
        words: `${endpointId} is active: what has waited is sent now, in order.`,
      }),
    );
}

async function turn(
  endpointId: string,
  flags: ClientFlags,
  { action, words }: { readonly action: 'pause' | 'resume'; readonly words: string },
): Promise<void> {
  const client = openClient(flags);
  const path = await endpointPath(client, endpointId);
  const endpoint = await client.send<EndpointAnswer>('POST', `${path}/${action}`);
  if (flags.json) return printJson(endpoint);
  print(words);
}
