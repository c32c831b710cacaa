/**
 * What happens to deliveries, as it happens: for those who look on. The truth is in the store; who looks on has read it first. What this
 * process does is told at once, what other nodes of a shared store do by whoever looks after them (follow-others.ts).
 */
import type { ChangeEvent, Endpoint } from '../storage/store.ts';
import type { EndedPost } from './attempt-listener.ts';
import { type DeliveryUpdate, updatesOf } from './delivery-update.ts';

/** Who looks on. None of these calls may throw or wait. */
export interface ActivityListener {
  readonly onUpdates: (updates: readonly DeliveryUpdate[]) => void;
  /** more happened than is told: the store is to be read anew */
  readonly onGap: () => void;
  /** nothing more will come: the server stops */
  readonly onClose: () => void;
}

/** Who looks after what other nodes do, and tells it by `tell` and `tellGap`. */
export interface OtherNodes {
  /** Somebody looks on. Resolves when nothing is missed from here on. Never rejects. */
  follow(sdkAppId: number): Promise<void>;
  /** Nobody does any more. */
  unfollow(sdkAppId: number): void;
  /** What is told of a change that was made here, or of an attempt. Only while the app is followed. */
  toldHere(event: ChangeEvent, updates: readonly DeliveryUpdate[], what: 'change' | 'attempt'): void;
  close(): Promise<void>;
}

/** Costs next to nothing while nobody looks on. */
export class Activity {
  readonly #endpointsOf: (sdkAppId: number) => readonly Endpoint[];
  readonly #listeners = new Map<number, Set<ActivityListener>>();
  #others: OtherNodes | undefined;
  #isClosed = false;

  constructor(endpointsOf: (sdkAppId: number) => readonly Endpoint[]) {
    this.#endpointsOf = endpointsOf;
  }

  /** Other nodes work on the store, too. To be called before anybody looks on. */
  join(others: OtherNodes): void {
    this.#others = others;
  }

  /** @returns takes it back; after `close` the listener is told at once that nothing comes */
  follow(sdkAppId: number, listener: ActivityListener): () => void {
    if (this.#isClosed) {
      listener.onClose();
      return () => undefined;
    }
    const listeners = this.#listeners.get(sdkAppId) ?? new Set();
    this.#listeners.set(sdkAppId, listeners.add(listener));
    return () => {
      if (!listeners.delete(listener) || listeners.size > 0) return;
      this.#listeners.delete(sdkAppId);
      this.#others?.unfollow(sdkAppId);
    };
  }

  /** Resolves when who follows the app is told of all that is done from here on, by whichever node. Never rejects. */
  async begun(sdkAppId: number): Promise<void> {
    if (this.#listeners.has(sdkAppId)) await this.#others?.follow(sdkAppId);
  }

  /** The change is durable. */
  changed(event: ChangeEvent): void {
    const { sdkAppId, command } = event;
    if (!this.#listeners.has(sdkAppId)) return;
    const deliveries = this.#endpointsOf(sdkAppId).map(({ endpointId, commands }) => {
      const state = commands.includes(command) ? ('pending' as const) : ('skipped' as const);
      return { endpointId, state };
    });
    const nowhere = { endpointId: null, state: 'skipped' as const };
    const updates = updatesOf(event, deliveries.length > 0 ? deliveries : [nowhere]);
    this.#others?.toldHere(event, updates, 'change');
    this.tell(sdkAppId, updates);
  }

  /** Of what is sent again only the good news are news: a failure leaves the state as it was. */
  attempted({ endpoint, event, attempt, isResend }: EndedPost): void {
    const { sdkAppId } = event;
    if (!this.#listeners.has(sdkAppId)) return;
    const { endpointId, onDead } = endpoint;
    const { outcome, reason } = attempt;
    if (isResend && outcome !== 'delivered') return;
    const failed = outcome === 'failed' ? 'retrying' : onDead === 'hold' ? 'held' : 'dead';
    const state = outcome === 'delivered' ? outcome : failed;
    const updates = updatesOf(event, [{ endpointId, state, ...(reason !== undefined && { reason }) }]);
    this.#others?.toldHere(event, updates, 'attempt');
    this.tell(sdkAppId, updates);
  }

  tell(sdkAppId: number, updates: readonly DeliveryUpdate[]): void {
    for (const { onUpdates } of this.#listeners.get(sdkAppId) ?? []) onUpdates(updates);
  }

  tellGap(sdkAppId: number): void {
    for (const { onGap } of this.#listeners.get(sdkAppId) ?? []) onGap();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const listeners of [...this.#listeners.values()]) for (const { onClose } of [...listeners]) onClose();
    await this.#others?.close();
  }
}
