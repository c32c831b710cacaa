import type { Command } from 'commander';
import type { ChangeAnswer, ChangeListAnswer } from '../admin/change-schemas.ts';
import { UsageError } from '../config.ts';
import { followChanges } from './changes/follow-changes.ts';
import { printChange } from './changes/print-change.ts';
import { type AdminClient, type ClientFlags, newClientCommand, openClient } from './client.ts';
import { checkedOption, option, wholeNumber } from './command-line.ts';
import { momentCheck } from './moment-check.ts';
import { print, printJson } from './output.ts';

interface Flags extends ClientFlags {
  readonly after?: string;
  readonly from?: string;
  readonly user?: string;
  readonly limit?: number;
  readonly follow?: boolean;
}

const DEFAULT_LIMIT = 50;
const PAGE_LIMIT = 1_000;

/** `portrait changes`. */
export function changes(summary: string): Command {
  return newClientCommand('changes', {
    summary,
    examples: [
      'portrait changes --from 1h --limit 200',
      'portrait changes --follow --user alice',
      'portrait changes --follow --after beginning --json',
    ],
  })
    .addOption(
      option('--after <cursor>', 'where to begin: a cursor, now or beginning (default: beginning; with --follow: now)'),
    )
    .addOption(checkedOption('--from <time>', 'in place of it: a time, or how long ago like 15m', momentCheck))
    .addOption(option('--user <userId>', 'only changes of this user'))
    .addOption(
      checkedOption('--limit <number>', `most changes to print (default: ${DEFAULT_LIMIT})`, wholeNumber(1, 100_000)),
    )
    .addOption(option('--follow', 'go on with changes as they are made; ends with Ctrl-C'))
    .action(showChanges);
}

async function showChanges(flags: Flags): Promise<void> {
  const { after, from, user: userId, limit, follow, json = false } = flags;
  if (after !== undefined && from !== undefined) throw new UsageError('Expected either --after or --from.');
  if (follow && limit !== undefined) throw new UsageError('Expected either --follow or --limit.');
  const client = openClient(flags);
  const path = await client.appPath('/changes');
  if (follow) {
    const start = from === undefined ? (after ?? 'now') : undefined;
    return await followChanges(client, { path, query: { after: start, from, userId }, json });
  }
  const page = await readChanges(client, path, { after, from, userId, limit: limit ?? DEFAULT_LIMIT });
  if (json) return printJson(page);
  for (const change of page.items) printChange(change);
  print(`${page.hasMore ? 'There is more' : 'That is all; what follows'}: --after ${page.nextCursor}`);
}

/** Pages may hold fewer than asked for, or none, and still lead on. */
async function readChanges(
  client: AdminClient,
  path: string,
  {
    limit,
    after,
    from,
    userId,
  }: { readonly limit: number } & Readonly<Record<'after' | 'from' | 'userId', string | undefined>>,
): Promise<ChangeListAnswer> {
  const items: ChangeAnswer[] = [];
  let start: { readonly after?: string | undefined; readonly from?: string | undefined } = { after, from };
  for (;;) {
    const asked = Math.min(limit - items.length, PAGE_LIMIT);
    const page = await client.get<ChangeListAnswer>(path, { ...start, userId, limit: asked });
    items.push(...page.items);
    if (!page.hasMore || items.length === limit) return { ...page, items };
    start = { after: page.nextCursor };
  }
}
