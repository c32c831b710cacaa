/** The delivery log: which callback went where, and how it stands. */
import { undeliverable } from '../delivery-state.ts';
import { parseEventId } from '../event-id.ts';
import type { ChangeEvent, Delivery, DeliveryQuery, Page } from '../store.ts';
import type { DeliveryRows, Reader } from './delivery-rows.ts';
import { candidates, candidatesWithoutEndpoint, type SearchContext } from './delivery-search.ts';
import type { EventRows } from './event-rows.ts';
import type { Profiles } from './profiles.ts';
import type { SearchRows } from './search-rows.ts';
import { Budget, type SeqSource } from './seq-source.ts';
import type { Settings } from './settings.ts';
import { UserChain } from './user-chain.ts';

/** To find what may fit, over all endpoints: at most 2.5 ms. */
const UNITS_PER_SEARCH = 250;
/** To look at it: at most 3 ms, 200 deliveries. */
const UNITS_PER_PAGE = 400;
/** To read an event and its delivery to one endpoint. */
const UNITS_PER_DELIVERY = 2;

/** The tables that a delivery is read from. */
export interface DeliverySources {
  readonly events: EventRows;
  readonly deliveries: DeliveryRows;
  readonly search: SearchRows;
  readonly profiles: Profiles;
  readonly settings: Settings;
}

/** Where a page begins: at this event, with the endpoint of this number or a higher one. */
interface Place {
  readonly seq: number;
  readonly endpointNo: number;
}

/** An endpoint, or none, and where its deliveries can be. */
interface Track {
  readonly reader: Reader | undefined;
  readonly source: SeqSource;
  /** of its own: no endpoint keeps the search from getting on at another */
  readonly budget: Budget;
}

/** A page of the list. */
export function listDeliveries(sources: DeliverySources, query: DeliveryQuery): Page<Delivery> {
  const { limit } = query;
  const place = parsePlace(query.cursor);
  const context = contextOf(sources, query, place);
  const tracks = tracksOf(sources, context);
  const budget = new Budget(UNITS_PER_PAGE);
  const items: Delivery[] = [];
  for (let top = context.high, isFirst = true; ; isFirst = false) {
    const tops = tracks.map(({ source }) => source.next(top));
    const seq = Math.max(0, ...tops);
    if (seq < context.low) return { items };
    const isSpent = budget.isSpent || tracks.some((track, at) => track.budget.isSpent && tops[at] === seq);
    // the first is looked at in any case, so that each page comes further than the one before
    if (isSpent && !isFirst) return { items, nextCursor: formatPlace({ seq, endpointNo: 0 }) };
    const event = sources.events.get(query.sdkAppId, seq);
    const firstNo = seq === place?.seq ? place.endpointNo : 0;
    for (const [at, { reader }] of tracks.entries()) {
      const endpointNo = reader?.endpointNo ?? 0;
      if (!event || tops[at] !== seq || endpointNo < firstNo) continue;
      const delivery = reader ? sources.deliveries.delivery(reader, event, false) : undeliverable(event);
      budget.spend(UNITS_PER_DELIVERY);
      if (!fits(delivery, query)) continue;
      if (items.length === limit) return { items, nextCursor: formatPlace({ seq, endpointNo }) };
      items.push(delivery);
    }
    top = seq - 1;
  }
}

/** @returns undefined if there is no such event, or no such endpoint */
export function getDelivery(
  sources: DeliverySources,
  eventId: string,
  endpointId: string | null,
): Delivery | undefined {
  const event = getEvent(sources, eventId);
  if (!event) return undefined;
  const endpoints = sources.settings.endpointsOf(event.sdkAppId);
  if (endpointId === null) return endpoints.length === 0 ? undeliverable(event) : undefined;
  const found = endpoints.find(({ endpoint }) => endpoint.endpointId === endpointId);
  if (!found) return undefined;
  const reader = sources.deliveries.reader(found.endpoint, found.endpointNo);
  return sources.deliveries.delivery(reader, event, true);
}

/** @returns undefined if there is no such event */
export function getEvent({ events }: DeliverySources, eventId: string): ChangeEvent | undefined {
  const place = parseEventId(eventId);
  const event = place && events.get(place.sdkAppId, place.seq);
  return event?.eventId === eventId ? event : undefined;
}

function contextOf(sources: DeliverySources, query: DeliveryQuery, place: Place | undefined): SearchContext {
  const { events, profiles, search: rows } = sources;
  const { sdkAppId, userId, eventId, sequence, fromMs, toMs } = query;
  const at = eventId === undefined ? undefined : (getEvent(sources, eventId)?.seq ?? 0);
  const low = at ?? (fromMs === undefined ? 1 : events.firstSeqAt(sdkAppId, fromMs));
  const high = at ?? (toMs === undefined ? events.head(sdkAppId) : events.firstSeqAt(sdkAppId, toMs + 1) - 1);
  const lastSeq = userId === undefined ? 0 : (profiles.get(sdkAppId, userId)?.lastSeq ?? 0);
  const isOnChain = place !== undefined && userId !== undefined && events.get(sdkAppId, place.seq)?.userId === userId;
  return {
    rows,
    query,
    low: Math.max(low, events.firstSeq(sdkAppId)),
    high: Math.min(high, place?.seq ?? high),
    chain: new UserChain(events, sdkAppId, { from: isOnChain ? place.seq : lastSeq, sequence }),
  };
}

function tracksOf({ settings, deliveries }: DeliverySources, context: SearchContext): readonly Track[] {
  const { sdkAppId, endpointId } = context.query;
  const all = settings.endpointsOf(sdkAppId);
  if (all.length === 0 && endpointId === undefined) {
    const budget = new Budget(UNITS_PER_SEARCH);
    return [{ reader: undefined, source: candidatesWithoutEndpoint(context, budget), budget }];
  }
  const asked = all.filter(({ endpoint }) => endpointId === undefined || endpoint.endpointId === endpointId);
  return asked.map(({ endpoint, endpointNo }) => {
    const budget = new Budget(UNITS_PER_SEARCH / asked.length);
    const reader = deliveries.reader(endpoint, endpointNo);
    return { reader, source: candidates(reader, context, budget), budget };
  });
}

function fits({ event, state, attempts }: Delivery, query: DeliveryQuery): boolean {
  const { states, reason, userId, sequence, eventId, fromMs, toMs } = query;
  return (
    (states === undefined || states.includes(state)) &&
    (reason === undefined || attempts.some((attempt) => attempt.reason === reason)) &&
    (userId === undefined || event.userId === userId) &&
    (sequence === undefined || event.version === sequence) &&
    (eventId === undefined || event.eventId === eventId) &&
    // the clock can have been set back: bounds found by bisection are not all
    (fromMs === undefined || event.atMs >= fromMs) &&
    (toMs === undefined || event.atMs <= toMs)
  );
}

/** @returns undefined if none was given, or none that can be read */
function parsePlace(cursor = ''): Place | undefined {
  const [seq = Number.NaN, endpointNo = Number.NaN] = cursor.split('.').map(Number);
  return Number.isSafeInteger(seq) && Number.isSafeInteger(endpointNo) ? { seq, endpointNo } : undefined;
}

function formatPlace({ seq, endpointNo }: Place): string {
  return `${seq}.${endpointNo}`;
}
