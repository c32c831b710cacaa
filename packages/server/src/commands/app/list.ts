import type { Command } from 'commander';
import type { AppAnswer } from '../../admin/app-schemas.ts';
import { type ClientFlags, newClientCommand, openClient } from '../client.ts';
import { print, printJson, printTable } from '../output.ts';

/** `portrait app list`. */
export function appList(): Command {
  return newClientCommand('list', {
    summary: 'list the apps of a server',
    withoutApp: true,
    examples: ['portrait app list', 'portrait app list --server http://10.0.0.5:8090 --json'],
  }).action(listApps);
}

async function listApps(flags: ClientFlags): Promise<void> {
  const items = await openClient(flags).list<AppAnswer>('/apps');
  if (flags.json) return printJson({ items });
  if (items.length === 0) return print('No apps. Make one with: npx portrait app create --name shop');
  printTable(
    ['SDKAppID', 'name', 'administrators', 'custom fields', 'created'],
    items.map((app) => [
      String(app.sdkAppId),
      app.name,
      app.administrators.join(', '),
      String(app.customFields.length),
      app.createdAt,
    ]),
  );
}
