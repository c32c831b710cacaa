import type { Command } from 'commander';
import { appCreate } from './app/create.ts';
import { appDelete } from './app/delete.ts';
import { appList } from './app/list.ts';
import { appShow } from './app/show.ts';
import { appUpdate } from './app/update.ts';
import { newGroup } from './command-line.ts';

/** `portrait app`. */
export function app(summary: string): Command {
  return newGroup('app', summary, [appCreate(), appList(), appShow(), appUpdate(), appDelete()]);
}
