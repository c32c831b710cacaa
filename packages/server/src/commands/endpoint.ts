import type { Command } from 'commander';
import { newGroup } from './command-line.ts';
import { endpointAdd } from './endpoint/add.ts';
import { endpointDelete } from './endpoint/delete.ts';
import { endpointEvents } from './endpoint/events.ts';
import { endpointList } from './endpoint/list.ts';
import { endpointPause, endpointResume } from './endpoint/pause.ts';
import { endpointRotate } from './endpoint/rotate.ts';
import { endpointShow } from './endpoint/show.ts';
import { endpointTest } from './endpoint/test.ts';
import { endpointUpdate } from './endpoint/update.ts';

/** `portrait endpoint`. */
export function endpoint(summary: string): Command {
  return newGroup('endpoint', summary, [
    endpointAdd(),
    endpointList(),
    endpointShow(),
    endpointUpdate(),
    endpointDelete(),
    endpointTest(),
    endpointRotate(),
    endpointPause(),
    endpointResume(),
    endpointEvents(),
  ]);
}
