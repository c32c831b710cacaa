/** The delivery log: which callback went where, and how it stands. A delivery is not a row: it is an event seen by a cursor. */
import { type EventPlace, parseEventId } from '../event-id.ts';
import type { ChangeEvent, Cursor, Delivery, DeliveryQuery, DeliveryState, Page, ParkedUser } from '../store.ts';
import type { EventRows } from './event-rows.ts';
import type { Profiles } from './profiles.ts';
import type { ProgressRows } from './progress-rows.ts';
import type { Settings } from './settings.ts';

/** A search that finds little stops here and goes on with the next page, so that no page blocks the process for long. */
const MAX_EVENTS_PER_PAGE = 5_000;
const EVENTS_PER_READ = 200;

/** The tables that a delivery is read from. */
export interface DeliverySources {
  readonly events: EventRows;
  readonly progress: ProgressRows;
  readonly profiles: Profiles;
  readonly settings: Settings;
}

interface Reader {
  readonly endpointId: string;
  readonly endpointNo: number;
  readonly cursor: Cursor;
  readonly parked: ReadonlyMap<string, ParkedUser>;
}

/** Newest first; events of equal place by endpoint, in the order the endpoints were made. */
export function listDeliveries(sources: DeliverySources, query: DeliveryQuery): Page<Delivery> {
  const { sdkAppId, limit, endpointId, state, cursor, fromMs, toMs } = query;
  const readers = sources.settings
    .endpoints()
    .filter((endpoint) => endpoint.sdkAppId === sdkAppId && (!endpointId || endpoint.endpointId === endpointId))
    .map((endpoint) => readerOf(sources, endpoint.endpointId));
  const start = startOf(sources, query);
  const lowest = fromMs === undefined ? sources.events.firstSeq(sdkAppId) : sources.events.firstSeqAt(sdkAppId, fromMs);
  const items: Delivery[] = [];
  let scanned = 0;
  for (const event of backwards(sources, query, start.seq, lowest)) {
    if (scanned >= MAX_EVENTS_PER_PAGE) return { items, nextCursor: formatCursor(event.seq, 0) };
    scanned += 1;
    if (toMs !== undefined && event.atMs > toMs) continue;
    for (const [index, reader] of readers.entries()) {
      if (cursor && event.seq === start.seq && index < start.reader) continue;
      const delivery = deliveryOf(sources, reader, event);
      if (state && delivery.state !== state) continue;
      if (items.length === limit) return { items, nextCursor: formatCursor(event.seq, index) };
      items.push(delivery);
    }
  }
  return { items };
}

/** @returns undefined if there is no such event or endpoint */
export function getDelivery(sources: DeliverySources, eventId: string, endpointId: string): Delivery | undefined {
  const place = parseEventId(eventId);
  const event = place && eventAt(sources, place);
  const endpoint = sources.settings.endpoints().find((candidate) => candidate.endpointId === endpointId);
  if (event?.eventId !== eventId || endpoint?.sdkAppId !== event.sdkAppId) return undefined;
  return deliveryOf(sources, readerOf(sources, endpointId), event);
}

function eventAt({ events }: DeliverySources, { sdkAppId, seq }: EventPlace): ChangeEvent | undefined {
  return events.get(sdkAppId, seq);
}

function readerOf({ progress }: DeliverySources, endpointId: string): Reader {
  const { cursors, parked } = progress.progress(endpointId);
  return {
    endpointId,
    endpointNo: progress.endpointNo(endpointId),
    cursor: cursors[0] ?? { lane: 0, seq: 0, doneAhead: [] },
    parked: new Map(parked.map((user) => [user.userId, user])),
  };
}

function deliveryOf({ progress }: DeliverySources, reader: Reader, event: ChangeEvent): Delivery {
  const attempts = progress.attempts(reader.endpointNo, event.lane, event.seq);
  const user = reader.parked.get(event.userId);
  const isParked = user?.waiting.includes(event.seq);
  const state = isParked
    ? parkedState(user, event.seq)
    : unparkedState(reader.cursor, event.seq, attempts.at(-1)?.outcome);
  const nextTryAtMs = state === 'retrying' ? user?.nextTryAtMs : undefined;
  return { event, endpointId: reader.endpointId, state, attempts, ...(nextTryAtMs !== undefined && { nextTryAtMs }) };
}

function parkedState(user: ParkedUser | undefined, seq: number): DeliveryState {
  if (user?.waiting[0] !== seq) return 'waiting';
  return user.nextTryAtMs === undefined ? 'held' : 'retrying';
}

function unparkedState(cursor: Cursor, seq: number, outcome: string | undefined): DeliveryState {
  if (seq > cursor.seq && !cursor.doneAhead.includes(seq)) return 'pending';
  if (outcome === undefined) return 'skipped';
  return outcome === 'delivered' ? 'delivered' : 'dead';
}

/** Events from `fromSeq` down to `lowest`: all of the app, or along the chain of one user. */
function* backwards(
  sources: DeliverySources,
  query: DeliveryQuery,
  fromSeq: number,
  lowest: number,
): Generator<ChangeEvent> {
  const { events, profiles } = sources;
  const { sdkAppId, userId } = query;
  if (userId !== undefined) {
    let seq = profiles.get(sdkAppId, userId)?.lastSeq ?? 0;
    while (seq >= lowest) {
      const event = events.get(sdkAppId, seq);
      if (!event) return;
      if (seq <= fromSeq) yield event;
      seq = event.previousSeq;
    }
    return;
  }
  for (let top = fromSeq; top >= lowest; top -= EVENTS_PER_READ) {
    const count = Math.min(EVENTS_PER_READ, top - lowest + 1);
    yield* events.read(sdkAppId, top - count, count).reverse();
  }
}

function startOf(
  { events }: DeliverySources,
  { sdkAppId, cursor, toMs }: DeliveryQuery,
): { seq: number; reader: number } {
  const [seq, reader] = (cursor ?? '').split('.').map(Number);
  if (cursor && Number.isSafeInteger(seq) && Number.isSafeInteger(reader))
    return { seq: seq as number, reader: reader as number };
  const head = events.head(sdkAppId);
  return { seq: toMs === undefined ? head : Math.min(head, events.firstSeqAt(sdkAppId, toMs + 1) - 1), reader: 0 };
}

function formatCursor(seq: number, reader: number): string {
  return `${seq}.${reader}`;
}
