/** What waits, by app: from what the dispatcher has in memory, and one row read for each lane that is behind. */
import type { Clock } from '../clock.ts';
import type { Directory } from '../directory.ts';
import type { Store } from '../storage/store.ts';

/** How far an endpoint has got. */
interface Progress {
  readonly endpointId: string;
  readonly backlog: number;
  readonly parkedEvents: number;
  readonly oldest: readonly { readonly lane: number; readonly seq: number }[];
}

/** Where backlogs are read. */
export interface BacklogSources {
  readonly store: Pick<Store, 'readEvents'>;
  readonly directory: Pick<Directory, 'endpoint' | 'apps'>;
  readonly clock: Pick<Clock, 'now'>;
  /** of the endpoints that this process delivers to */
  readonly progress: () => readonly Progress[];
}

/** Deliveries that are still to come, over all endpoints of an app. */
export interface Backlog {
  readonly backlog: number;
  readonly oldestPendingAgeMs: number;
}

/** @param only  of one app. @returns by SDKAppID, of all apps else. @throws StoreError */
export async function readBacklogs(sources: BacklogSources, only?: number): Promise<ReadonlyMap<number, Backlog>> {
  const { directory, progress } = sources;
  const byApp = new Map<number, Backlog>(
    directory.apps().map(({ sdkAppId }) => [sdkAppId, { backlog: 0, oldestPendingAgeMs: 0 }]),
  );
  for (const { endpointId, backlog, parkedEvents, oldest } of progress()) {
    const sdkAppId = directory.endpoint(endpointId)?.sdkAppId;
    const known = sdkAppId === undefined ? undefined : byApp.get(sdkAppId);
    if (sdkAppId === undefined || !known || (only !== undefined && only !== sdkAppId)) continue;
    byApp.set(sdkAppId, {
      backlog: known.backlog + backlog + parkedEvents,
      oldestPendingAgeMs: Math.max(known.oldestPendingAgeMs, await oldestAgeMs(sdkAppId, oldest, sources)),
    });
  }
  return byApp;
}

async function oldestAgeMs(
  sdkAppId: number,
  oldest: Progress['oldest'],
  { store, clock }: BacklogSources,
): Promise<number> {
  let ageMs = 0;
  for (const { lane, seq } of oldest) {
    const [event] = await store.readEvents({ sdkAppId, lane, afterSeq: seq - 1, limit: 1 });
    if (event) ageMs = Math.max(ageMs, clock.now() - event.atMs);
  }
  return ageMs;
}
