import type { Command } from 'commander';
import type { EndpointAnswer } from '../../admin/endpoint-schemas.ts';
import { DEFAULT_OVERLAP_SECONDS } from '../../admin/rotation-schemas.ts';
import { UsageError } from '../../config.ts';
import { type ClientFlags, newClientCommand, openClient } from '../client.ts';
import { checkedOption, duration, oneOf, parseValue, withoutEnvironment } from '../command-line.ts';
import { print, printFacts, printJson } from '../output.ts';
import { ENDPOINT_ID, endpointPath } from './endpoint-path.ts';
import { secretFacts } from './print-endpoint.ts';

interface Flags extends ClientFlags {
  readonly overlap?: number;
  readonly type?: string;
}

/** Kind of a signing secret. */
export const secretTypeCheck: ReturnType<typeof oneOf<'hmac-sha256' | 'ed25519'>> = oneOf(['hmac-sha256', 'ed25519']);

/** `portrait endpoint rotate <endpointId> <what>`. */
export function endpointRotate(): Command {
  return newClientCommand('rotate', {
    summary: 'give an endpoint a new token or signing secret; the old one stays live for a while',
    note: `Old signing secrets sign beside the new one until the overlap ends. Of two tokens
the new one signs at once: a receiver that asks for Sign refuses callbacks until
it has it, and they are tried again.`,
    examples: [
      'portrait endpoint rotate ep_1a2b3c4d5e6f7g8h signing-secret --overlap 24h',
      'portrait endpoint rotate ep_1a2b3c4d5e6f7g8h token',
    ],
  })
    .argument(...ENDPOINT_ID)
    .argument('<what>', 'token or signing-secret')
    .addOption(
      withoutEnvironment(
        checkedOption(
          '--overlap <duration>',
          'how long the old one stays live, 0s for not at all (default: 24h)',
          duration('0s', '30d'),
        ),
      ),
    )
    .addOption(
      withoutEnvironment(
        checkedOption(
          '--type <type>',
          'kind of the new signing secret: hmac-sha256 or ed25519 (default: as the newest one)',
          secretTypeCheck,
        ),
      ),
    )
    .action(rotateEndpoint);
}

async function rotateEndpoint(endpointId: string, rawWhat: string, flags: Flags): Promise<void> {
  const what = parseValue('<what>', rawWhat, oneOf(['token', 'signing-secret']));
  const { overlap, type } = flags;
  if (type !== undefined && what === 'token')
    throw new UsageError('--type is for signing secrets; a token has no types.');
  const overlapSeconds = overlap === undefined ? DEFAULT_OVERLAP_SECONDS : Math.ceil(overlap / 1_000);
  const client = openClient(flags);
  const endpoint = await client.send<EndpointAnswer>('POST', `${await endpointPath(client, endpointId)}/rotate`, {
    what: what === 'token' ? 'token' : 'signingSecret',
    overlapSeconds,
    ...(type !== undefined && { type }),
  });
  if (flags.json) return printJson(endpoint);
  printFacts([
    ['Endpoint', endpoint.endpointId],
    ['URL', endpoint.url],
    ['Token', endpoint.token || undefined],
    ...secretFacts(endpoint),
  ]);
  print();
  print(adviceOn(endpoint, what, overlapSeconds));
}

function adviceOn({ signingSecrets: [newest = ''] }: EndpointAnswer, what: string, overlapSeconds: number): string {
  const refused = 'a receiver that asks for it refuses callbacks until it has it, and they are tried again.';
  if (what === 'token') return `The new token signs from now on. Give it to what runs at this URL: ${refused}`;
  const made = newest.startsWith('whsk_') ? 'verification key' : 'signing secret';
  return overlapSeconds === 0
    ? `The old ones have ended. Give the new ${made} to what runs at this URL: ${refused}`
    : `Give the new ${made} to what runs at this URL before the old one ends; that happens by itself.`;
}
