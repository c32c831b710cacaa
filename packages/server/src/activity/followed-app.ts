/**
 * Of an app that is followed: which of its deliveries are to be looked up in the store, and what is new about them. No I/O.
 *
 *   event              is looked up
 *   made elsewhere     once its lane's head has moved over it, then as one of the following
 *   not delivered      again and again, in turn: another node may have the lane, or send it again
 *   told as delivered  not any more
 */
import type { LaneNews, LogPlace } from '../storage/shared-store.ts';
import type { ChangeEvent, Delivery, DeliveryState } from '../storage/store.ts';
import { type DeliveryUpdate, reasonOf, updatesOf } from './delivery-update.ts';

/** Changes of other nodes that are told one by one at a look. */
const MAX_NEW = 1_000;
/** Events that are looked up again at a look. */
const MAX_AGAIN = 1_000;
/** Events of which something is still expected; beyond, all but the newest are let go. */
const MAX_OPEN = 20_000;
/** Those: a few times what a page shows at first. */
export const NEWEST = 400;
/** What came of an attempt here is stored by then, or as good as never. */
const LOOKS_UNTIL_STORED = 2;

/** What was told of a delivery. */
interface Told {
  readonly state: DeliveryState;
  readonly reason: string | undefined;
  /** by an attempt of this node, before this look: the store may not have it yet */
  readonly attemptedAt?: number;
}

/** An event of which something was told, or is to be. */
interface OpenEvent extends LogPlace {
  readonly atMs: number;
  /** by endpoint */
  readonly told: Map<string | null, Told>;
}

/** What a look is about. */
export interface NextLook {
  readonly places: readonly LogPlace[];
  /** more happened than can be told */
  readonly isCut: boolean;
  /** where the next look goes on, if this one is taken */
  readonly heads: readonly LaneNews[];
}

/** One app, from when it is followed. */
export class FollowedApp {
  /** by lane; undefined before `begin` */
  #heads: Map<number, number> | undefined;
  /** in the order in which they are looked up */
  readonly #open = new Map<string, OpenEvent>();
  #looks = 0;

  /** It has begun. */
  get isBegun(): boolean {
    return this.#heads !== undefined;
  }

  /** @param undelivered  newest ones, read after the heads: their states are known to who looks on */
  begin(heads: readonly LaneNews[], undelivered: readonly Delivery[]): void {
    this.#heads = new Map(heads.map(({ lane, seq }) => [lane, seq]));
    for (const delivery of undelivered.toReversed()) {
      const { event, endpointId, state } = delivery;
      const { told } = this.#openOf(event);
      if (!told.has(endpointId)) told.set(endpointId, { state, reason: reasonOf(delivery) });
    }
  }

  /** See `OtherNodes.toldHere`. */
  toldHere(event: ChangeEvent, updates: readonly DeliveryUpdate[], what: 'change' | 'attempt'): void {
    const { told } = this.#openOf(event);
    for (const { endpointId, state, reason } of updates) {
      told.set(endpointId, { state, reason, ...(what === 'attempt' && { attemptedAt: this.#looks }) });
    }
  }

  /** @param heads  as the store has them now */
  next(heads: readonly LaneNews[]): NextLook {
    this.#looks += 1;
    const isOver = this.#letGo();
    const again = [...this.#open.values()].filter(({ told }) => !isSettled(told)).slice(0, MAX_AGAIN);
    for (const event of again) {
      this.#open.delete(keyOf(event));
      this.#open.set(keyOf(event), event);
    }
    const { places, isCut } = this.#unknown(heads);
    return { places: [...places, ...again], isCut: isCut || isOver, heads };
  }

  /** @param deliveries  at the places of the look. @returns what was not told yet, oldest first */
  take({ places, heads }: NextLook, deliveries: readonly Delivery[]): readonly DeliveryUpdate[] {
    for (const { lane, seq } of heads) this.#heads?.set(lane, seq);
    const byEvent = [...Map.groupBy(deliveries, ({ event }) => keyOf(event)).values()].sort(compareAge);
    const updates = byEvent.flatMap((group) => this.#takeEvent(group));
    const found = new Set(deliveries.map(({ event }) => keyOf(event)));
    for (const place of places) if (!found.has(keyOf(place))) this.#open.delete(keyOf(place));
    return updates;
  }

  #takeEvent(group: readonly Delivery[]): readonly DeliveryUpdate[] {
    const [first] = group;
    if (!first) return [];
    const { told } = this.#openOf(first.event);
    const news = group
      .map((delivery) => ({ endpointId: delivery.endpointId, state: delivery.state, reason: reasonOf(delivery) }))
      .filter((now) => this.#isNews(told.get(now.endpointId), now));
    for (const { endpointId, state, reason } of news) told.set(endpointId, { state, reason });
    return updatesOf(
      first.event,
      news.map(({ reason, ...delivery }) => (reason === undefined ? delivery : { ...delivery, reason })),
    );
  }

  #isNews(told: Told | undefined, now: Pick<Told, 'state' | 'reason'>): boolean {
    if (!told) return true;
    if (told.state === now.state && told.reason === now.reason) return false;
    if (told.attemptedAt === undefined || now.state === 'delivered') return true;
    return told.state !== 'delivered' && this.#looks - told.attemptedAt >= LOOKS_UNTIL_STORED;
  }

  /** Events above the heads that were seen last of which nothing is known here. */
  #unknown(heads: readonly LaneNews[]): Pick<NextLook, 'places' | 'isCut'> {
    let isCut = false;
    const byLane = heads.map(({ lane, seq: head }) => {
      const seen = this.#heads?.get(lane) ?? 0;
      const from = Math.max(seen, head - MAX_OPEN);
      isCut ||= from > seen;
      const places = Array.from({ length: Math.max(0, head - from) }, (_, index) => ({ lane, seq: from + 1 + index }));
      return places.filter((place) => !this.#open.has(keyOf(place)));
    });
    const moved = byLane.filter((places) => places.length > 0);
    const most = Math.floor(MAX_NEW / Math.max(1, moved.length));
    const isMuch = moved.reduce((sum, places) => sum + places.length, 0) > MAX_NEW;
    if (!isMuch) return { places: moved.flat(), isCut };
    return { places: moved.flatMap((places) => places.slice(-most)), isCut: true };
  }

  /** Forget what is settled, and what is too much. @returns whether it was too much */
  #letGo(): boolean {
    for (const [key, { lane, seq, told }] of this.#open) {
      // before the head has moved over it, it would count as one that was made elsewhere
      if (isSettled(told) && seq <= (this.#heads?.get(lane) ?? 0)) this.#open.delete(key);
    }
    if (this.#open.size <= MAX_OPEN) return false;
    const byAge = [...this.#open.values()].sort((one, other) => one.atMs - other.atMs);
    for (const event of byAge.slice(0, -NEWEST)) this.#open.delete(keyOf(event));
    return true;
  }

  #openOf({ lane, seq, atMs }: ChangeEvent): OpenEvent {
    const key = keyOf({ lane, seq });
    const open = this.#open.get(key) ?? { lane, seq, atMs, told: new Map() };
    this.#open.set(key, open);
    return open;
  }
}

function keyOf({ lane, seq }: LogPlace): string {
  return `${lane}:${seq}`;
}

/** A change that is skipped stays so, and one that is delivered too. */
function isSettled(told: ReadonlyMap<unknown, Told>): boolean {
  return [...told.values()].every(({ state }) => state === 'delivered' || state === 'skipped');
}

function compareAge([one]: readonly Delivery[], [other]: readonly Delivery[]): number {
  if (!one || !other) return 0;
  return one.event.atMs - other.event.atMs || one.event.lane - other.event.lane || one.event.seq - other.event.seq;
}
