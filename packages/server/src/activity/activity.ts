/**
 * What happens to deliveries in this process, as it happens: for those who look on. The truth is in the store; who looks on has
 * read it first.
 */
import { parsePortraitSetCallback } from '@portrait/wire';
import { formatDeliveryId } from '../storage/event-id.ts';
import type { ChangeEvent, DeliveryState, Endpoint } from '../storage/store.ts';
import type { EndedPost } from './attempt-listener.ts';

/** A delivery that is new, or has a new state. */
export interface DeliveryUpdate {
  readonly deliveryId: string;
  readonly eventId: string;
  /** null: the app has no endpoint */
  readonly endpointId: string | null;
  readonly userId: string;
  readonly sequence: number;
  readonly atMs: number;
  readonly state: DeliveryState;
  /** why the attempt failed */
  readonly reason?: string;
  /** tags that were written */
  readonly tags: readonly string[];
}

/** Who looks on. Neither call may throw or wait. */
export interface ActivityListener {
  readonly onUpdates: (updates: readonly DeliveryUpdate[]) => void;
  /** nothing more will come: the server stops */
  readonly onClose: () => void;
}

/** Costs next to nothing while nobody looks on. */
export class Activity {
  readonly #endpointsOf: (sdkAppId: number) => readonly Endpoint[];
  readonly #listeners = new Map<number, Set<ActivityListener>>();
  #isClosed = false;

  constructor(endpointsOf: (sdkAppId: number) => readonly Endpoint[]) {
    this.#endpointsOf = endpointsOf;
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
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(sdkAppId);
    };
  }

  /** The change is durable. */
  changed(event: ChangeEvent): void {
    if (!this.#listeners.has(event.sdkAppId)) return;
    const endpoints = this.#endpointsOf(event.sdkAppId);
    const tags = tagsOf(event);
    const updates = endpoints.map(({ endpointId, commands }) =>
      updateOf(event, { endpointId, state: commands.includes(event.command) ? 'pending' : 'skipped', tags }),
    );
    this.#tell(
      event.sdkAppId,
      updates.length > 0 ? updates : [updateOf(event, { endpointId: null, state: 'skipped', tags })],
    );
  }

  /** Of what is sent again only the good news are news: a failure leaves the state as it was. */
  attempted({ endpoint, event, attempt, isResend }: EndedPost): void {
    if (!this.#listeners.has(event.sdkAppId)) return;
    const { endpointId, onDead } = endpoint;
    const { outcome, reason } = attempt;
    if (isResend && outcome !== 'delivered') return;
    const failed = outcome === 'failed' ? 'retrying' : onDead === 'hold' ? 'held' : 'dead';
    const state = outcome === 'delivered' ? outcome : failed;
    const update = updateOf(event, { endpointId, state, tags: tagsOf(event) });
    this.#tell(event.sdkAppId, [reason === undefined ? update : { ...update, reason }]);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const listeners of [...this.#listeners.values()]) for (const { onClose } of [...listeners]) onClose();
  }

  #tell(sdkAppId: number, updates: readonly DeliveryUpdate[]): void {
    for (const listener of this.#listeners.get(sdkAppId) ?? []) listener.onUpdates(updates);
  }
}

function updateOf(
  { eventId, userId, version: sequence, atMs }: ChangeEvent,
  { endpointId, state, tags }: Pick<DeliveryUpdate, 'endpointId' | 'state' | 'tags'>,
): DeliveryUpdate {
  const deliveryId = formatDeliveryId(eventId, endpointId);
  return { deliveryId, eventId, endpointId, userId, sequence, atMs, state, tags };
}

function tagsOf({ body }: ChangeEvent): readonly string[] {
  const callback = parsePortraitSetCallback(body);
  return callback.ok ? callback.value.items.map(({ tag }) => tag) : [];
}
