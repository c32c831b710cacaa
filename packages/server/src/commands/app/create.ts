import type { Command } from 'commander';
import type { AppAnswer } from '../../admin/app-schemas.ts';
import { UsageError } from '../../config.ts';
import { type ClientFlags, newClientCommand, openClient } from '../client.ts';
import { checkedOption } from '../command-line.ts';
import { print, printJson } from '../output.ts';
import { type AppFlags, appMembers, appOptions, sdkAppIdCheck } from './options.ts';
import { printApp } from './print-app.ts';

interface Flags extends ClientFlags, AppFlags {
  readonly sdkAppId?: number;
}

/** `portrait app create`. */
export function appCreate(): Command {
  const command = newClientCommand('create', {
    summary: 'make an app and print its secret key, once',
    withoutApp: true,
    examples: [
      'portrait app create --name shop',
      'portrait app create --name shop --sdk-app-id 1400000002 --custom-field Level:string:read=user,admin:write=admin',
    ],
  });
  command.addOption(
    checkedOption('--sdk-app-id <number>', 'its SDKAppID (default: the server chooses)', sdkAppIdCheck),
  );
  for (const option of appOptions()) command.addOption(option);
  return command.action(createApp);
}

async function createApp(flags: Flags): Promise<void> {
  const { sdkAppId } = flags;
  if (flags.name === undefined) throw new UsageError('portrait app create takes a name, such as --name shop.');
  const members = { ...(sdkAppId !== undefined && { sdkAppId }), ...appMembers(flags) };
  const app = await openClient(flags).send<AppAnswer>('POST', '/apps', members);
  if (flags.json) return printJson(app);
  printApp(app);
  print();
  print('Keep the secret key in your backend: who has it can act as any user of this app.');
}
