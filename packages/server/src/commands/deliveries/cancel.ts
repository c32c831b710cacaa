import type { Command } from 'commander';
import type { ReplayAnswer } from '../../admin/replay-schemas.ts';
import { type ClientFlags, newClientCommand, openClient } from '../client.ts';
import { print, printJson } from '../output.ts';
import { describeReplay } from './print-replay.ts';
import { replayPath } from './replay-path.ts';

/** `portrait deliveries cancel <jobId>`. */
export function deliveriesCancel(): Command {
  return newClientCommand('cancel', {
    summary: 'stop a replay; what it has sent stays sent',
    examples: [
      'portrait deliveries cancel rpl_5b1f0c9a7d3e2f48',
      'portrait deliveries cancel rpl_5b1f0c9a7d3e2f48 --json',
    ],
  })
    .argument('<jobId>', 'rpl_…, as "portrait deliveries replays" prints it')
    .action(cancel);
}

async function cancel(jobId: string, flags: ClientFlags): Promise<void> {
  const client = openClient(flags);
  const replay = await client.send<ReplayAnswer>('POST', await replayPath(client, jobId, '/cancel'));
  if (flags.json) return printJson(replay);
  print(describeReplay(replay));
}
