import type { Command } from 'commander';
import type { ReplayAnswer, ReplayCreate, ReplayPreviewAnswer } from '../../admin/replay-schemas.ts';
import { UsageError } from '../../config.ts';
import { type ClientFlags, newClientCommand, openClient } from '../client.ts';
import { type Check, checkedOption, oneOf, option, wholeNumber, withoutEnvironment } from '../command-line.ts';
import { momentCheck } from '../moment-check.ts';
import { print, printFacts, printJson } from '../output.ts';
import { describeReplay } from './print-replay.ts';
import { watchReplay } from './watch-replay.ts';

type State = NonNullable<ReplayCreate['state']>;

interface Flags extends ClientFlags {
  readonly endpoint?: string;
  readonly from?: string;
  readonly to?: string;
  readonly user?: string;
  readonly state?: State;
  readonly rate?: number;
  readonly dryRun?: boolean;
  readonly watch?: boolean;
}

const STATES: readonly State[] = ['delivered', 'dead', 'skipped'];
const MAX_RATE = 1_000;

/** `portrait deliveries replay`. */
export function deliveriesReplay(): Command {
  const command = newClientCommand('replay', {
    summary: 'send the deliveries of a time again, in order per user',
    note: 'Makes a job on the server, which goes on when this command ends: see portrait deliveries replays.',
    examples: [
      'portrait deliveries replay --endpoint ep_4q8w2n6c0x5v7b1m --from 24h --state dead --dry-run',
      'portrait deliveries replay --endpoint ep_4q8w2n6c0x5v7b1m --from 24h --state dead --watch',
    ],
  });
  const add = <T>(flags: string, help: string, check: Check<T>): Command =>
    command.addOption(withoutEnvironment(checkedOption(flags, help, check)));
  command.addOption(withoutEnvironment(option('--endpoint <endpointId>', 'where to send (needed)')));
  add('--from <time>', 'changes since then: a time, or how long ago like 24h (needed)', momentCheck);
  add('--to <time>', 'changes up to then (default: now)', momentCheck);
  command.addOption(withoutEnvironment(option('--user <userId>', 'only changes of this user')));
  add('--state <state>', `only ${STATES.join(', ')}`, oneOf(STATES));
  add('--rate <number>', 'attempts a second (default: 50)', wholeNumber(1, MAX_RATE));
  command.addOption(withoutEnvironment(option('--dry-run', 'only count what would be sent')));
  command.addOption(
    withoutEnvironment(option('--watch', 'show how far it is until it ends; exit 1 if not all arrived')),
  );
  return command.action(replay);
}

async function replay(flags: Flags): Promise<void> {
  const { endpoint: endpointId, from, to, user: userId, state, rate: ratePerSecond, dryRun, watch } = flags;
  if (endpointId === undefined || from === undefined) {
    throw new UsageError(
      'portrait deliveries replay takes where to send and since when, such as --endpoint ep_4q8w2n6c0x5v7b1m --from 24h.',
    );
  }
  const body: ReplayCreate = {
    endpointId,
    from,
    ...(to !== undefined && { to }),
    ...(userId !== undefined && { userId }),
    ...(state !== undefined && { state }),
    ...(ratePerSecond !== undefined && { ratePerSecond }),
  };
  const client = openClient(flags);
  const path = await client.appPath('/replay');
  if (dryRun) {
    const found = await client.send<ReplayPreviewAnswer>('POST', path, { ...body, dryRun });
    return flags.json ? printJson(found) : printPreview(found);
  }
  const made = await client.send<ReplayAnswer>('POST', path, body);
  if (watch) return watchReplay(client, made, flags);
  if (flags.json) return printJson(made);
  print(describeReplay(made));
  print(`Watch it with: portrait deliveries replays ${made.jobId} --watch`);
}

function printPreview(found: ReplayPreviewAnswer): void {
  const { total, byState, first, last } = found;
  const states = Object.entries(byState).filter(([, count]) => count > 0);
  const describe = (event: typeof first): string | undefined =>
    event === null ? undefined : `${event.at}, user ${event.userId}, change #${event.sequence}`;
  printFacts([
    ['Would be sent', String(total)],
    ['In this time', states.map(([state, count]) => `${count} ${state}`).join(', ') || 'nothing'],
    ['First', describe(first)],
    ['Last', describe(last)],
  ]);
}
