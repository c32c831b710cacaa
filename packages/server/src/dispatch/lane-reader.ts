/** Reads what lies behind a full window, or was never offered. */
import type { Log } from '../log.ts';
import type { ChangeEvent, Store } from '../storage/store.ts';
import type { LaneState } from './lane-state.ts';

/** What a reader works with. */
export interface LaneReaderOptions {
  readonly endpointId: string;
  readonly sdkAppId: number;
  readonly context: { readonly store: Store; readonly log: Log };
  /** called for each event in order, as long as it is the next one of its lane */
  readonly take: (lane: LaneState, event: ChangeEvent) => void;
  /** called when there is something new */
  readonly onRead: () => void;
  /** the store did not answer, or has less than its head says: it is to be asked again later */
  readonly onFault: () => void;
}

/** One read at a time per lane. */
export class LaneReader {
  readonly #options: LaneReaderOptions;

  constructor(options: LaneReaderOptions) {
    this.#options = options;
  }

  /** Read at most `limit` events that come next. */
  read(lane: LaneState, limit: number): void {
    if (lane.isReading) return;
    lane.isReading = true;
    const { endpointId, sdkAppId, context, take, onRead, onFault } = this.#options;
    const { window } = lane;
    const place = { sdkAppId, lane: window.lane, afterSeq: window.readSeq, limit: Math.min(window.room, limit) };
    context.store
      .readEvents(place)
      .then((events) => {
        for (const event of events) if (event.seq === window.readSeq + 1) take(lane, event);
        lane.isReading = false;
        if (events.length > 0) onRead();
        else onFault();
      })
      .catch((error: unknown) => {
        lane.isReading = false;
        context.log.error({ err: error, endpointId }, 'delivery.read-fault');
        onFault();
      });
  }
}
