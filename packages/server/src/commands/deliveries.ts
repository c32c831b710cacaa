import type { Command } from 'commander';
import { newGroup } from './command-line.ts';
import { deliveriesList } from './deliveries/list.ts';
import { deliveriesShow } from './deliveries/show.ts';

/** `portrait deliveries`. */
export function deliveries(summary: string): Command {
  return newGroup('deliveries', summary, [deliveriesList(), deliveriesShow()]);
}
