import { laneOf } from '../lane.ts';
import type { SharedStore } from '../shared-store.ts';
import type {
  App,
  ChangeEvent,
  CommittedChange,
  Delivery,
  DeliveryQuery,
  Endpoint,
  EndpointEvent,
  LaneHead,
  LaneLease,
  LaneTail,
  LogBounds,
  Page,
  Profile,
  ProfileCommand,
  Progress,
  Settlement,
  StepResult,
  Store,
} from '../store.ts';
import { BatchQueue, type JobResult } from './batch-queue.ts';
import { ChangeCommits } from './commit-changes.ts';
import { getDelivery, getEvent } from './deliveries.ts';
import { listEndpointEvents } from './endpoint-events.ts';
import {
  changeApp,
  changeEndpoint,
  createApp,
  createEndpoint,
  dropApp,
  dropEndpoint,
  recordEndpoint,
} from './endpoints.ts';
import { eraseDeleted } from './erasure.ts';
import { type EventsQuery, readEvents, readHeads, readLogBounds, readTails } from './event-rows.ts';
import { removeExpired } from './expired-rows.ts';
import { claimLanes, releaseLanes, shareLanes } from './leases.ts';
import { listDeliveries } from './list-deliveries.ts';
import { PostgresNodes } from './postgres-nodes.ts';
import type { PostgresStoreParts } from './postgres-replays.ts';
import { listProfiles, type ProfileKey, readProfiles } from './profile-rows.ts';
import { readProgress } from './progress-rows.ts';
import { ReadBatches } from './read-batches.ts';
import { finishAppRemovals, finishEndpointRemovals } from './removals.ts';
import { findEndpoint, listApps, listEndpoints } from './settings.ts';
import { settle } from './settle.ts';
import { readStats, writeStats } from './stat-rows.ts';

/** As with commits: one that all share is cheaper than several. */
const PROFILE_READS = {
  atOnce: 1,
  maxKeys: 512,
  nameOf: ({ sdkAppId, userId }: ProfileKey) => `${sdkAppId}:${userId}`,
};
/** An answer can hold 64 events of each lane. */
const EVENT_READS = { atOnce: 2, maxKeys: 32 };

/** Changes and settlements wait for the next transaction of their lane's connection; all else has a connection for itself. */
export class PostgresStore extends PostgresNodes implements SharedStore {
  readonly engine = 'postgres';
  readonly laneCount: number;
  readonly #commits: ChangeCommits;
  readonly #changes: BatchQueue<ProfileCommand, CommittedChange>;
  readonly #settlements: BatchQueue<Settlement, void>;
  readonly #profiles: ReadBatches<ProfileKey, Profile | undefined>;
  readonly #events: ReadBatches<EventsQuery, readonly ChangeEvent[]>;
  #removals: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(parts: PostgresStoreParts) {
    super(parts);
    const { database, laneCount, poolSize } = parts;
    this.laneCount = laneCount;
    this.#commits = new ChangeCommits(parts);
    this.#changes = new BatchQueue({
      workers: Math.max(1, Math.floor(poolSize * 0.4)),
      laneOf: ({ sdkAppId, userId }) => laneOf(sdkAppId, userId, laneCount),
      carryOut: (commands) => this.#counted(commands.length, () => this.#commit(commands)),
    });
    this.#settlements = new BatchQueue({
      workers: Math.max(1, Math.floor(poolSize * 0.2)),
      laneOf: ({ lane }) => lane,
      carryOut: async (settlements) => {
        const results = await this.#counted(settlements.length, () => settle(database, settlements));
        return () => results;
      },
    });
    this.#profiles = new ReadBatches((keys) => readProfiles(database, keys), PROFILE_READS);
    this.#events = new ReadBatches<EventsQuery, readonly ChangeEvent[]>(
      (queries) => readEvents(database, queries),
      EVENT_READS,
    );
    this.#finishRemovals();
  }

  check(): Promise<void> {
    return this.calls.run(async () => {
      await this.parts.database.query('SELECT 1 AS one');
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  abandon(): void {
    this.parts.hints?.abandon();
    this.parts.database.abandon();
  }

  createApp(app: App): Promise<void> {
    return this.calls.runSettings(() => createApp(this.parts, app));
  }

  updateApp(app: App): Promise<void> {
    return this.calls.runSettings(() => changeApp(this.parts, app));
  }

  deleteApp(sdkAppId: number): Promise<void> {
    return this.calls.runSettings(async () => {
      await dropApp(this.parts, sdkAppId);
      await finishEndpointRemovals(this.parts.database, this.lanes);
      await finishAppRemovals(this.parts.database);
    });
  }

  listApps(): Promise<readonly App[]> {
    return this.calls.run(() => listApps(this.parts.database));
  }

  createEndpoint(endpoint: Endpoint): Promise<readonly EndpointEvent[]> {
    return this.calls.runSettings(() => createEndpoint(this.parts, endpoint));
  }

  updateEndpoint(endpoint: Endpoint): Promise<readonly EndpointEvent[]> {
    return this.calls.runSettings(() => changeEndpoint(this.parts, endpoint));
  }

  recordEndpoint(record: Parameters<Store['recordEndpoint']>[0]): Promise<readonly EndpointEvent[]> {
    return this.calls.runSettings(() => recordEndpoint(this.parts, record));
  }

  listEndpointEvents(query: { endpointId: string; limit: number; cursor?: string }): Promise<Page<EndpointEvent>> {
    const { endpointId } = query;
    return this.calls.run(async () => {
      const { endpointNo } = await findEndpoint(this.parts.database, endpointId);
      return await listEndpointEvents(this.parts.database, { endpointId, endpointNo }, query);
    });
  }

  deleteEndpoint(endpointId: string): Promise<void> {
    return this.calls.runSettings(async () => {
      await dropEndpoint(this.parts, endpointId);
      await finishEndpointRemovals(this.parts.database, this.lanes);
    });
  }

  listEndpoints(): Promise<readonly Endpoint[]> {
    return this.calls.run(() => listEndpoints(this.parts.database));
  }

  commitChange(command: ProfileCommand): Promise<CommittedChange> {
    return this.calls.run(() => this.#changes.run(command));
  }

  getProfiles(sdkAppId: number, userIds: readonly string[]): Promise<readonly (Profile | undefined)[]> {
    const keyOf = (userId: string): ProfileKey => ({
      lane: laneOf(sdkAppId, userId, this.laneCount),
      sdkAppId,
      userId,
    });
    return this.calls.run(() => Promise.all(userIds.map((userId) => this.#profiles.get(keyOf(userId)))));
  }

  listProfiles(query: { sdkAppId: number; limit: number; cursor?: string; prefix?: string }): Promise<Page<Profile>> {
    return this.calls.run(() => listProfiles(this.parts.database, this.lanes, query));
  }

  shareLanes(node: { owner: string; leaseMs: number }): Promise<number> {
    return this.calls.run(() => shareLanes(this.parts, node));
  }

  claimLanes({ owner, leaseMs, most }: Parameters<Store['claimLanes']>[0]): Promise<readonly LaneLease[]> {
    return this.calls.run(() => claimLanes(this.parts, { owner, leaseMs, most: most ?? this.laneCount }));
  }

  releaseLanes(owner: string, lanes?: readonly number[]): Promise<void> {
    return this.calls.run(async () => {
      await releaseLanes(this.parts, owner, lanes);
      this.parts.hints?.send('claims');
    });
  }

  readHeads(lanes: readonly number[]): Promise<readonly LaneHead[]> {
    return this.calls.run(() => readHeads(this.parts.database, lanes));
  }

  readTails(sdkAppId: number): Promise<readonly LaneTail[]> {
    return this.calls.run(() => readTails(this.parts.database, sdkAppId, this.lanes));
  }

  readEvents(query: EventsQuery): Promise<readonly ChangeEvent[]> {
    return this.calls.run(() => this.#events.get(query));
  }

  readLogBounds(query: { sdkAppId: number; fromMs?: number }): Promise<readonly LogBounds[]> {
    return this.calls.run(() => readLogBounds(this.parts.database, this.lanes, query));
  }

  loadProgress(endpointId: string): Promise<Progress> {
    return this.calls.run(() =>
      this.parts.database.snapshot(async (tx) => {
        const { endpointNo } = await findEndpoint(tx, endpointId);
        return await readProgress(tx, endpointNo, this.lanes);
      }),
    );
  }

  settle(settlement: Settlement): Promise<void> {
    return this.calls.run(() => this.#settlements.run(settlement));
  }

  removeExpired(query: { sdkAppId: number; beforeMs: number }): Promise<StepResult> {
    return this.calls.run(() => removeExpired(this.parts.database, query));
  }

  eraseDeleted(sdkAppId: number): Promise<StepResult> {
    return this.calls.run(() => eraseDeleted(this.parts.database, sdkAppId));
  }

  listDeliveries(query: DeliveryQuery): Promise<Page<Delivery>> {
    return this.calls.run(() => listDeliveries(this.parts.database, this.laneCount, query));
  }

  getDelivery(eventId: string, endpointId: string | null): Promise<Delivery | undefined> {
    return this.calls.run(() => getDelivery(this.parts.database, eventId, endpointId));
  }

  writeStats(write: Parameters<Store['writeStats']>[0]): Promise<void> {
    return this.calls.run(() => writeStats(this.parts.database, write));
  }

  readStats(query: Parameters<Store['readStats']>[0]): ReturnType<Store['readStats']> {
    return this.calls.run(() => readStats(this.parts.database, query));
  }

  getEvent(eventId: string): Promise<ChangeEvent | undefined> {
    return this.calls.run(() => getEvent(this.parts.database, eventId));
  }

  /** What an earlier process could not finish. Nothing waits for it; a fault is made up for at the next start. */
  #finishRemovals(): void {
    this.#removals = (async () => {
      await finishEndpointRemovals(this.parts.database, this.lanes);
      await finishAppRemovals(this.parts.database);
    })().catch(() => undefined);
  }

  async #finish(): Promise<void> {
    this.calls.close();
    await Promise.all([this.#changes.close(), this.#settlements.close(), this.closeSessions()]);
    await this.parts.hints?.close();
    const closing = this.parts.database.close();
    await Promise.all([closing, this.#removals]);
  }

  async #commit(commands: readonly ProfileCommand[]): Promise<() => readonly JobResult<CommittedChange>[]> {
    const results = await this.#commits.commit(commands);
    this.parts.hints?.lanes(commands.map(({ sdkAppId, userId }) => laneOf(sdkAppId, userId, this.laneCount)));
    return results;
  }

  async #counted<T>(writes: number, commit: () => Promise<T>): Promise<T> {
    const { clock, metrics } = this.parts;
    const startedAt = clock.monotonic();
    const result = await commit();
    metrics.committed({ writes, durationMs: clock.monotonic() - startedAt });
    return result;
  }
}
