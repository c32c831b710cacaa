/** A store with very many rows, made through the store itself: each commit as large as it takes. */
import { systemClock } from '../../packages/server/src/clock.ts';
import { openSqliteStore } from '../../packages/server/src/storage/sqlite/open.ts';
import type { Endpoint, ProfileCommand, Store } from '../../packages/server/src/storage/store.ts';
import { userName } from './client.ts';
import { percentile } from './measure.ts';
import { app, endpointOf, ORIGIN, SDK_APP_ID } from './sample-settings.ts';

/** As many as the store lets wait. */
const AT_ONCE = 16_384;
const CALLERS = 64;

const WAITING: Partial<Endpoint> = { startFrom: 'beginning', state: 'paused' };

export function openBenchStore(folder: string): Store {
  return openSqliteStore({ folder, clock: systemClock });
}

/** The typical change number `number`: three fields. */
function changeOf(userId: string, number: number): ProfileCommand {
  const items = [
    { tag: 'Tag_Profile_IM_Nick', value: `Nick ${number}` },
    { tag: 'Tag_Profile_IM_Image', value: `https://example.com/avatars/${number}.png` },
    { tag: 'Tag_Profile_IM_Level', value: number % 100 },
  ];
  return { kind: 'set', sdkAppId: SDK_APP_ID, userId, items, origin: ORIGIN };
}

/** Make the app with `users` accounts, and then one change of each user, `events` in all, in a scattered order. */
export async function fillStore(store: Store, { users, events }: { users: number; events: number }): Promise<void> {
  await store.createApp(app);
  const base = { kind: 'import', sdkAppId: SDK_APP_ID, items: [], origin: ORIGIN, announce: false } as const;
  await inBatches(users, (index) => store.commitChange({ ...base, userId: userName(index) }));
  await inBatches(events, (index) => store.commitChange(changeOf(userName((index * 7_919) % users), index)));
}

async function inBatches(count: number, run: (index: number) => Promise<unknown>): Promise<void> {
  for (let first = 0; first < count; first += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, index) => run(first + index)));
  }
}

/** An endpoint that has got the first `events` events, each with one attempt. */
export async function addSettledEndpoint(store: Store, events: number): Promise<void> {
  const endpointId = 'ep_settled';
  await store.createEndpoint(endpointOf(endpointId, WAITING));
  const [lease] = await store.claimLanes({ owner: 'bench', leaseMs: 3_600_000 });
  for (let first = 1; first <= events; first += 256) {
    const last = Math.min(events, first + 255);
    await store.settle({
      endpointId,
      sdkAppId: SDK_APP_ID,
      lane: 0,
      epoch: lease?.epoch ?? 0,
      cursor: { lane: 0, seq: last, doneAhead: [] },
      attempts: Array.from({ length: last - first + 1 }, (_, index) => ({
        seq: first + index,
        number: 1,
        atMs: 0,
        outcome: 'delivered',
        status: 200,
        durationMs: 1.5,
        answer: '{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}',
      })),
      parked: [],
      unparkedSeqs: [],
      unparkedUsers: [],
    });
  }
}

/** An endpoint that has got nothing yet. @returns its id */
export async function addPausedEndpoint(store: Store): Promise<string> {
  const endpointId = 'ep_paused';
  await store.createEndpoint(endpointOf(endpointId, WAITING));
  return endpointId;
}

/** What a run of changes came to. */
export interface ChangeResult {
  readonly perSecond: number;
  /** milliseconds */
  readonly p99: number;
}

/** Runs go on where the last one stopped. */
let changeNumber = 0;

/** Make `changes` changes by 64 callers, each user in turn in a scattered order; with `spread`, users lie so far apart. */
export async function change(
  store: Store,
  { users, changes, spread = 1 }: { readonly users: number; readonly changes: number; readonly spread?: number },
): Promise<ChangeResult> {
  let made = 0;
  const latencies: number[] = [];
  const startedAt = performance.now();
  const caller = async (): Promise<void> => {
    while (made < changes) {
      made += 1;
      changeNumber += 1;
      const number = changeNumber;
      const sentAt = performance.now();
      await store.commitChange(changeOf(userName(((number * 7_919) % users) * spread), number));
      latencies.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  const perSecond = (changes / (performance.now() - startedAt)) * 1_000;
  latencies.sort((a, b) => a - b);
  return { perSecond, p99: percentile(latencies, 0.99) };
}
