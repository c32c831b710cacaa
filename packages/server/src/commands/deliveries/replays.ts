import type { Command } from 'commander';
import type { ReplayAnswer } from '../../admin/replay-schemas.ts';
import { UsageError } from '../../config.ts';
import { type ClientFlags, newClientCommand, openClient, type Page } from '../client.ts';
import { option, withoutEnvironment } from '../command-line.ts';
import { print, printFacts, printJson, printTable } from '../output.ts';
import { describeReplay, percentOf } from './print-replay.ts';
import { replayPath } from './replay-path.ts';
import { watchReplay } from './watch-replay.ts';

interface Flags extends ClientFlags {
  readonly watch?: boolean;
}

/** 100 that have ended and 20 that have not. */
const MOST_THERE_ARE = 120;

/** `portrait deliveries replays [jobId]`. */
export function deliveriesReplays(): Command {
  return newClientCommand('replays', {
    summary: 'list replays, newest first, or show one',
    examples: ['portrait deliveries replays', 'portrait deliveries replays rpl_5b1f0c9a7d3e2f48 --watch'],
  })
    .argument('[jobId]', 'rpl_…, as the list prints it')
    .addOption(withoutEnvironment(option('--watch', 'show how far it is until it ends; exit 1 if not all arrived')))
    .action(showReplays);
}

async function showReplays(jobId: string | undefined, flags: Flags): Promise<void> {
  const client = openClient(flags);
  if (jobId === undefined) {
    if (flags.watch)
      throw new UsageError('--watch takes a replay to watch: portrait deliveries replays <jobId> --watch.');
    const page = await client.get<Page<ReplayAnswer>>(await client.appPath('/replays'), { limit: MOST_THERE_ARE });
    return flags.json ? printJson(page) : printList(page);
  }
  const replay = await client.get<ReplayAnswer>(await replayPath(client, jobId));
  if (flags.watch) return watchReplay(client, replay, flags);
  if (flags.json) return printJson(replay);
  const { filter, startedAt, finishedAt } = replay;
  print(describeReplay(replay));
  printFacts([
    ['Endpoint', replay.endpointId],
    ['Changes', `from ${filter.from} to ${filter.to}`],
    ['User', filter.userId],
    ['State', filter.state],
    ['Rate', `${replay.ratePerSecond} a second`],
    ['Made', replay.createdAt],
    ['Started', startedAt],
    ['Ended', finishedAt],
  ]);
}

function printList(page: Page<ReplayAnswer>): void {
  if (page.items.length === 0) print('No replays.');
  else
    printTable(
      ['made', 'replay', 'endpoint', 'state', 'gone through', 'total', 'delivered', 'failed', 'skipped'],
      page.items.map((replay) => [
        replay.createdAt,
        replay.jobId,
        replay.endpointId,
        replay.state,
        `${percentOf(replay)} %`,
        ...[replay.total, replay.delivered, replay.failed, replay.skipped].map(String),
      ]),
    );
}
