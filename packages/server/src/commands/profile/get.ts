import { STANDARD_TAGS } from '@portrait/wire';
import type { Command } from 'commander';
import type { AppAnswer } from '../../admin/app-schemas.ts';
import { type ClientFlags, newClientCommand, openClient } from '../client.ts';
import { shortName } from '../describe-items.ts';
import { Failure } from '../failure.ts';
import { print, printJson, printTable } from '../output.ts';
import { checkReply, NO_ACCOUNT, openRestDoor } from '../rest-door.ts';
import { readUserId } from '../user-id.ts';
import { readTag } from './fields.ts';

/** `portrait profile get <userId> [tag...]`. */
export function profileGet(): Command {
  return newClientCommand('get', {
    summary: 'print a profile, as an administrator sees it over REST',
    examples: ['portrait profile get alice', 'portrait profile get alice nick Tag_Profile_Custom_Level --json'],
  })
    .argument('<userId>', 'whose profile')
    .argument('[tag...]', 'short names (nick, avatar, gender, level, …) or full tags; default: all that are set')
    .action(getProfile);
}

async function getProfile(rawUserId: string, names: readonly string[], flags: ClientFlags): Promise<void> {
  const userId = readUserId(rawUserId);
  const asked = names.map(readTag);
  const client = openClient(flags);
  const app = await client.revealApp();
  const call = await openRestDoor(client, app);
  const reply = await call('profile/portrait_get', {
    To_Account: [userId],
    TagList: asked.length > 0 ? asked : readableTags(app),
  });
  const profile = reply.UserProfileItem?.[0];
  if (reply.ErrorCode === NO_ACCOUNT || profile?.ResultCode === NO_ACCOUNT) {
    throw new Failure(`There is no account ${JSON.stringify(userId)} in app ${app.sdkAppId}.`);
  }
  checkReply(reply);
  if (profile && profile.ResultCode !== 0) {
    throw new Failure(`Refused with ${profile.ResultCode}: ${profile.ResultInfo}`);
  }
  const items = profile?.ProfileItem ?? [];
  if (flags.json) {
    return printJson({
      sdkAppId: app.sdkAppId,
      userId,
      fields: Object.fromEntries(items.map((item) => [item.Tag, item.Value])),
    });
  }
  if (items.length === 0) return print(`${userId} has set none of these fields.`);
  printTable(
    ['field', 'value'],
    items.map(({ Tag: tag, Value: value }) => [shortName(tag), String(value)]),
  );
}

function readableTags({ customFields }: AppAnswer): readonly string[] {
  const custom = customFields.filter(({ read }) => read.includes('admin'));
  return [...STANDARD_TAGS, ...custom].map(({ tag }) => tag);
}
