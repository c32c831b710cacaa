/** The interface over a pool of connections. */
import { ApiError, StoreError } from '../../errors.ts';
import { Metrics } from '../../metrics.ts';
import { laneOf } from '../lane.ts';
import type { Replay, ReplayCounts, ReplayStore } from '../replay-store.ts';
import type { Hint, LaneNews, News, SharedStore, Wish } from '../shared-store.ts';
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
import { commitChanges } from './commit-changes.ts';
import type { Database } from './database.ts';
import { getDelivery, getEvent } from './deliveries.ts';
import { findRange, readStand, scanDeliveries } from './delivery-scan.ts';
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
import type { Hints } from './hints.ts';
import { claimLanes, releaseLanes, shareLanes } from './leases.ts';
import { listDeliveries } from './list-deliveries.ts';
import { readLaneNews, readNews, readResumes, releaseDuties, takeDuty } from './news.ts';
import type { DatabaseTime } from './now.ts';
import { listProfiles, type ProfileKey, readProfiles } from './profile-rows.ts';
import { readProgress } from './progress-rows.ts';
import { ReadBatches } from './read-batches.ts';
import { finishAppRemovals, finishEndpointRemovals } from './removals.ts';
import * as replays from './replays.ts';
import { findEndpoint, listApps, listEndpoints } from './settings.ts';
import { settle } from './settle.ts';
import { answerWish, postWish, readWish, takeWishes } from './wishes.ts';

/** What a store is made of. */
export interface PostgresStoreParts {
  readonly database: Database;
  readonly laneCount: number;
  readonly poolSize: number;
  readonly time: DatabaseTime;
  readonly metrics?: Metrics | undefined;
  /** undefined = others find out when they look */
  readonly hints?: Hints | undefined;
}

/** As with commits: one that all share is cheaper than several. */
const PROFILE_READS = { atOnce: 1, maxKeys: 512 };
/** An answer can hold 64 events of each lane. */
const EVENT_READS = { atOnce: 2, maxKeys: 32 };

/** Changes and settlements wait for the next transaction of their lane's connection; all else has a connection for itself. */
export class PostgresStore implements SharedStore {
  readonly engine = 'postgres';
  readonly laneCount: number;
  readonly #parts: PostgresStoreParts & { readonly metrics: Metrics };
  readonly #lanes: readonly number[];
  readonly #changes: BatchQueue<ProfileCommand, CommittedChange>;
  readonly #settlements: BatchQueue<Settlement, void>;
  readonly #profiles: ReadBatches<ProfileKey, Profile | undefined>;
  readonly #events: ReadBatches<EventsQuery, readonly ChangeEvent[]>;
  #removals: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(parts: PostgresStoreParts) {
    const { database, laneCount, poolSize } = parts;
    this.laneCount = laneCount;
    this.#parts = { ...parts, metrics: parts.metrics ?? new Metrics() };
    this.#lanes = Array.from({ length: laneCount }, (_, lane) => lane);
    this.#changes = new BatchQueue({
      workers: Math.max(1, Math.floor(poolSize * 0.4)),
      laneOf: ({ sdkAppId, userId }) => laneOf(sdkAppId, userId, laneCount),
      carryOut: (commands) => this.#counted(commands.length, () => this.#commit(commands)),
    });
    this.#settlements = new BatchQueue({
      workers: Math.max(1, Math.floor(poolSize * 0.2)),
      laneOf: ({ lane }) => lane,
      carryOut: (settlements) => this.#counted(settlements.length, () => settle(database, settlements)),
    });
    this.#profiles = new ReadBatches((keys) => readProfiles(database, keys), PROFILE_READS);
    this.#events = new ReadBatches<EventsQuery, readonly ChangeEvent[]>(
      (queries) => readEvents(database, queries),
      EVENT_READS,
    );
    this.#finishRemovals();
  }

  get #db(): Database {
    return this.#parts.database;
  }

  check(): Promise<void> {
    return this.#run(async () => {
      await this.#db.query('SELECT 1 AS one');
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  createApp(app: App): Promise<void> {
    return this.#runSettings(() => createApp(this.#parts, app));
  }

  updateApp(app: App): Promise<void> {
    return this.#runSettings(() => changeApp(this.#parts, app));
  }

  deleteApp(sdkAppId: number): Promise<void> {
    return this.#runSettings(async () => {
      await dropApp(this.#parts, sdkAppId);
      await finishEndpointRemovals(this.#db, this.#lanes);
      await finishAppRemovals(this.#db);
    });
  }

  listApps(): Promise<readonly App[]> {
    return this.#run(() => listApps(this.#db));
  }

  createEndpoint(endpoint: Endpoint): Promise<readonly EndpointEvent[]> {
    return this.#runSettings(() => createEndpoint(this.#parts, endpoint));
  }

  updateEndpoint(endpoint: Endpoint): Promise<readonly EndpointEvent[]> {
    return this.#runSettings(() => changeEndpoint(this.#parts, endpoint));
  }

  recordEndpoint(record: Parameters<Store['recordEndpoint']>[0]): Promise<readonly EndpointEvent[]> {
    return this.#runSettings(() => recordEndpoint(this.#parts, record));
  }

  listEndpointEvents(query: { endpointId: string; limit: number; cursor?: string }): Promise<Page<EndpointEvent>> {
    const { endpointId } = query;
    return this.#run(async () => {
      const { endpointNo } = await findEndpoint(this.#db, endpointId);
      return await listEndpointEvents(this.#db, { endpointId, endpointNo }, query);
    });
  }

  deleteEndpoint(endpointId: string): Promise<void> {
    return this.#runSettings(async () => {
      await dropEndpoint(this.#parts, endpointId);
      await finishEndpointRemovals(this.#db, this.#lanes);
    });
  }

  listEndpoints(): Promise<readonly Endpoint[]> {
    return this.#run(() => listEndpoints(this.#db));
  }

  commitChange(command: ProfileCommand): Promise<CommittedChange> {
    return this.#run(() => this.#changes.run(command));
  }

  getProfiles(sdkAppId: number, userIds: readonly string[]): Promise<readonly (Profile | undefined)[]> {
    const keyOf = (userId: string): ProfileKey => ({
      lane: laneOf(sdkAppId, userId, this.laneCount),
      sdkAppId,
      userId,
    });
    return this.#run(() => Promise.all(userIds.map((userId) => this.#profiles.get(keyOf(userId)))));
  }

  listProfiles(query: { sdkAppId: number; limit: number; cursor?: string; prefix?: string }): Promise<Page<Profile>> {
    return this.#run(() => listProfiles(this.#db, this.#lanes, query));
  }

  shareLanes(node: { owner: string; leaseMs: number }): Promise<number> {
    return this.#run(() => shareLanes(this.#parts, node));
  }

  claimLanes({ owner, leaseMs, most }: Parameters<Store['claimLanes']>[0]): Promise<readonly LaneLease[]> {
    return this.#run(() => claimLanes(this.#parts, { owner, leaseMs, most: most ?? this.laneCount }));
  }

  releaseLanes(owner: string, lanes?: readonly number[]): Promise<void> {
    return this.#run(async () => {
      await releaseLanes(this.#parts, owner, lanes);
      this.#parts.hints?.send('claims');
    });
  }

  readHeads(lanes: readonly number[]): Promise<readonly LaneHead[]> {
    return this.#run(() => readHeads(this.#db, lanes));
  }

  readTails(sdkAppId: number): Promise<readonly LaneTail[]> {
    return this.#run(() => readTails(this.#db, sdkAppId, this.#lanes));
  }

  readEvents(query: EventsQuery): Promise<readonly ChangeEvent[]> {
    return this.#run(() => this.#events.get(query));
  }

  readLogBounds(query: { sdkAppId: number; fromMs?: number }): Promise<readonly LogBounds[]> {
    return this.#run(() => readLogBounds(this.#db, this.#lanes, query));
  }

  loadProgress(endpointId: string): Promise<Progress> {
    return this.#run(() =>
      this.#db.snapshot(async (tx) => {
        const { endpointNo } = await findEndpoint(tx, endpointId);
        return await readProgress(tx, endpointNo, this.#lanes);
      }),
    );
  }

  settle(settlement: Settlement): Promise<void> {
    return this.#run(() => this.#settlements.run(settlement));
  }

  removeExpired(query: { sdkAppId: number; beforeMs: number }): Promise<StepResult> {
    return this.#run(() => removeExpired(this.#db, query));
  }

  eraseDeleted(sdkAppId: number): Promise<StepResult> {
    return this.#run(() => eraseDeleted(this.#db, sdkAppId));
  }

  listDeliveries(query: DeliveryQuery): Promise<Page<Delivery>> {
    return this.#run(() => listDeliveries(this.#db, this.laneCount, query));
  }

  getDelivery(eventId: string, endpointId: string | null): Promise<Delivery | undefined> {
    return this.#run(() => getDelivery(this.#db, eventId, endpointId));
  }

  getEvent(eventId: string): Promise<ChangeEvent | undefined> {
    return this.#run(() => getEvent(this.#db, eventId));
  }

  findRange(query: Parameters<ReplayStore['findRange']>[0]): ReturnType<ReplayStore['findRange']> {
    return this.#run(() => findRange(this.#db, this.#lanes, query));
  }

  scanDeliveries(scan: Parameters<ReplayStore['scanDeliveries']>[0]): ReturnType<ReplayStore['scanDeliveries']> {
    return this.#run(() => scanDeliveries(this.#db, scan));
  }

  readStand(query: Parameters<ReplayStore['readStand']>[0]): ReturnType<ReplayStore['readStand']> {
    return this.#run(() => readStand(this.#db, query));
  }

  recordRedelivery(redelivery: Parameters<ReplayStore['recordRedelivery']>[0]): Promise<void> {
    return this.#run(() => replays.recordRedelivery(this.#db, redelivery));
  }

  createReplay(replay: Replay): Promise<void> {
    return this.#runSettings(() => replays.createReplay(this.#db, replay));
  }

  startReplay(jobId: string): Promise<void> {
    return this.#run(() => replays.startReplay(this.#db, jobId, this.#parts.time));
  }

  settleReplay(settlement: Parameters<ReplayStore['settleReplay']>[0]): Promise<void> {
    return this.#run(() => replays.settleReplay(this.#db, settlement));
  }

  endReplay(end: Parameters<ReplayStore['endReplay']>[0]): Promise<boolean> {
    return this.#runSettings(() => replays.endReplay(this.#db, end, this.#parts.time));
  }

  readLaneCounts(jobId: string, lane: number): Promise<ReplayCounts> {
    return this.#run(() => replays.readLaneCounts(this.#db, jobId, lane));
  }

  getReplay(jobId: string): Promise<Replay | undefined> {
    return this.#run(() => this.#db.snapshot((tx) => replays.getReplay(tx, jobId)));
  }

  listReplays(query: Parameters<ReplayStore['listReplays']>[0]): Promise<Page<Replay>> {
    return this.#run(() => this.#db.snapshot((tx) => replays.listReplays(tx, query)));
  }

  listOpenReplays(): Promise<readonly Replay[]> {
    return this.#run(() => this.#db.snapshot((tx) => replays.listOpenReplays(tx)));
  }

  heldByReplays(sdkAppId: number): ReturnType<ReplayStore['heldByReplays']> {
    return this.#run(() => replays.heldByReplays(this.#db, sdkAppId));
  }

  onHint(listener: (hint: Hint) => void): () => void {
    return this.#parts.hints?.onHint(listener) ?? (() => undefined);
  }

  readNews(node: Parameters<SharedStore['readNews']>[0]): Promise<News> {
    return this.#run(() => readNews(this.#parts, node));
  }

  readLaneNews(query: Parameters<SharedStore['readLaneNews']>[0]): Promise<readonly LaneNews[]> {
    return this.#run(() => readLaneNews(this.#parts, query));
  }

  readResumes(): Promise<ReadonlyMap<string, number>> {
    return this.#run(() => readResumes(this.#parts));
  }

  postWish(wish: Parameters<SharedStore['postWish']>[0]): Promise<void> {
    return this.#run(async () => {
      await postWish(this.#parts, wish);
      this.#parts.hints?.send('claims');
    });
  }

  takeWishes(lanes: readonly number[]): Promise<readonly Wish[]> {
    return this.#run(() => takeWishes(this.#parts, lanes));
  }

  answerWish(wishId: string, answer: string): Promise<void> {
    return this.#run(() => answerWish(this.#parts, wishId, answer));
  }

  readWish(wishId: string): Promise<string | undefined> {
    return this.#run(() => readWish(this.#parts, wishId));
  }

  takeDuty(duty: Parameters<SharedStore['takeDuty']>[0]): Promise<boolean> {
    return this.#run(() => takeDuty(this.#parts, duty));
  }

  releaseDuties(owner: string): Promise<void> {
    return this.#run(() => releaseDuties(this.#parts, owner));
  }

  /** What an earlier process could not finish. Nothing waits for it; a fault is made up for at the next start. */
  #finishRemovals(): void {
    this.#removals = (async () => {
      await finishEndpointRemovals(this.#db, this.#lanes);
      await finishAppRemovals(this.#db);
    })().catch(() => undefined);
  }

  async #finish(): Promise<void> {
    await Promise.all([this.#changes.close(), this.#settlements.close()]);
    await this.#parts.hints?.close();
    const closing = this.#db.close();
    await Promise.all([closing, this.#removals]);
  }

  /** The one way in: refuses what comes too late, and counts faults. */
  async #run<T>(work: () => Promise<T>): Promise<T> {
    try {
      if (this.#closing) throw new StoreError('unavailable', 'The store is closed.');
      return await work();
    } catch (error) {
      if (error instanceof StoreError) this.#parts.metrics.storeFailed(error.kind);
      if (error instanceof StoreError || error instanceof ApiError) throw error;
      throw new StoreError('unavailable', undefined, { cause: error });
    }
  }

  /** The same for what all nodes are to look at. */
  async #runSettings<T>(work: () => Promise<T>): Promise<T> {
    const result = await this.#run(work);
    this.#parts.hints?.send('settings');
    return result;
  }

  async #commit(commands: readonly ProfileCommand[]): Promise<readonly JobResult<CommittedChange>[]> {
    const results = await commitChanges(this.#parts, commands);
    this.#parts.hints?.lanes(commands.map(({ sdkAppId, userId }) => laneOf(sdkAppId, userId, this.laneCount)));
    return results;
  }

  async #counted<T>(writes: number, commit: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const result = await commit();
    this.#parts.metrics.committed({ writes, durationMs: performance.now() - startedAt });
    return result;
  }
}
