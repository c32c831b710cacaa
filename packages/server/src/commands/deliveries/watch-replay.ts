import { setTimeout as sleep } from 'node:timers/promises';
import type { ReplayAnswer } from '../../admin/replay-schemas.ts';
import type { AdminClient, ClientFlags } from '../client.ts';
import { Failure } from '../failure.ts';
import { print, printJson } from '../output.ts';
import { describeReplay } from './print-replay.ts';
import { replayPath } from './replay-path.ts';

const LOOK_EVERY_MS = 500;

/**
 * Show how far a replay is until it ends: on a terminal one line that changes, else a line for each change.
 *
 * @throws Failure it did not end well, or not all arrived
 */
export async function watchReplay(client: AdminClient, made: ReplayAnswer, { json }: ClientFlags): Promise<void> {
  const path = await replayPath(client, made.jobId);
  let replay = made;
  let shown = '';
  for (;;) {
    const line = describeReplay(replay);
    if (!json && line !== shown) show(line);
    shown = line;
    if (replay.state !== 'queued' && replay.state !== 'running') break;
    // not the clock's sleep, which lets the process end
    await sleep(LOOK_EVERY_MS);
    replay = await client.get<ReplayAnswer>(path);
  }
  if (json) printJson(replay);
  else if (process.stdout.isTTY) print();
  const { jobId, state, failed } = replay;
  if (state !== 'done') throw new Failure(`The replay ${jobId} is ${state}.`);
  if (failed > 0) throw new Failure(`Not accepted: ${failed}. See them with: portrait deliveries list --state dead`);
}

function show(line: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\u001b[K${line}`);
  else print(line);
}
