import type { AttemptListener } from '../activity/attempt-listener.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { Endpoint, EndpointCircuit, EndpointNote, Store } from '../storage/store.ts';
import type { AddressRule, Lookup } from './addresses.ts';
import type { LaneLeases } from './lane-leases.ts';
import type { Slots } from './slots.ts';

/** Our own store failed: wait so long before the next try. */
export const STORE_RETRY_MS = 500;

/** Where states of endpoints are kept for all to see. All reject with what the store threw. */
interface EndpointStates {
  /** `note` absent: no event, only the circuit's details changed */
  recordCircuit(record: {
    readonly endpointId: string;
    readonly circuit: EndpointCircuit;
    readonly note?: EndpointNote | undefined;
    readonly lease: { readonly lane: number; readonly epoch: number };
  }): Promise<void>;
  /** The endpoint as it stands there. */
  endpoint(endpointId: string): Endpoint | undefined;
  /** The endpoint answered 410: it is paused until a person resumes it. */
  pauseGone(endpointId: string): Promise<void>;
}

/** What a dispatcher hands to each of its endpoints. */
export interface DispatchContext {
  readonly store: Store;
  readonly states: EndpointStates;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly onAttempt: AttemptListener;
  readonly random: () => number;
  readonly rule: AddressRule;
  /** default: the machine's own name service */
  readonly lookup?: Lookup | undefined;
  readonly version: string;
  readonly slots: Slots;
  readonly leases: LaneLeases;
}
