/** An endpoint that is dispatched to, with a store, a receiver and a clock that a test moves. */

import type { RequestListener } from 'node:http';
import type { TestContext } from 'node:test';
import type { CircuitRecord } from '../../src/directory.ts';
import { addressRule, LOOPBACK_NETWORKS } from '../../src/dispatch/addresses.ts';
import { EndpointDispatch } from '../../src/dispatch/endpoint-dispatch.ts';
import { LaneLeases } from '../../src/dispatch/lane-leases.ts';
import { type SlotClaim, Slots } from '../../src/dispatch/slots.ts';
import type { StoreError } from '../../src/errors.ts';
import type { Log } from '../../src/log.ts';
import { Metrics } from '../../src/metrics.ts';
import type {
  ChangeEvent,
  Cursor,
  Endpoint,
  EndpointCircuit,
  EndpointNote,
  ParkedUser,
  Progress,
  Settlement,
  Store,
} from '../../src/storage/store.ts';
import { FakeClock } from './fake-clock.ts';
import { httpLoopback, type SeenRequest } from './loopback.ts';
import { sampleEndpoint, sampleEvent } from './samples.ts';
import { until } from './until.ts';

export const OK = '{"ErrorCode":0}';
export const LANE = 0;

/** A log of events, and what was settled: what a dispatcher needs of a store. */
export class FakeStore {
  readonly laneCount = 1;
  readonly events: ChangeEvent[] = [];
  readonly settlements: Settlement[] = [];
  /** what the next calls of `settle` end with */
  readonly settleFaults: StoreError[] = [];
  readonly readFaults: StoreError[] = [];
  reads = 0;
  cursor: Cursor = { lane: LANE, seq: 0, doneAhead: [] };
  readonly parked = new Map<string, ParkedUser>();

  /** One event of each user, in the order of their names. */
  add(...users: readonly string[]): readonly ChangeEvent[] {
    return users.map((userId) => {
      const version = this.events.filter((event) => event.userId === userId).length + 1;
      const event = sampleEvent({ seq: this.events.length + 1, userId, version });
      this.events.push(event);
      return event;
    });
  }

  async readEvents({ afterSeq, limit }: { afterSeq: number; limit: number }): Promise<readonly ChangeEvent[]> {
    this.reads += 1;
    const fault = this.readFaults.shift();
    if (fault) throw fault;
    return this.events.filter(({ seq }) => seq > afterSeq).slice(0, limit);
  }

  async settle(settlement: Settlement): Promise<void> {
    const fault = this.settleFaults.shift();
    if (fault) throw fault;
    this.settlements.push(settlement);
    this.cursor = settlement.cursor;
    for (const { userId, seq } of settlement.unparkedSeqs)
      this.#wait(userId, (waiting) => waiting.filter((one) => one !== seq));
    for (const userId of settlement.unparkedUsers) this.parked.delete(userId);
    for (const user of settlement.parked) {
      const waiting = [...(this.parked.get(user.userId)?.waiting ?? []), ...user.waiting];
      this.parked.set(user.userId, { ...user, waiting: waiting.toSorted((a, b) => a - b) });
    }
  }

  get progress(): Progress {
    return { cursors: [this.cursor], parked: [...this.parked.values()] };
  }

  /** `seq number outcome` of all attempts that were stored */
  get attempts(): readonly string[] {
    const attempts = this.settlements.flatMap((settlement) => settlement.attempts);
    return attempts.map(({ seq, number, outcome }) => `${seq} ${number} ${outcome}`);
  }

  #wait(userId: string, change: (waiting: readonly number[]) => readonly number[]): void {
    const user = this.parked.get(userId);
    if (user) this.parked.set(userId, { ...user, waiting: change(user.waiting) });
  }
}

/** States as they are told, and what the next calls end with. */
export class FakeStates {
  readonly circuits: EndpointCircuit[] = [];
  readonly notes: EndpointNote[] = [];
  readonly faults: StoreError[] = [];
  gone = 0;

  async recordCircuit({ circuit, note }: CircuitRecord): Promise<void> {
    const fault = this.faults.shift();
    if (fault) throw fault;
    this.circuits.push(circuit);
    if (note) this.notes.push(note);
  }

  endpoint(): undefined {}

  async pauseGone(): Promise<void> {
    const fault = this.faults.shift();
    if (fault) throw fault;
    this.gone += 1;
  }

  get kinds(): readonly string[] {
    return this.notes.map(({ kind }) => kind);
  }
}

/** Counts who takes slots, and who waits for one. */
export class SpiedSlots extends Slots {
  readonly waiting = new Set<SlotClaim>();
  out = 0;

  override take(claim: SlotClaim): boolean {
    const taken = super.take(claim);
    if (taken) this.out += 1;
    else this.waiting.add(claim);
    return taken;
  }

  override release(claim: SlotClaim): void {
    this.out -= 1;
    super.release(claim);
  }
}

const silent: Log = {
  isLevelEnabled: () => false,
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silent,
};

/** An endpoint that is dispatched to, its receiver, and a clock that goes on while something is waited for. */
export async function startDispatch(
  t: TestContext,
  {
    answer,
    endpoint,
    store = new FakeStore(),
    slots = new SpiedSlots(100),
    leaseMs = 86_400_000,
    stepMs = 5,
    clock = new FakeClock(),
    random = 0,
  }: {
    answer?: RequestListener;
    endpoint?: Partial<Endpoint>;
    store?: FakeStore;
    slots?: SpiedSlots;
    leaseMs?: number;
    /** how much time passes between two looks; from 1 s on only while no POST is under way, so that none runs out of time */
    stepMs?: number;
    clock?: FakeClock;
    /** of pauses: 0 = none before a retry, and half of it before a probe */
    random?: number;
  } = {},
) {
  const receiver = await httpLoopback(t, answer ?? ((_request, response) => response.end(OK)));
  const leases = new LaneLeases(clock);
  leases.renew([{ lane: LANE, epoch: 1, leaseMs }], clock.monotonic());
  const states = new FakeStates();
  const context = {
    store: store as unknown as Store,
    states,
    clock,
    log: silent,
    metrics: new Metrics(),
    random: () => random,
    rule: addressRule(LOOPBACK_NETWORKS),
    version: '1',
    onAttempt() {},
    slots,
    leases,
  };
  const settings = sampleEndpoint({ url: receiver.origin, ...endpoint });
  const dispatch = new EndpointDispatch(settings, context);
  const closeNow = (): Promise<void> => {
    const closed = dispatch.close(0);
    clock.advance(0);
    return closed;
  };
  t.after(closeNow);
  dispatch.addLanes(store.progress, [LANE]);
  /** Time passes in small steps until it is so. */
  const goUntil = (what: string, look: () => boolean, withinMs = 15_000): Promise<true> =>
    until(
      () => {
        if (look()) return true;
        if (stepMs < 1_000 || slots.out === 0) clock.advance(stepMs);
        return false;
      },
      { what: () => what, withinMs },
    );
  const offer = (events: readonly ChangeEvent[]): void => {
    for (const event of events) dispatch.offer(event);
  };
  return { clock, closeNow, dispatch, goUntil, leases, offer, receiver, settings, slots, states, store };
}

/** The seq of a request that came. */
export const seqOf = ({ rawHeaders }: Pick<SeenRequest, 'rawHeaders'>): number => {
  const id = rawHeaders[rawHeaders.indexOf('webhook-id') + 1] ?? '';
  return Number.parseInt(id.split('_').at(-1) ?? '', 36);
};
