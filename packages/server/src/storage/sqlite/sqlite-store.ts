/** The interface over one writing thread and one reading connection. */
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../clock.ts';
import { StoreError } from '../../errors.ts';
import { Metrics } from '../../metrics.ts';
import type { Replay, ReplayCounts, ReplayStore } from '../replay-store.ts';
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
import { DeliveryRows } from './delivery-rows.ts';
import { DeliveryScanner } from './delivery-scan.ts';
import { EndpointEvents } from './endpoint-events.ts';
import { EventRows } from './event-rows.ts';
import { GroupCommit } from './group-commit.ts';
import { type DeliverySources, getDelivery, getEvent, listDeliveries } from './list-deliveries.ts';
import { Profiles } from './profiles.ts';
import { ProgressRows } from './progress-rows.ts';
import { ReplayRows } from './replay-rows.ts';
import { SearchRows } from './search-rows.ts';
import { Settings } from './settings.ts';
import { storeErrorFrom } from './sqlite-error.ts';
import { StatRows } from './stat-rows.ts';
import type { StepTable } from './write-job.ts';
import { ROWS_PER_REMOVAL, Writer } from './writer.ts';

/** Writes wait for the next commit, reads are made at once: they see all that was answered before. */
export class SqliteStore implements Store {
  readonly engine = 'sqlite';
  readonly laneCount = 1;
  readonly #db: DatabaseSync;
  readonly #release: () => void;
  readonly #metrics: Metrics;
  readonly #profiles: Profiles;
  readonly #writer: Writer;
  readonly #commits: GroupCommit;
  readonly #progress: ProgressRows;
  readonly #sources: DeliverySources;
  readonly #scanner: DeliveryScanner;
  readonly #replays: ReplayRows;
  readonly #stats: StatRows;
  readonly #endpointEvents: EndpointEvents;

  /** @param options  `release` closes the database and gives the folder free */
  constructor(options: { db: DatabaseSync; clock: Clock; metrics?: Metrics | undefined; release: () => void }) {
    const { db, clock, metrics = new Metrics(), release } = options;
    this.#db = db;
    this.#release = release;
    this.#metrics = metrics;
    this.#profiles = new Profiles(db);
    this.#writer = new Writer(db, this.#profiles);
    this.#commits = new GroupCommit(this.#writer, { clock, metrics });
    this.#endpointEvents = new EndpointEvents(db);
    this.#progress = new ProgressRows(db);
    const events = new EventRows(db);
    this.#sources = {
      events,
      deliveries: new DeliveryRows(db, events),
      search: new SearchRows(db),
      profiles: this.#profiles,
      settings: new Settings(db),
    };
    const { deliveries } = this.#sources;
    const endpointNo = (endpointId: string): number => this.#progress.endpointNo(endpointId);
    this.#scanner = new DeliveryScanner({ db, events, deliveries, endpointNo });
    this.#replays = new ReplayRows(db);
    this.#stats = new StatRows(db);
  }

  check(): Promise<void> {
    return this.#read(() => {
      this.#db.prepare('SELECT 1').get();
    });
  }

  async close(): Promise<void> {
    if (!this.#db.isOpen) return;
    this.#commits.close();
    try {
      this.#writer.finish();
    } finally {
      this.#release();
    }
  }

  createApp(app: App): Promise<void> {
    return this.#commits.run({ verb: 'createApp', app });
  }

  updateApp(app: App): Promise<void> {
    return this.#commits.run({ verb: 'updateApp', app });
  }

  async deleteApp(sdkAppId: number): Promise<void> {
    for (const { endpointId } of (await this.listEndpoints()).filter((endpoint) => endpoint.sdkAppId === sdkAppId)) {
      await this.deleteEndpoint(endpointId);
    }
    await this.#commits.run({ verb: 'deleteApp', sdkAppId });
    await this.#removeAll('event', sdkAppId);
    await this.#removeAll('profile', sdkAppId);
    await this.#commits.run({ verb: 'forgetApp', sdkAppId });
  }

  async listApps(): Promise<readonly App[]> {
    return this.#read(() => this.#sources.settings.apps());
  }

  createEndpoint(endpoint: Endpoint): Promise<readonly EndpointEvent[]> {
    return this.#commits.run({ verb: 'createEndpoint', endpoint });
  }

  updateEndpoint(endpoint: Endpoint): Promise<readonly EndpointEvent[]> {
    return this.#commits.run({ verb: 'updateEndpoint', endpoint });
  }

  recordEndpoint(record: Parameters<Store['recordEndpoint']>[0]): Promise<readonly EndpointEvent[]> {
    return this.#commits.run({ verb: 'recordEndpoint', record });
  }

  listEndpointEvents(query: { endpointId: string; limit: number; cursor?: string }): Promise<Page<EndpointEvent>> {
    return this.#read(() => {
      const { endpointId } = query;
      const endpointNo = this.#progress.endpointNo(endpointId);
      return this.#endpointEvents.list({ endpointId, endpointNo }, query);
    });
  }

  async deleteEndpoint(endpointId: string): Promise<void> {
    const endpointNo = await this.#commits.run<number>({ verb: 'deleteEndpoint', endpointId });
    await this.#removeAll('attempt', endpointNo);
  }

  listEndpoints(): Promise<readonly Endpoint[]> {
    return this.#read(() => this.#sources.settings.endpoints());
  }

  commitChange(command: ProfileCommand): Promise<CommittedChange> {
    return this.#commits.run({ verb: 'change', command });
  }

  getProfiles(sdkAppId: number, userIds: readonly string[]): Promise<readonly (Profile | undefined)[]> {
    return this.#read(() => userIds.map((userId) => this.#profiles.get(sdkAppId, userId)));
  }

  listProfiles(query: { sdkAppId: number; limit: number; cursor?: string; prefix?: string }): Promise<Page<Profile>> {
    return this.#read(() => this.#profiles.list(query));
  }

  /** One file has one process: all lanes are its own. */
  async shareLanes(): Promise<number> {
    return this.laneCount;
  }

  claimLanes({ owner, leaseMs }: { owner: string; leaseMs: number }): Promise<readonly LaneLease[]> {
    return this.#commits.run({ verb: 'claimLanes', owner, leaseMs });
  }

  releaseLanes(owner: string): Promise<void> {
    return this.#commits.run({ verb: 'releaseLanes', owner });
  }

  readHeads(lanes: readonly number[]): Promise<readonly LaneHead[]> {
    return this.#read(() => (lanes.includes(0) ? this.#sources.events.heads() : []));
  }

  readTails(sdkAppId: number): Promise<readonly LaneTail[]> {
    return this.#read(() => {
      const tail = this.#sources.events.tail(sdkAppId);
      return tail ? [tail] : [];
    });
  }

  readEvents(query: {
    sdkAppId: number;
    lane: number;
    afterSeq: number;
    limit: number;
  }): Promise<readonly ChangeEvent[]> {
    return this.#read(() => this.#sources.events.read(query.sdkAppId, query.afterSeq, query.limit));
  }

  readLogBounds({ sdkAppId, fromMs }: { sdkAppId: number; fromMs?: number }): Promise<readonly LogBounds[]> {
    return this.#read(() => this.#sources.events.bounds(sdkAppId, fromMs));
  }

  loadProgress(endpointId: string): Promise<Progress> {
    return this.#read(() => this.#progress.progress(endpointId));
  }

  settle(settlement: Settlement): Promise<void> {
    return this.#commits.run({ verb: 'settle', settlement });
  }

  removeExpired({ sdkAppId, beforeMs }: { sdkAppId: number; beforeMs: number }): Promise<StepResult> {
    return this.#commits.run({ verb: 'removeExpired', sdkAppId, beforeMs });
  }

  eraseDeleted(sdkAppId: number): Promise<StepResult> {
    return this.#commits.run({ verb: 'eraseDeleted', sdkAppId });
  }

  /** Refuse whatever takes more space, with `low-space`, or take it again. For the watch of the disk. */
  refuseGrowth(isRefused: boolean): void {
    this.#commits.refusesGrowth = isRefused;
  }

  /** Space inside the file that rows left behind: it is used before the file grows. */
  reusableBytes(): number {
    const { freelist_count: pages } = this.#db.prepare('PRAGMA freelist_count').get() as { freelist_count: number };
    const { page_size: pageBytes } = this.#db.prepare('PRAGMA page_size').get() as { page_size: number };
    return pages * pageBytes;
  }

  listDeliveries(query: DeliveryQuery): Promise<Page<Delivery>> {
    return this.#read(() => listDeliveries(this.#sources, query));
  }

  getDelivery(eventId: string, endpointId: string | null): Promise<Delivery | undefined> {
    return this.#read(() => getDelivery(this.#sources, eventId, endpointId));
  }

  findRange(query: Parameters<ReplayStore['findRange']>[0]): ReturnType<ReplayStore['findRange']> {
    return this.#read(() => this.#scanner.range(query));
  }

  scanDeliveries(scan: Parameters<ReplayStore['scanDeliveries']>[0]): ReturnType<ReplayStore['scanDeliveries']> {
    return this.#read(() => this.#scanner.scan(scan));
  }

  readStand(query: Parameters<ReplayStore['readStand']>[0]): ReturnType<ReplayStore['readStand']> {
    return this.#read(() => this.#scanner.stand(query));
  }

  recordRedelivery(redelivery: Parameters<ReplayStore['recordRedelivery']>[0]): Promise<void> {
    return this.#commits.run({ verb: 'replay', job: { kind: 'record', redelivery } });
  }

  createReplay(replay: Replay): Promise<void> {
    return this.#commits.run({ verb: 'replay', job: { kind: 'create', replay } });
  }

  startReplay(jobId: string): Promise<void> {
    return this.#commits.run({ verb: 'replay', job: { kind: 'start', jobId } });
  }

  settleReplay(settlement: Parameters<ReplayStore['settleReplay']>[0]): Promise<void> {
    return this.#commits.run({ verb: 'replay', job: { kind: 'settle', settlement } });
  }

  endReplay(end: Parameters<ReplayStore['endReplay']>[0]): Promise<boolean> {
    return this.#commits.run({ verb: 'replay', job: { kind: 'end', end } });
  }

  async readLaneCounts(jobId: string): Promise<ReplayCounts> {
    const { delivered = 0, failed = 0, skipped = 0 } = (await this.getReplay(jobId)) ?? {};
    return { delivered, failed, skipped };
  }

  getReplay(jobId: string): Promise<Replay | undefined> {
    return this.#read(() => this.#replays.get(jobId));
  }

  listReplays(query: Parameters<ReplayStore['listReplays']>[0]): Promise<Page<Replay>> {
    return this.#read(() => this.#replays.list(query));
  }

  listOpenReplays(): Promise<readonly Replay[]> {
    return this.#read(() => this.#replays.open());
  }

  heldByReplays(sdkAppId: number): ReturnType<ReplayStore['heldByReplays']> {
    return this.#read(() => this.#replays.held(sdkAppId));
  }

  writeStats(write: Parameters<Store['writeStats']>[0]): Promise<void> {
    return this.#commits.run({ verb: 'writeStats', write });
  }

  readStats(query: Parameters<Store['readStats']>[0]): ReturnType<Store['readStats']> {
    return this.#read(() => this.#stats.read(query));
  }

  getEvent(eventId: string): Promise<ChangeEvent | undefined> {
    return this.#read(() => getEvent(this.#sources, eventId));
  }

  async #removeAll(table: StepTable, owner: number): Promise<void> {
    while ((await this.#commits.run<number>({ verb: 'removeStep', table, owner })) === ROWS_PER_REMOVAL);
  }

  async #read<T>(run: () => T): Promise<T> {
    if (!this.#db.isOpen) throw new StoreError('unavailable', 'The store is closed.');
    try {
      return run();
    } catch (thrown) {
      const error = storeErrorFrom(thrown);
      if (error instanceof StoreError) this.#metrics.storeFailed(error.kind);
      throw error;
    }
  }
}
