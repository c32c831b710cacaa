/** The delivery log: which callback went where, and how it stands, newest first over all lanes. */
import { laneOf } from '../lane.ts';
import type { Delivery, DeliveryQuery, Page } from '../store.ts';
import type { Database } from './database.ts';
import { getEvent, readDeliveries } from './deliveries.ts';
import { type Candidate, followChain, type LaneRange, readCandidates } from './delivery-candidates.ts';
import { firstSeqsAt, getEvents, readBounds } from './event-rows.ts';
import { readProfiles } from './profile-rows.ts';
import { endpointsOf, type NumberedEndpoint } from './settings.ts';

/** Places that a page looks at; then it ends and leads on. */
const MAX_LOOKS = 1_000;
/** Places that are looked at together. */
const MAX_TOGETHER = 200;
/** Of each lane in one read: few at first, more where they are used up. */
const FIRST_READ = 8;
const LARGEST_READ = 256;

/** Where a page begins: at this event, with the endpoint of this number or a higher one. */
interface Place extends Candidate {
  readonly endpointNo: number;
}

/** What of a lane is known, falling, and what is still to be read of it. */
interface LaneTrack {
  range: LaneRange;
  found: Candidate[];
  limit: number;
  /** nothing above it is asked for */
  readonly most: number;
}

/** A search through the lanes, merged by time. */
interface Search {
  readonly db: Database;
  readonly query: DeliveryQuery;
  readonly endpoints: readonly NumberedEndpoint[];
  readonly tracks: readonly LaneTrack[];
  /** the ranges' tops are events of one user, whose history is followed */
  readonly isChain: boolean;
}

/** A page of the list. */
export async function listDeliveries(db: Database, laneCount: number, query: DeliveryQuery): Promise<Page<Delivery>> {
  const place = parsePlace(query.cursor);
  const endpoints = (await endpointsOf(db, query.sdkAppId)).filter(
    ({ endpoint }) => query.endpointId === undefined || endpoint.endpointId === query.endpointId,
  );
  const isNowhere = endpoints.length === 0;
  const fitsNowhere = query.reason === undefined && (!query.states || query.states.includes('skipped'));
  if (isNowhere && (query.endpointId !== undefined || !fitsNowhere)) return { items: [] };
  const search = await startSearch(db, { laneCount, query, endpoints, place });
  const items: Delivery[] = [];
  for (let looks = 0; ; ) {
    const together = Math.min(MAX_TOGETHER, query.limit - items.length + 1);
    const candidates = await take(search, together);
    if (candidates.length === 0) return { items };
    for (const [index, row] of (await look(search, candidates)).entries()) {
      const candidate = candidates[index] as Candidate;
      const firstNo = place && isSamePlace(candidate, place) ? place.endpointNo : 0;
      for (const [column, delivery] of row.entries()) {
        const endpointNo = endpoints[column]?.endpointNo ?? 0;
        if (endpointNo < firstNo || !fits(delivery, query)) continue;
        if (items.length === query.limit) return { items, nextCursor: formatPlace({ ...candidate, endpointNo }) };
        items.push(delivery);
      }
    }
    looks += candidates.length;
    if (looks < MAX_LOOKS) continue;
    const [next] = await take(search, 1);
    return next ? { items, nextCursor: formatPlace({ ...next, endpointNo: 0 }) } : { items };
  }
}

async function look({ db, query, endpoints }: Search, candidates: readonly Candidate[]): Promise<Delivery[][]> {
  return await db.snapshot(async (tx) => {
    const events = await getEvents(tx, query.sdkAppId, candidates);
    const there = events.filter((event) => event !== undefined);
    const deliveries = await readDeliveries(tx, { events: there, endpoints, isWhole: false });
    const byEvent = new Map(there.map((event, at) => [event, deliveries[at] ?? []]));
    // what was removed meanwhile has none
    return events.map((event) => (event && byEvent.get(event)) ?? []);
  });
}

async function startSearch(
  db: Database,
  {
    laneCount,
    query,
    endpoints,
    place,
  }: { laneCount: number; query: DeliveryQuery; endpoints: readonly NumberedEndpoint[]; place: Place | undefined },
): Promise<Search> {
  const { sdkAppId, userId, states } = query;
  // what is parked is few, and has an index: a long history need not be followed for it
  const isChain =
    userId !== undefined && !states?.every((state) => state === 'retrying' || state === 'waiting' || state === 'held');
  const lanes =
    userId === undefined ? Array.from({ length: laneCount }, (_, lane) => lane) : [laneOf(sdkAppId, userId, laneCount)];
  const ranges = await rangesOf(db, { query, lanes, place });
  const tops = isChain ? await chainTops(db, ranges, { query, userId, place }) : ranges;
  const tracks = tops.map((range, at) => ({ range, found: [], limit: FIRST_READ, most: ranges[at]?.high ?? 0 }));
  return { db, query, endpoints, tracks, isChain };
}

/** The part of each lane that can hold what is asked for. */
async function rangesOf(
  db: Database,
  { query, lanes, place }: { query: DeliveryQuery; lanes: readonly number[]; place: Place | undefined },
): Promise<LaneRange[]> {
  const { sdkAppId, eventId, fromMs, toMs } = query;
  const bounds = await readBounds(db, { sdkAppId, lanes, fromMs });
  const ends = toMs === undefined ? undefined : await firstSeqsAt(db, { sdkAppId, lanes, atMs: toMs + 1 });
  const before = place && (await firstSeqsAt(db, { sdkAppId, lanes, atMs: place.atMs }));
  const behind = place && (await firstSeqsAt(db, { sdkAppId, lanes, atMs: place.atMs + 1 }));
  const ranges = bounds.map(({ lane, firstSeq, headSeq }) => {
    const high = Math.min(headSeq, (ends?.get(lane) ?? Number.POSITIVE_INFINITY) - 1);
    if (!place) return { lane, low: firstSeq, high };
    // among events of one moment the lane decides, the higher one first
    const top = lane === place.lane ? place.seq : ((lane < place.lane ? behind : before)?.get(lane) ?? 1) - 1;
    return { lane, low: firstSeq, high: Math.min(high, top) };
  });
  if (eventId === undefined) return ranges;
  const event = await getEvent(db, eventId);
  if (event?.sdkAppId !== sdkAppId) return [];
  return ranges
    .filter(({ lane, low, high }) => lane === event.lane && low <= event.seq && event.seq <= high)
    .map(({ lane }) => ({ lane, low: event.seq, high: event.seq }));
}

/** Where the history of the user is taken up: at the place of the page, or at its newest event. */
async function chainTops(
  db: Database,
  ranges: readonly LaneRange[],
  { query, userId, place }: { query: DeliveryQuery; userId: string; place: Place | undefined },
): Promise<LaneRange[]> {
  const [range] = ranges;
  if (!range) return [];
  const { sdkAppId } = query;
  const { lane } = range;
  const [[at], [profile]] = await Promise.all([
    place ? getEvents(db, sdkAppId, [place]) : [],
    readProfiles(db, [{ lane, sdkAppId, userId }]),
  ]);
  const top = at?.userId === userId ? at.seq : (profile?.lastSeq ?? 0);
  // events above the range are passed over when they are taken
  return [{ ...range, high: top }];
}

/** The newest places that are left, at most `count`. */
async function take(search: Search, count: number): Promise<Candidate[]> {
  const taken: Candidate[] = [];
  while (taken.length < count) {
    await refill(search);
    const best = search.tracks
      .filter(({ found }) => found.length > 0)
      .reduce<LaneTrack | undefined>(
        (newest, track) =>
          !newest || isNewer(track.found[0] as Candidate, newest.found[0] as Candidate) ? track : newest,
        undefined,
      );
    const candidate = best?.found.shift();
    if (!candidate) break;
    taken.push(candidate);
  }
  return taken;
}

/** Read on in the lanes of which nothing is known: only what is known of all of them can be put in order. */
async function refill(search: Search): Promise<void> {
  const { db, query, endpoints, tracks, isChain } = search;
  const endpointNos = endpoints.map(({ endpointNo }) => endpointNo);
  for (;;) {
    const empty = tracks.filter(({ range, found }) => found.length === 0 && range.high >= range.low && range.high > 0);
    const limit = Math.max(0, ...empty.map((track) => track.limit));
    if (limit === 0) return;
    if (isChain) await readChain(search, empty[0] as LaneTrack);
    else {
      const found = Map.groupBy(
        await readCandidates(
          db,
          empty.map(({ range }) => range),
          { query, endpointNos, limit },
        ),
        ({ lane }) => lane,
      );
      for (const track of empty) {
        track.found = [...(found.get(track.range.lane) ?? [])];
        const last = track.found.at(-1);
        track.range = { ...track.range, high: track.found.length < limit || !last ? 0 : last.seq - 1 };
        track.limit = Math.min(limit * 2, LARGEST_READ);
      }
    }
  }
}

async function readChain({ db, query }: Search, track: LaneTrack): Promise<void> {
  const { candidates, next } = await followChain(db, track.range, { query, endpointNos: [], limit: track.limit });
  track.found = candidates.filter(({ seq }) => seq >= track.range.low && seq <= track.most);
  track.range = { ...track.range, high: next };
  track.limit = Math.min(track.limit * 2, LARGEST_READ);
}

function fits({ event, state, attempts }: Delivery, query: DeliveryQuery): boolean {
  const { states, reason, userId, sequence, eventId, fromMs, toMs } = query;
  return (
    (states === undefined || states.includes(state)) &&
    (reason === undefined || attempts.some((attempt) => attempt.reason === reason)) &&
    (userId === undefined || event.userId === userId) &&
    (sequence === undefined || event.version === sequence) &&
    (eventId === undefined || event.eventId === eventId) &&
    (fromMs === undefined || event.atMs >= fromMs) &&
    (toMs === undefined || event.atMs <= toMs)
  );
}

function isNewer(a: Candidate, b: Candidate): boolean {
  return a.atMs !== b.atMs ? a.atMs > b.atMs : a.lane > b.lane;
}

function isSamePlace(a: Candidate, b: Candidate): boolean {
  return a.lane === b.lane && a.seq === b.seq;
}

/** @returns undefined if none was given, or none that can be read */
function parsePlace(cursor = ''): Place | undefined {
  const parts = cursor.split('.').map(Number);
  if (parts.length !== 4 || !parts.every(Number.isSafeInteger)) return undefined;
  const [atMs, lane, seq, endpointNo] = parts as [number, number, number, number];
  return { atMs, lane, seq, endpointNo };
}

function formatPlace({ atMs, lane, seq, endpointNo }: Place): string {
  return `${atMs}.${lane}.${seq}.${endpointNo}`;
}
