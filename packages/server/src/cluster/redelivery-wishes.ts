/**
 * A delivery can be sent again only by the node that has its lane: nobody else knows whether the user's turn has come. Any other node that is asked
 * writes the wish down, and waits for the answer of that one.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Directory } from '../directory.ts';
import type { Redelivery } from '../dispatch/replay/redeliver.ts';
import type { Log } from '../log.ts';
import type { SharedStore } from '../storage/shared-store.ts';
import type { ChangeEvent, Endpoint } from '../storage/store.ts';

/** A wish that nobody took up within this time is void: nobody waits for it any more. */
const TAKE_WITHIN_MS = 5_000;
/** Longer than the wait for a user's turn and an attempt take together. */
const PATIENCE_MS = 45_000;
const LOOK_MS = 100;

const KINDS: readonly string[] = ['sent', 'waits', 'erased', 'busy'] satisfies Redelivery['kind'][];

/** What it works with. */
export interface RedeliveryWishesOptions {
  readonly store: SharedStore;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly log: Log;
  /** lanes that are here */
  readonly lanes: () => readonly number[];
  /** send it from here */
  readonly redeliver: (endpoint: Endpoint, event: ChangeEvent) => Promise<Redelivery>;
}

/** Wishes of this node, and those of others that it can fulfil. */
export class RedeliveryWishes {
  readonly #options: RedeliveryWishesOptions;
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: RedeliveryWishesOptions) {
    this.#options = options;
  }

  /** From here if the lane is here, else by the node that has it. @throws StoreError */
  async redeliver(endpoint: Endpoint, event: ChangeEvent): Promise<Redelivery> {
    const { store, clock, lanes, redeliver } = this.#options;
    if (lanes().includes(event.lane)) return redeliver(endpoint, event);
    const wishId = randomUUID();
    const { endpointId } = endpoint;
    await store.postWish({
      wishId,
      lane: event.lane,
      endpointId,
      eventId: event.eventId,
      takeWithinMs: TAKE_WITHIN_MS,
    });
    const giveUpAt = clock.monotonic() + PATIENCE_MS;
    for (;;) {
      await clock.sleep(LOOK_MS);
      const answer = await store.readWish(wishId);
      if (answer === 'void' || clock.monotonic() > giveUpAt) return { kind: 'busy' };
      if (answer !== undefined) return { kind: KINDS.includes(answer) ? (answer as Redelivery['kind']) : 'busy' };
    }
  }

  /** There are wishes. Never rejects. */
  async fulfil(): Promise<void> {
    const { store, lanes, log } = this.#options;
    try {
      for (const { wishId, endpointId, eventId } of await store.takeWishes(lanes())) {
        const work: Promise<void> = this.#fulfilOne(wishId, endpointId, eventId).finally(() =>
          this.#underWay.delete(work),
        );
        this.#underWay.add(work);
      }
    } catch (error) {
      log.error({ err: error }, 'cluster.wish-fault');
    }
  }

  /** Wait for what is under way. */
  async close(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** Never rejects. */
  async #fulfilOne(wishId: string, endpointId: string, eventId: string): Promise<void> {
    const { store, directory, log, redeliver } = this.#options;
    try {
      const [event, endpoint] = [await store.getEvent(eventId), directory.endpoint(endpointId)];
      const { kind } = event && endpoint ? await redeliver(endpoint, event) : ({ kind: 'busy' } as const);
      await store.answerWish(wishId, kind);
    } catch (error) {
      log.error({ err: error, endpointId, eventId }, 'cluster.wish-fault');
    }
  }
}
