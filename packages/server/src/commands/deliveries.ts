import type { Command } from 'commander';
import { newGroup } from './command-line.ts';
import { deliveriesCancel } from './deliveries/cancel.ts';
import { deliveriesList } from './deliveries/list.ts';
import { deliveriesRedeliver } from './deliveries/redeliver.ts';
import { deliveriesReplay } from './deliveries/replay.ts';
import { deliveriesReplays } from './deliveries/replays.ts';
import { deliveriesShow } from './deliveries/show.ts';

/** `portrait deliveries`. */
export function deliveries(summary: string): Command {
  return newGroup('deliveries', summary, [
    deliveriesList(),
    deliveriesShow(),
    deliveriesRedeliver(),
    deliveriesReplay(),
    deliveriesReplays(),
    deliveriesCancel(),
  ]);
}
