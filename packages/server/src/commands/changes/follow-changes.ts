// the clock's waits keep no process alive, and here nothing else does
import { setTimeout as wait } from 'node:timers/promises';
import type { EventAnswer } from '../../admin/show-delivery.ts';
import type { AdminClient } from '../client.ts';
import { Unreachable } from '../failure.ts';
import { print } from '../output.ts';
import { nextStopSignal } from '../stop-signal.ts';
import { printChange } from './print-change.ts';
import { readEvents } from './read-events.ts';

const RETRY_MS = 1_000;

/** What is followed, and how it is shown. */
export interface FollowOptions {
  readonly path: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly json: boolean;
}

/**
 * Print changes as they come, over as many connections as it takes, until a signal comes.
 *
 * @throws Failure the first connection fails, or a later one is refused for good
 */
export async function followChanges(client: AdminClient, { path, query, json }: FollowOptions): Promise<void> {
  const stopped = new AbortController();
  void nextStopSignal().then(() => stopped.abort());
  const { signal } = stopped;
  let lastEventId: string | undefined;
  while (!signal.aborted) {
    try {
      const stream = await client.stream(path, query, { lastEventId, signal });
      if (!json) tell(lastEventId === undefined ? 'Following. Ctrl-C ends it.' : 'Connected again.');
      for await (const { id, data } of readEvents(stream)) {
        if (data !== undefined) show(JSON.parse(data), id, json);
        lastEventId = id;
      }
    } catch (error) {
      if (signal.aborted) return;
      // a stream that breaks is no Failure: the connection itself says so
      const isLost = error instanceof Unreachable || error instanceof TypeError;
      if (!isLost || lastEventId === undefined) throw error;
    }
    if (!signal.aborted) await wait(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }
}

function show(event: EventAnswer, cursor: string | undefined, json: boolean): void {
  if (json) print(JSON.stringify({ cursor, ...event }));
  else printChange(event);
}

/** Not among the changes, which another program may read. */
function tell(note: string): void {
  process.stderr.write(`${note}\n`);
}
