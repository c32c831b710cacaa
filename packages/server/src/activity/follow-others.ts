/**
 * Tells those who look on what other nodes do to the deliveries of a shared store: the log is the bus. While an app is followed here, a look each
 * second finds the heads that have moved, and reads the deliveries behind them and those that were not delivered when they were told last.
 *
 * Nothing is asked while nobody looks on, or while this node is alone: it tells what it does itself.
 */
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { SharedStore } from '../storage/shared-store.ts';
import type { ChangeEvent, DeliveryState } from '../storage/store.ts';
import type { Activity, OtherNodes } from './activity.ts';
import type { DeliveryUpdate } from './delivery-update.ts';
import { FollowedApp, NEWEST } from './followed-app.ts';

const LOOK_MS = 1_000;
/** What another node may still change. */
const UNDELIVERED: readonly DeliveryState[] = ['pending', 'retrying', 'waiting', 'held', 'dead'];

/** What it works with. */
export interface FollowOthersOptions {
  readonly activity: Pick<Activity, 'tell' | 'tellGap'>;
  readonly store: Pick<SharedStore, 'laneCount' | 'readLaneNews' | 'readDeliveries' | 'listDeliveries'>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'error'>;
  /** whether no other node answers clients, and all lanes are here */
  readonly isAlone: () => boolean;
}

interface Followed {
  /** absent while this node is alone, or as long as the store does not answer */
  app?: FollowedApp | undefined;
  beginning?: Promise<void> | undefined;
}

/** Asks only while somebody looks on. */
export class FollowOthers implements OtherNodes {
  readonly #options: FollowOthersOptions;
  readonly #followed = new Map<number, Followed>();
  readonly #lanes: readonly number[];
  readonly #stop = new AbortController();
  /** while somebody looks on */
  #polling: Promise<void> | undefined;

  constructor(options: FollowOthersOptions) {
    this.#options = options;
    this.#lanes = Array.from({ length: options.store.laneCount }, (_, lane) => lane);
  }

  async follow(sdkAppId: number): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const followed = this.#followed.get(sdkAppId) ?? {};
    this.#followed.set(sdkAppId, followed);
    this.#polling ??= this.#poll();
    if (!this.#options.isAlone()) await this.#begin(sdkAppId, followed);
  }

  unfollow(sdkAppId: number): void {
    this.#followed.delete(sdkAppId);
  }

  toldHere(event: ChangeEvent, updates: readonly DeliveryUpdate[], what: 'change' | 'attempt'): void {
    this.#followed.get(event.sdkAppId)?.app?.toldHere(event, updates, what);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#polling;
  }

  /** Once for all that ask at the same time. Never rejects: the next look tries again. */
  async #begin(sdkAppId: number, followed: Followed): Promise<void> {
    if (followed.app?.isBegun) return;
    followed.beginning ??= this.#readStart(sdkAppId, followed).finally(() => {
      followed.beginning = undefined;
    });
    await followed.beginning;
  }

  async #readStart(sdkAppId: number, followed: Followed): Promise<void> {
    const { store, log } = this.#options;
    const app = new FollowedApp();
    followed.app = app; // what is told here meanwhile is no news of others
    try {
      const heads = await store.readLaneNews({ lanes: this.#lanes, sdkAppIds: [sdkAppId] });
      const { items } = await store.listDeliveries({ sdkAppId, states: UNDELIVERED, limit: NEWEST });
      app.begin(heads, items);
    } catch (error) {
      followed.app = undefined;
      log.error({ err: error, sdkAppId }, 'activity.look-fault');
    }
  }

  async #poll(): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#stop;
    for (;;) {
      await clock.sleep(LOOK_MS, signal);
      if (signal.aborted || this.#followed.size === 0) break;
      try {
        await this.#look();
      } catch (error) {
        log.error({ err: error }, 'activity.look-fault');
      }
    }
    this.#polling = undefined;
  }

  /** @throws StoreError */
  async #look(): Promise<void> {
    const { store, activity, isAlone } = this.#options;
    if (isAlone()) {
      for (const followed of this.#followed.values()) followed.app = undefined;
      return;
    }
    const begun: (readonly [number, FollowedApp])[] = [];
    for (const [sdkAppId, followed] of [...this.#followed]) {
      if (followed.app?.isBegun) begun.push([sdkAppId, followed.app]);
      else if (!followed.beginning) {
        // what others did up to here was not looked at
        await this.#begin(sdkAppId, followed);
        if (followed.app) activity.tellGap(sdkAppId);
      }
    }
    if (begun.length === 0) return;
    const news = await store.readLaneNews({ lanes: this.#lanes, sdkAppIds: begun.map(([sdkAppId]) => sdkAppId) });
    const heads = Map.groupBy(news, ({ sdkAppId }) => sdkAppId);
    for (const [sdkAppId, app] of begun) {
      const look = app.next(heads.get(sdkAppId) ?? []);
      const { places, isCut } = look;
      const deliveries = places.length > 0 ? await store.readDeliveries({ sdkAppId, places }) : [];
      const updates = app.take(look, deliveries);
      if (updates.length > 0) activity.tell(sdkAppId, updates);
      if (isCut) activity.tellGap(sdkAppId);
    }
  }
}
