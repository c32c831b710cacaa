/**
 * What waits, by app: from what the dispatcher has in memory, and one row read for each lane that is behind. Where several nodes share a store
 * each of them has a part of the lanes in memory: there the store says how it stands over all lanes.
 */
import type { Clock } from '../clock.ts';
import type { Directory } from '../directory.ts';
import type { SharedStore } from '../storage/shared-store.ts';
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
  /** the same one, if other nodes work on it too */
  readonly shared?: Pick<SharedStore, 'readBacklogs'> | undefined;
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

/** @param only  of one app. @returns by SDKAppID, of all apps else; an app that is missing waits for nothing. @throws StoreError */
export async function readBacklogs(sources: BacklogSources, only?: number): Promise<ReadonlyMap<number, Backlog>> {
  if (!sources.shared) return await readOwn(sources, only);
  const nowMs = sources.clock.now();
  const all = await sources.shared.readBacklogs(only);
  return new Map(
    all.map(({ sdkAppId, deliveries, oldestAtMs }) => [
      sdkAppId,
      { backlog: deliveries, oldestPendingAgeMs: Math.max(0, nowMs - oldestAtMs) },
    ]),
  );
}

async function readOwn(sources: BacklogSources, only: number | undefined): Promise<ReadonlyMap<number, Backlog>> {
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
