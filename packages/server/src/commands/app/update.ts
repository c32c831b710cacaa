import type { Command } from 'commander';
import type { AppAnswer, AppPatch } from '../../admin/app-schemas.ts';
import { UsageError } from '../../config.ts';
import { type AdminClient, type ClientFlags, newClientCommand, openClient } from '../client.ts';
import { withoutEnvironment } from '../command-line.ts';
import { printJson } from '../output.ts';
import { type AppFlags, appMembers, appOptions, readSdkAppId } from './options.ts';
import { printApp } from './print-app.ts';

interface Flags extends ClientFlags, AppFlags {}

/** `portrait app update [sdkAppId]`. */
export function appUpdate(): Command {
  const command = newClientCommand('update', {
    summary: 'change an app; custom fields that are given are added, or take other permissions',
    examples: [
      'portrait app update 1400000001 --name "Shop, Europe"',
      'portrait app update --administrator administrator backend --rate-limit 500',
    ],
  }).argument('[sdkAppId]', 'the app, if it is not named by --app and not the only one');
  for (const option of appOptions()) command.addOption(withoutEnvironment(option));
  return command.action(updateApp);
}

async function updateApp(rawId: string | undefined, flags: Flags): Promise<void> {
  const members = appMembers(flags);
  if (Object.keys(members).length === 0) {
    throw new UsageError(
      'portrait app update takes what is to change, such as --name shop. (portrait help app update)',
    );
  }
  const client = openClient(flags);
  const id = rawId === undefined ? await client.appId() : readSdkAppId(rawId);
  const app = await client.send<AppAnswer>('PATCH', `/apps/${id}`, await keepFields(client, id, members));
  if (flags.json) return printJson(app);
  printApp(app);
}

/** The API replaces lists whole, and refuses one that leaves out a custom field that is there. */
async function keepFields(client: AdminClient, sdkAppId: number, members: AppPatch): Promise<AppPatch> {
  const { customFields } = members;
  if (customFields === undefined) return members;
  const stored = (await client.get<AppAnswer>(`/apps/${sdkAppId}`)).customFields;
  const added = customFields.filter(({ tag }) => !stored.some((field) => field.tag === tag));
  const kept = stored.map((field) => customFields.find(({ tag }) => tag === field.tag) ?? field);
  return { ...members, customFields: [...kept, ...added] };
}
