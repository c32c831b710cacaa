import type { Command } from 'commander';
import type { EndpointAnswer } from '../../admin/endpoint-schemas.ts';
import { type ClientFlags, newClientCommand, openClient } from '../client.ts';
import { print, printJson, printTable } from '../output.ts';

/** `portrait endpoint list`. */
export function endpointList(): Command {
  return newClientCommand('list', {
    summary: 'list the endpoints of an app',
    examples: ['portrait endpoint list', 'portrait endpoint list --app 1400000001 --json'],
  }).action(listEndpoints);
}

async function listEndpoints(flags: ClientFlags): Promise<void> {
  const client = openClient(flags);
  const items = await client.list<EndpointAnswer>(await client.appPath('/endpoints'));
  if (flags.json) return printJson({ items });
  if (items.length === 0)
    return print('No endpoints. Add one with: npx portrait endpoint add http://127.0.0.1:9000/callback');
  printTable(
    ['endpoint', 'state', 'url', 'commands'],
    items.map(({ endpointId, state, url, commands }) => [endpointId, state, url, commands.join(', ')]),
  );
}
