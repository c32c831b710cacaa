import type { Command } from 'commander';
import type { EndpointAnswer } from '../../admin/endpoint-schemas.ts';
import { type ClientFlags, newClientCommand, openClient } from '../client.ts';
import { type Check, checkedOption, parseValue, webAddress } from '../command-line.ts';
import { print, printFacts, printJson } from '../output.ts';
import { type EndpointFlags, endpointMembers, endpointOptions } from './options.ts';
import { secretFacts } from './print-endpoint.ts';
import { secretTypeCheck } from './rotate.ts';

interface Flags extends ClientFlags, EndpointFlags {
  readonly signingSecretType?: string;
  readonly startFrom?: string;
}

const startFromCheck: Check<string> = {
  expects: 'now, beginning or a time like 2026-11-23T10:00:00Z',
  parse: (raw) => (/^(now|beginning)$/.test(raw) || !Number.isNaN(Date.parse(raw)) ? raw : undefined),
};

/** `portrait endpoint add <url>`. */
export function endpointAdd(): Command {
  const command = newClientCommand('add', {
    summary: "send an app's callbacks to a URL",
    examples: [
      'portrait endpoint add http://127.0.0.1:9000/callback',
      'portrait endpoint add https://shop.example/chat --token s3cr3t --success tencent --header "X-Team: chat"',
    ],
  }).argument('<url>', 'where to send them, http or https');
  for (const option of endpointOptions()) command.addOption(option);
  command.addOption(
    checkedOption(
      '--signing-secret-type <type>',
      'kind of the new signing secret: hmac-sha256, or ed25519, which receivers verify with a public key (default: hmac-sha256)',
      secretTypeCheck,
    ),
  );
  command.addOption(
    checkedOption(
      '--start-from <point>',
      'first change to send: now, beginning or a time (default: now)',
      startFromCheck,
    ),
  );
  return command.action(addEndpoint);
}

async function addEndpoint(rawUrl: string, flags: Flags): Promise<void> {
  const url = parseValue('<url>', rawUrl, webAddress);
  const client = openClient(flags);
  const { startFrom, signingSecretType } = flags;
  const members = {
    url,
    ...endpointMembers(flags),
    ...(signingSecretType !== undefined && { signingSecretType }),
    ...(startFrom !== undefined && { startFrom }),
  };
  const endpoint = await client.send<EndpointAnswer>('POST', await client.appPath('/endpoints'), members);
  if (flags.json) return printJson(endpoint);
  printFacts([
    ['Endpoint', endpoint.endpointId],
    ['URL', endpoint.url],
    ['Token', endpoint.token || undefined],
    ...secretFacts(endpoint),
  ]);
  print();
  const isPublic = endpoint.verificationKeys.length === endpoint.signingSecrets.length;
  const what = isPublic ? 'verification key' : 'signing secret';
  print(`Give the ${what} to what runs at this URL: it proves that a callback comes from here, unchanged.`);
}
