/**
 * Names of events and deliveries. An id tells where its row stands, so that no index is needed to find it, and when it was
 * made, so that a store that was wiped or restored from a backup never gives out an id again.
 */

/** Where an event stands, and when it was committed. */
export interface EventPlace {
  readonly atMs: number;
  readonly sdkAppId: number;
  readonly lane: number;
  readonly seq: number;
}

const PREFIX = 'evt_';
const PART = /^[0-9a-z]{1,11}$/;

/** @returns `evt_<time>_<app>_<lane>_<seq>`, each in base 36 */
export function formatEventId({ atMs, sdkAppId, lane, seq }: EventPlace): string {
  return `${PREFIX}${atMs.toString(36)}_${sdkAppId.toString(36)}_${lane.toString(36)}_${seq.toString(36)}`;
}

/** @returns undefined if the text is no event id */
export function parseEventId(eventId: string): EventPlace | undefined {
  if (!eventId.startsWith(PREFIX)) return undefined;
  const parts = eventId.slice(PREFIX.length).split('_');
  if (parts.length !== 4 || !parts.every((part) => PART.test(part))) return undefined;
  const [atMs, sdkAppId, lane, seq] = parts.map((part) => Number.parseInt(part, 36)) as [
    number,
    number,
    number,
    number,
  ];
  const place = { atMs, sdkAppId, lane, seq };
  return formatEventId(place) === eventId ? place : undefined;
}

/** In the id of what goes nowhere, because the app has no endpoint. */
const NO_ENDPOINT = 'none';

/** @returns `dlv_<event>.<endpoint>`: the delivery of one event to one endpoint; `dlv_<event>.none` if it is null */
export function formatDeliveryId(eventId: string, endpointId: string | null): string {
  return `dlv_${eventId.slice(PREFIX.length)}.${endpointId ?? NO_ENDPOINT}`;
}

/** @returns undefined if the text is no delivery id */
export function parseDeliveryId(deliveryId: string): { eventId: string; endpointId: string | null } | undefined {
  if (!deliveryId.startsWith('dlv_')) return undefined;
  const dot = deliveryId.indexOf('.');
  if (dot < 0) return undefined;
  const eventId = `${PREFIX}${deliveryId.slice(4, dot)}`;
  const endpoint = deliveryId.slice(dot + 1);
  return parseEventId(eventId) && { eventId, endpointId: endpoint === NO_ENDPOINT ? null : endpoint };
}
