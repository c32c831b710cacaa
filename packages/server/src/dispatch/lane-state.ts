import type { LaneWindow } from './lane.ts';
import type { SettleBuffer } from './settle-buffer.ts';

/** What an endpoint knows of one lane. */
export interface LaneState {
  readonly window: LaneWindow;
  /** what came of its deliveries since the last settlement */
  readonly buffer: SettleBuffer;
  /** the highest seq known to exist; above `window.readSeq` the store has to be read */
  head: number;
  isReading: boolean;
  /** events that were started since the other lanes had their turn */
  served: number;
}
