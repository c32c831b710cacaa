/** The delivery log with 1,000,000 events: how long a page of each search takes. Bar: first page 10 ms; the longest page says how long a search holds up others. */
import { systemClock } from '../packages/server/src/clock.ts';
import { openSqliteStore } from '../packages/server/src/storage/sqlite/open.ts';
import type { Attempt, ChangeEvent, DeliveryQuery, Store } from '../packages/server/src/storage/store.ts';
import { temporaryFolder } from './support/child.ts';
import { median, report } from './support/measure.ts';
import { app, endpointOf, ORIGIN, SDK_APP_ID } from './support/sample-settings.ts';

const EVENTS = Number(process.env.EVENTS ?? 1_000_000);
const USERS = 10_000;
const ROUNDS = Number(process.env.ROUNDS ?? 20);
/** users that wait at the end, each with so many changes */
const PARKED = { users: 1_000, changes: 5 };
const PENDING = 5_000;
const PARKED_AFTER = EVENTS - PENDING - PARKED.users * PARKED.changes;
const PER_SETTLEMENT = 256;
const ANSWER = '{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}';

/** Who makes the change of this seq. One makes every second: his history is as long as a history gets. */
function userOf(seq: number): string {
  if (seq > PARKED_AFTER && seq <= EVENTS - PENDING) return `parked_${(seq - PARKED_AFTER - 1) % PARKED.users}`;
  return seq % 2 === 0 ? 'busy' : `user_${seq % USERS}`;
}

/** Changes of the seqs from `first` to `end`. */
async function write(store: Store, first: number, end: number): Promise<ChangeEvent | undefined> {
  let next = first;
  let last: ChangeEvent | undefined;
  const caller = async (): Promise<void> => {
    while (next <= end) {
      const seq = next;
      next += 1;
      const items = [{ tag: 'Tag_Profile_IM_Nick', value: `Nick ${seq}` }];
      const command = { kind: 'set', sdkAppId: SDK_APP_ID, userId: userOf(seq), items, origin: ORIGIN } as const;
      const { event } = await store.commitChange(command);
      if (event && event.seq > (last?.seq ?? 0)) last = event;
    }
  };
  await Promise.all(Array.from({ length: 256 }, caller));
  return last;
}

const TIMINGS = { reusedConnection: true, firstByteMs: 1.25, bodyMs: 0.05 };
const REQUEST = {
  url: 'http://127.0.0.1:9000/cb?SdkAppid=1400000001&CallbackCommand=Profile.CallbackPortraitSet&contenttype=json&ClientIP=127.0.0.1&OptPlatform=RESTAPI',
  headers: ['content-type', 'application/json', 'webhook-id', 'evt_mibaq2k0_n5irgh_0_7', 'portrait-attempt', '1'],
};

/** Rare things stand at the start: a search from the newest on has the longest way. */
function attempt(seq: number): Attempt {
  const base = { seq, number: 1, atMs: 1, durationMs: 1.31, timings: TIMINGS };
  if (seq > 9_000 || seq % 3_000 !== 7) return { ...base, outcome: 'delivered', status: 200, answer: ANSWER };
  return { ...base, outcome: 'dead', reason: 'dns', detail: 'x', stage: 'dns', request: REQUEST };
}

async function settle(
  store: Store,
  endpointId: string,
  fromSeq: number,
  outcome: (seq: number) => Attempt,
): Promise<void> {
  const [{ epoch = 0 } = {}] = await store.claimLanes({ owner: 'bench', leaseMs: 3_600_000 });
  const base = { endpointId, sdkAppId: SDK_APP_ID, lane: 0, epoch, unparkedSeqs: [], unparkedUsers: [] };
  for (let seq = fromSeq; seq <= PARKED_AFTER; seq += PER_SETTLEMENT) {
    const last = Math.min(seq + PER_SETTLEMENT - 1, PARKED_AFTER);
    const attempts = Array.from({ length: last - seq + 1 }, (_, at) => outcome(seq + at));
    await store.settle({ ...base, cursor: { lane: 0, seq: last, doneAhead: [] }, attempts, parked: [] });
  }
  const parked = Array.from({ length: PARKED.users }, (_, user) => ({
    userId: `parked_${user}`,
    lane: 0,
    attempts: 1,
    nextTryAtMs: user === 0 ? undefined : 5,
    reason: 'timeout',
    waiting: Array.from({ length: PARKED.changes }, (__, at) => PARKED_AFTER + 1 + at * PARKED.users + user),
  }));
  const attempts = parked.map(({ waiting: [seq = 0] }) => ({
    ...attempt(seq),
    outcome: 'failed' as const,
    reason: 'timeout',
  }));
  await store.settle({ ...base, cursor: { lane: 0, seq: EVENTS - PENDING, doneAhead: [] }, attempts, parked });
}

/** Processor time of this process: a page is worked out in one go, so that it is what others wait for, whatever else the machine does. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** @returns milliseconds of the first page, and of the longest of all */
async function measure(store: Store, members: Partial<DeliveryQuery>): Promise<Record<string, number>> {
  const query = { sdkAppId: SDK_APP_ID, limit: 50, ...members };
  const first: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedAt = processorMs();
    await store.listDeliveries(query);
    first.push(processorMs() - startedAt);
  }
  let [pages, items, longest] = [0, 0, 0];
  let cursor: string | undefined;
  const startedAt = processorMs();
  do {
    const pageAt = processorMs();
    const page = await store.listDeliveries({ ...query, ...(cursor !== undefined && { cursor }) });
    longest = Math.max(longest, processorMs() - pageAt);
    pages += 1;
    items += page.items.length;
    cursor = page.nextCursor;
  } while (cursor !== undefined && items < query.limit && pages < 1_000);
  const untilFull = processorMs() - startedAt;
  return { first: median(first), worst: Math.max(...first), items, pages, untilFull, longest };
}

const store = openSqliteStore({ folder: temporaryFolder(), clock: systemClock });
await store.createApp(app);
const names = [
  'busy',
  ...Array.from({ length: USERS }, (_, user) => `user_${user}`),
  ...Array.from({ length: PARKED.users }, (_, user) => `parked_${user}`),
];
const imported = { kind: 'import', sdkAppId: SDK_APP_ID, items: [], origin: ORIGIN, announce: false } as const;
for (const userId of names) await store.commitChange({ ...imported, userId });
await store.createEndpoint(endpointOf('ep_all', { startFrom: 'beginning' }));
await write(store, 1, EVENTS / 2);
await store.createEndpoint(endpointOf('ep_half', { startFrom: 'now' }));
const last = await write(store, EVENTS / 2 + 1, EVENTS);
await settle(store, 'ep_all', 1, attempt);
await settle(store, 'ep_half', EVENTS / 2 + 1, (seq) => ({ ...attempt(seq), outcome: 'dead', reason: 'connect' }));
const middleMs = (last?.atMs ?? 0) - 5_000;

const SEARCHES: Readonly<Record<string, Partial<DeliveryQuery>>> = {
  all: {},
  'one endpoint': { endpointId: 'ep_all' },
  pending: { states: ['pending'] },
  retrying: { states: ['retrying'] },
  waiting: { states: ['waiting'] },
  'held (2 of all)': { states: ['held'] },
  'dead (3 of 1,000,000)': { states: ['dead'], endpointId: 'ep_all' },
  'dead, both endpoints': { states: ['dead'] },
  'dead, held, retrying': { states: ['dead', 'held', 'retrying'] },
  delivered: { states: ['delivered'] },
  'delivered (0 of 500,000)': { states: ['delivered'], endpointId: 'ep_half' },
  skipped: { states: ['skipped'] },
  'skipped (none)': { states: ['skipped'], endpointId: 'ep_all' },
  'reason dns (3)': { reason: 'dns' },
  'reason of nobody': { reason: 'redirect' },
  'dead and reason dns': { states: ['dead'], reason: 'dns' },
  'a user': { userId: 'user_4321' },
  'a user, dead': { userId: 'user_4321', states: ['dead'] },
  'user of 500,000 changes': { userId: 'busy' },
  'the same, held (none)': { userId: 'busy', states: ['held'] },
  'the same, dead (0)': { userId: 'busy', states: ['dead'], endpointId: 'ep_all' },
  'the same, change 1': { userId: 'busy', sequence: 1 },
  event: { eventId: last?.eventId ?? '' },
  'time, from': { fromMs: middleMs },
  'time, to, dead': { toMs: middleMs, states: ['dead'] },
};
for (const [name, query] of Object.entries(SEARCHES)) report(name, await measure(store, query));
await store.close();
