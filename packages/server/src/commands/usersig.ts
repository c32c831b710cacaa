import { signUserSig } from '@portrait/wire';
import type { Command } from 'commander';
import { systemClock } from '../clock.ts';
import { type ClientFlags, newClientCommand, openClient } from './client.ts';
import { checkedOption, duration } from './command-line.ts';
import { print, printJson } from './output.ts';
import { readUserId } from './user-id.ts';

interface Flags extends ClientFlags {
  readonly expire?: number;
}

const DEFAULT_EXPIRE_MS = 180 * 86_400_000;

/** `portrait usersig <userId>`. */
export function usersig(summary: string): Command {
  return newClientCommand('usersig', {
    summary: `${summary}, for logging in, or for REST if it is an administrator`,
    examples: [
      'portrait usersig alice',
      'curl "…&identifier=administrator&usersig=$(npx portrait usersig administrator)"',
    ],
  })
    .argument('<userId>', 'the user, at most 32 bytes')
    .addOption(
      checkedOption(
        '--expire <duration>',
        'how long it is valid, such as 24h or 180d (default: 180d)',
        duration('1s', '18250d'),
      ),
    )
    .action(printUserSig);
}

async function printUserSig(rawUserId: string, flags: Flags): Promise<void> {
  const userId = readUserId(rawUserId);
  const { sdkAppId, secretKey } = await openClient(flags).revealApp();
  const nowSeconds = Math.floor(systemClock.now() / 1000);
  const expireSeconds = Math.floor((flags.expire ?? DEFAULT_EXPIRE_MS) / 1000);
  const userSig = await signUserSig({ sdkAppId, userId, secretKey, nowSeconds, expireSeconds });
  if (!flags.json) return print(userSig);
  const expiresAt = new Date((nowSeconds + expireSeconds) * 1000).toISOString();
  printJson({ sdkAppId, userId, userSig, issuedAt: new Date(nowSeconds * 1000).toISOString(), expiresAt });
}
