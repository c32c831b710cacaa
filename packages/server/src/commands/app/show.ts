import type { Command } from 'commander';
import type { AppAnswer } from '../../admin/app-schemas.ts';
import { type ClientFlags, newClientCommand, openClient } from '../client.ts';
import { option } from '../command-line.ts';
import { printJson } from '../output.ts';
import { readSdkAppId } from './options.ts';
import { printApp } from './print-app.ts';

interface Flags extends ClientFlags {
  readonly reveal?: boolean;
}

/** `portrait app show [sdkAppId]`. */
export function appShow(): Command {
  return newClientCommand('show', {
    summary: 'show an app',
    examples: ['portrait app show', 'portrait app show 1400000001 --reveal'],
  })
    .argument('[sdkAppId]', 'the app, if it is not named by --app and not the only one')
    .addOption(option('--reveal', 'show the secret key too'))
    .action(showApp);
}

async function showApp(rawId: string | undefined, flags: Flags): Promise<void> {
  const client = openClient(flags);
  const id = rawId === undefined ? await client.appId() : readSdkAppId(rawId);
  const app = await client.get<AppAnswer>(`/apps/${id}`, { reveal: flags.reveal ? 'true' : undefined });
  if (flags.json) return printJson(app);
  printApp(app);
}
