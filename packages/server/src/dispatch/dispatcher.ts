/** Carries committed events to the endpoints of their apps: in order per user, at least once. */
import { randomUUID } from 'node:crypto';
import type { AttemptListener } from '../activity/attempt-listener.ts';
import type { Clock } from '../clock.ts';
import type { Directory, DirectoryChange } from '../directory.ts';
import type { Log } from '../log.ts';
import { Metrics } from '../metrics.ts';
import type { ChangeEvent, Endpoint, LaneHead, Store } from '../storage/store.ts';
import type { AddressRule, Lookup } from './addresses.ts';
import type { DispatchContext } from './dispatch-context.ts';
import { EndpointDispatch, type EndpointTurn } from './endpoint-dispatch.ts';
import type { EndpointProgress } from './endpoint-progress.ts';
import { LaneLeases } from './lane-leases.ts';
import { Slots } from './slots.ts';
import type { TurnRequest } from './user-turns.ts';

/** POSTs under way over all endpoints. */
const MAX_RUNNING_ATTEMPTS = 1_024;
/** Heads are looked at so often: what no offer told is found so late. */
const POLL_MS = 1_000;
/** Of an attempt that may take longer than this part of a lease the end can fall to a time when the lane is another's. */
const LONGEST_PART = 0.5;
/** While lanes are handed over: whether what runs in them has ended. */
const HANDOVER_LOOK_MS = 10;
/** A stop waits so long for running POSTs. */
const CLOSE_PATIENCE_MS = 10_000;

/** What the dispatcher works with. */
export interface DispatcherOptions {
  readonly store: Store;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: Metrics;
  readonly onAttempt?: AttemptListener;
  readonly rule: AddressRule;
  /** default: the machine's own name service */
  readonly lookup?: Lookup | undefined;
  readonly version: string;
  /** life of a claim on lanes; renewed at a third of it */
  readonly leaseMs: number;
  /** name of this process among those who share the lanes; default: one of its own */
  readonly owner?: string;
  readonly random?: () => number;
}

/** A running dispatcher. */
export interface Dispatcher {
  /** Freshly committed events, in commit order. A hint: without it they arrive one poll later. */
  offer(event: ChangeEvent): void;
  /** Heads as the store has them, of any lanes: the same hint, where the events themselves are not at hand. */
  headsAre(heads: readonly LaneHead[]): void;
  /** Lanes may be free: claim a share of them now, not only when leases are renewed. */
  claimSoon(): void;
  /** Lanes that this process has. */
  readonly lanes: readonly number[];
  /** Part of all lanes that is here: of what is limited over all processes, this one has so much. More than 0, at most 1. */
  readonly share: number;
  /** What each endpoint still has to get. */
  progress(): readonly EndpointProgress[];
  /** Wait for the right to send to a user of an endpoint. @returns undefined if the endpoint or the lane is not here, or the signal ends it */
  takeTurn(endpointId: string, request: TurnRequest): Promise<EndpointTurn | undefined>;
  /** Of a lane: what is stored of attempts names it. -1: the lane is not here. */
  epochOf(lane: number): number;
  /** Start nothing more, let running POSTs end (10 s at most), store what came of them, give up the lanes. */
  close(): Promise<void>;
}

/** Claim lanes, take up every endpoint where the store has it, and go on from there. @throws StoreError */
export async function startDispatcher(options: DispatcherOptions): Promise<Dispatcher> {
  const dispatcher = new EventDispatcher(options);
  await dispatcher.start();
  return dispatcher;
}

class EventDispatcher implements Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #context: DispatchContext;
  readonly #leases: LaneLeases;
  readonly #owner: string;
  #renewing: Promise<void> = Promise.resolve();
  #handover: Promise<void> | undefined;
  readonly #endpoints = new Map<string, EndpointDispatch>();
  readonly #byApp = new Map<number, readonly EndpointDispatch[]>();
  readonly #stop = new AbortController();
  #loops: readonly Promise<void>[] = [];
  #unsubscribe: () => void = () => {};
  /** changes of endpoints are carried out one after the other */
  #changes: Promise<void> = Promise.resolve();

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#owner = options.owner ?? randomUUID();
    this.#leases = new LaneLeases(options.clock, {
      laneCount: options.store.laneCount,
      longestMs: options.leaseMs * LONGEST_PART,
    });
    this.#context = {
      store: options.store,
      states: options.directory,
      clock: options.clock,
      log: options.log,
      metrics: options.metrics ?? new Metrics(),
      onAttempt: options.onAttempt ?? (() => undefined),
      rule: options.rule,
      lookup: options.lookup,
      version: options.version,
      random: options.random ?? Math.random,
      slots: new Slots(MAX_RUNNING_ATTEMPTS),
      leases: this.#leases,
    };
  }

  async start(): Promise<void> {
    const { directory, leaseMs } = this.#options;
    await this.#renew();
    for (const endpoint of directory.endpoints()) await this.#add(endpoint);
    await this.#poll();
    const unsubscribe = [
      directory.onChange((change) => {
        this.#changes = this.#changes.then(() => this.#follow(change));
      }),
      directory.onEndpointEvent(({ kind, endpointId }) => {
        if (kind !== 'resumed') return;
        this.#changes = this.#changes.then(() => this.#endpoints.get(endpointId)?.resume());
      }),
    ];
    this.#unsubscribe = () => {
      for (const one of unsubscribe) one();
    };
    this.#loops = [
      this.#repeat('delivery.poll-fault', POLL_MS, () => this.#poll()),
      this.#repeat('delivery.lease-fault', leaseMs / 3, () => this.#renew()),
    ];
  }

  offer(event: ChangeEvent): void {
    for (const endpoint of this.#byApp.get(event.sdkAppId) ?? []) endpoint.offer(event);
  }

  headsAre(heads: readonly LaneHead[]): void {
    for (const { sdkAppId, lane, seq } of heads) {
      for (const endpoint of this.#byApp.get(sdkAppId) ?? []) endpoint.headIs(lane, seq);
    }
  }

  get lanes(): readonly number[] {
    return this.#leases.lanes;
  }

  get share(): number {
    return this.#leases.share;
  }

  claimSoon(): void {
    void this.#renew().catch((error: unknown) => this.#options.log.error({ err: error }, 'delivery.lease-fault'));
  }

  progress(): readonly EndpointProgress[] {
    return [...this.#endpoints.values()].map((endpoint) => endpoint.progress());
  }

  async takeTurn(endpointId: string, request: TurnRequest): Promise<EndpointTurn | undefined> {
    return this.#endpoints.get(endpointId)?.takeTurn(request);
  }

  epochOf(lane: number): number {
    return this.#leases.epoch(lane);
  }

  async close(): Promise<void> {
    this.#unsubscribe();
    this.#stop.abort();
    await Promise.all([...this.#loops, this.#changes, this.#handover, this.#renewing]);
    const released = new AbortController();
    const renewal = this.#renewUntil(released.signal);
    await Promise.all([...this.#endpoints.values()].map((endpoint) => endpoint.close(CLOSE_PATIENCE_MS)));
    released.abort();
    await renewal;
    await this.#options.store.releaseLanes(this.#owner).catch((error: unknown) => {
      this.#options.log.warn({ err: error }, 'delivery.release-fault'); // the lease runs out by itself
    });
  }

  async #poll(): Promise<void> {
    this.headsAre(await this.#options.store.readHeads(this.#leases.lanes));
  }

  /** One at a time. */
  #renew(): Promise<void> {
    return this.#inTurn(() => this.#renewNow());
  }

  /** Lanes do not come or go meanwhile. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#renewing.then(work);
    this.#renewing = done.catch(() => undefined);
    return done;
  }

  async #renewNow(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const { store, clock, log, leaseMs } = this.#options;
    const owner = this.#owner;
    const most = await store.shareLanes({ owner, leaseMs });
    const askedAt = clock.monotonic();
    const { gained, lost } = this.#leases.renew(await store.claimLanes({ owner, leaseMs, most }), askedAt);
    for (const endpoint of this.#endpoints.values()) {
      for (const lane of lost) endpoint.dropLane(lane);
      if (gained.length > 0) endpoint.addLanes(await store.loadProgress(endpoint.endpoint.endpointId), gained);
      endpoint.leasesRenewed();
    }
    if (gained.length + lost.length > 0 && store.laneCount > 1) {
      log.info({ lanes: this.#leases.lanes.length, gained: gained.length, lost: lost.length }, 'delivery.lanes');
    }
    if (gained.length > 0) await this.#poll();
    const surplus = this.#leases.kept.slice(most);
    if (surplus.length > 0)
      this.#handover ??= this.#handOver(surplus).finally(() => {
        this.#handover = undefined;
      });
  }

  /** Others have less than their share: end what runs in these lanes, then give them up. Never rejects. */
  async #handOver(lanes: readonly number[]): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#stop;
    this.#leases.leave(lanes);
    const isBusy = (): boolean => [...this.#endpoints.values()].some((endpoint) => endpoint.isBusyIn(lanes));
    while (isBusy() && !signal.aborted) await clock.sleep(HANDOVER_LOOK_MS, signal);
    if (signal.aborted) return; // the close gives up all of them
    // between two renewals: none may find them still here while they go
    await this.#inTurn(() => this.#release(lanes)).catch((error: unknown) => {
      log.warn({ err: error }, 'delivery.release-fault'); // the next renewal takes them back, and tries again
    });
  }

  async #release(lanes: readonly number[]): Promise<void> {
    const endpoints = [...this.#endpoints.values()];
    await Promise.all(endpoints.map((endpoint) => endpoint.flush()));
    for (const endpoint of endpoints) for (const lane of lanes) endpoint.dropLane(lane);
    this.#leases.drop(lanes);
    await this.#options.store.releaseLanes(this.#owner, lanes);
  }

  async #follow(change: DirectoryChange): Promise<void> {
    if (change.kind !== 'endpoint') return;
    try {
      const { endpointId, endpoint } = change;
      const running = this.#endpoints.get(endpointId);
      if (endpoint && running) running.update(endpoint);
      else if (endpoint) {
        await this.#add(endpoint);
        await this.#poll();
      } else if (running) {
        this.#endpoints.delete(endpointId);
        this.#group();
        await running.close(0);
      }
    } catch (error) {
      this.#options.log.error({ err: error }, 'delivery.endpoint-fault');
    }
  }

  #add(endpoint: Endpoint): Promise<void> {
    return this.#inTurn(() => this.#addNow(endpoint));
  }

  async #addNow(endpoint: Endpoint): Promise<void> {
    const progress = await this.#options.store.loadProgress(endpoint.endpointId);
    const dispatch = new EndpointDispatch(endpoint, this.#context);
    dispatch.addLanes(progress, this.#leases.lanes);
    this.#endpoints.set(endpoint.endpointId, dispatch);
    this.#group();
  }

  #group(): void {
    this.#byApp.clear();
    const groups = Map.groupBy(this.#endpoints.values(), (dispatch) => dispatch.endpoint.sdkAppId);
    for (const [sdkAppId, group] of groups) this.#byApp.set(sdkAppId, group);
  }

  /** Running POSTs may end later than their leases: these are kept meanwhile, so that nobody sends the same beside them. */
  async #renewUntil(released: AbortSignal): Promise<void> {
    const { store, clock, leaseMs } = this.#options;
    for (;;) {
      await clock.sleep(leaseMs / 3, released);
      if (released.aborted) return;
      await store.claimLanes({ owner: this.#owner, leaseMs, most: 0 }).catch(() => undefined);
    }
  }

  async #repeat(faultName: string, everyMs: number, run: () => Promise<void>): Promise<void> {
    const { signal } = this.#stop;
    for (;;) {
      await this.#options.clock.sleep(everyMs, signal);
      if (signal.aborted) return;
      await run().catch((error: unknown) => this.#options.log.error({ err: error }, faultName));
    }
  }
}
