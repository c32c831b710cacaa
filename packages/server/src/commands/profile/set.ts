import type { Command } from 'commander';
import { type ClientFlags, newClientCommand, openClient } from '../client.ts';
import { option } from '../command-line.ts';
import { describeItems } from '../describe-items.ts';
import { Failure } from '../failure.ts';
import { print, printable, printJson } from '../output.ts';
import { checkReply, NO_ACCOUNT, openRestDoor } from '../rest-door.ts';
import { readUserId } from '../user-id.ts';
import { readItem } from './fields.ts';

interface Flags extends ClientFlags {
  readonly import?: boolean;
}

/** `portrait profile set <userId> <field=value...>`. */
export function profileSet(): Command {
  return newClientCommand('set', {
    summary: 'change fields of a profile, as an administrator over REST',
    examples: [
      'portrait profile set alice nick=Alice level=3 gender=female --import',
      'portrait profile set alice Tag_Profile_Custom_Level=gold "selfSignature=Hello there"',
    ],
  })
    .argument('<userId>', 'whose profile')
    .argument('<field=value...>', 'short name (nick, avatar, gender, level, …) or full tag, and the new value')
    .addOption(option('--import', 'make the account first if it is not there'))
    .action(setProfile);
}

async function setProfile(rawUserId: string, rawItems: readonly string[], flags: Flags): Promise<void> {
  const userId = readUserId(rawUserId);
  const items = rawItems.map(readItem);
  const client = openClient(flags);
  const app = await client.revealApp();
  const call = await openRestDoor(client, app);
  if (flags.import) checkReply(await call('im_open_login_svc/account_import', { UserID: userId }));
  const reply = await call('profile/portrait_set', {
    From_Account: userId,
    ProfileItem: items.map(({ tag, value }) => ({ Tag: tag, Value: value })),
  });
  if (reply.ErrorCode === NO_ACCOUNT) {
    throw new Failure(`There is no account ${JSON.stringify(userId)} in app ${app.sdkAppId}; --import makes it first.`);
  }
  checkReply(reply);
  if (flags.json) {
    return printJson({
      sdkAppId: app.sdkAppId,
      userId,
      fields: Object.fromEntries(items.map((item) => [item.tag, item.value])),
    });
  }
  print(printable(`${userId}: ${describeItems(items).join(', ')}`));
}
