import type { Command } from 'commander';
import { type ClientFlags, newClientCommand, openClient } from '../client.ts';
import { print, printJson } from '../output.ts';
import { readSdkAppId } from './options.ts';

/** `portrait app delete <sdkAppId>`. */
export function appDelete(): Command {
  return newClientCommand('delete', {
    summary: 'delete an app with its endpoints, profiles and deliveries, for good',
    withoutApp: true,
    examples: ['portrait app delete 1400000002', 'portrait app delete 1400000002 --server http://10.0.0.5:8090'],
  })
    .argument('<sdkAppId>', 'the app')
    .action(deleteApp);
}

async function deleteApp(rawId: string, flags: ClientFlags): Promise<void> {
  const sdkAppId = readSdkAppId(rawId);
  await openClient(flags).send('DELETE', `/apps/${sdkAppId}`);
  if (flags.json) return printJson({ sdkAppId, deleted: true });
  print(`App ${sdkAppId} is deleted.`);
}
