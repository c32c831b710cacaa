/** The embedded store: one process, one file, nothing to run beside it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../clock.ts';
import { StoreError } from '../../errors.ts';
import { changeProfile } from '../../profile/change-profile.ts';
import type {
  App,
  ChangeEvent,
  CommittedChange,
  Delivery,
  DeliveryQuery,
  Endpoint,
  LaneHead,
  LaneLease,
  Page,
  Profile,
  ProfileCommand,
  Progress,
  Settlement,
  Store,
} from '../store.ts';
import { Deliveries } from './deliveries.ts';
import { Events } from './events.ts';
import { GroupCommit } from './group-commit.ts';
import { Leases } from './leases.ts';
import { getDelivery, listDeliveries } from './list-deliveries.ts';
import { lockFolder } from './lock.ts';
import { migrate } from './migrate.ts';
import { Profiles } from './profiles.ts';
import { Settings } from './settings.ts';
import { storeErrorFrom } from './sqlite-error.ts';

/** Rows that one step of a large removal takes, so that others get their turn between the steps. */
const ROWS_PER_REMOVAL = 1_000;

/** Where the store lies, and whose time it uses. */
export interface SqliteStoreOptions {
  /** made if it isn't there; holds portrait.db and the lock */
  readonly folder: string;
  readonly clock: Clock;
}

/**
 * Open the embedded store, make or migrate it if need be, and keep other processes out.
 *
 * @throws StoreError `refused` if another process has it, or if it is not one that this program can open
 */
export function openSqliteStore({ folder, clock }: SqliteStoreOptions): Store {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const unlock = lockFolder(folder);
  try {
    const db = new DatabaseSync(join(folder, 'portrait.db'));
    configure(db);
    return new SqliteStore(db, clock, unlock);
  } catch (thrown) {
    unlock();
    throw storeErrorFrom(thrown);
  }
}

/**
 * FULL makes each commit durable against power loss, not only against a crash of the process. A checkpoint every 4,000
 * pages (16 MB) instead of 1,000 halves its share of the write time.
 */
function configure(db: DatabaseSync): void {
  db.exec(`PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY`);
  const { synchronous } = db.prepare('PRAGMA synchronous').get() as { synchronous: number };
  const { journal_mode } = db.prepare('PRAGMA journal_mode').get() as { journal_mode: string };
  if (synchronous !== 2 || journal_mode !== 'wal') {
    throw new StoreError(
      'refused',
      `SQLite runs with journal_mode=${journal_mode}, synchronous=${synchronous}; wal and 2 are needed.`,
    );
  }
  migrate(db);
}

class SqliteStore implements Store {
  readonly engine = 'sqlite';
  readonly laneCount = 1;
  readonly #db: DatabaseSync;
  readonly #clock: Clock;
  readonly #unlock: () => void;
  readonly #writer: GroupCommit;
  readonly #profiles: Profiles;
  readonly #events: Events;
  readonly #deliveries: Deliveries;
  readonly #settings: Settings;
  readonly #leases: Leases;

  constructor(db: DatabaseSync, clock: Clock, unlock: () => void) {
    this.#db = db;
    this.#clock = clock;
    this.#unlock = unlock;
    this.#profiles = new Profiles(db);
    this.#events = new Events(db);
    this.#deliveries = new Deliveries(db);
    this.#settings = new Settings(db);
    this.#leases = new Leases(db);
    this.#writer = new GroupCommit(db, {
      beforeCommit: () => this.#events.writeHeads(),
      publish: () => {
        this.#profiles.publish();
        this.#events.publish();
      },
      discard: () => {
        this.#profiles.discard();
        this.#events.discard();
      },
    });
    // The folder's lock says that whoever held a lane before is gone.
    db.exec('UPDATE lane SET owner = NULL, lease_until_ms = 0 WHERE owner IS NOT NULL');
  }

  check(): Promise<void> {
    return this.#read(() => {
      this.#db.prepare('SELECT 1').get();
    });
  }

  async close(): Promise<void> {
    if (!this.#db.isOpen) return;
    this.#writer.close();
    this.#db.close();
    this.#unlock();
  }

  createApp(app: App): Promise<void> {
    return this.#writer.run(() => this.#settings.insertApp(app));
  }

  updateApp(app: App): Promise<void> {
    return this.#writer.run(() => this.#settings.updateApp(app));
  }

  async deleteApp(sdkAppId: number): Promise<void> {
    for (const { endpointId } of this.#settings.endpoints().filter((endpoint) => endpoint.sdkAppId === sdkAppId)) {
      await this.deleteEndpoint(endpointId);
    }
    await this.#remove('event', 'lane, sdk_app_id, seq', 'lane = 0 AND sdk_app_id = ?', sdkAppId);
    await this.#remove('profile', 'lane, sdk_app_id, user_id', 'lane = 0 AND sdk_app_id = ?', sdkAppId);
    await this.#writer.run(() => {
      this.#db.prepare('DELETE FROM head WHERE sdk_app_id = ?').run(sdkAppId);
      this.#db.prepare('DELETE FROM app WHERE sdk_app_id = ?').run(sdkAppId);
    });
    this.#events.forget(sdkAppId);
    this.#profiles.forget(sdkAppId);
  }

  listApps(): Promise<readonly App[]> {
    return this.#read(() => this.#settings.apps());
  }

  createEndpoint(endpoint: Endpoint): Promise<void> {
    return this.#writer.run(() => {
      const endpointNo = this.#settings.insertEndpoint(endpoint);
      this.#deliveries.startCursor(endpointNo, this.#startSeq(endpoint));
    });
  }

  updateEndpoint(endpoint: Endpoint): Promise<void> {
    return this.#writer.run(() => this.#settings.updateEndpoint(endpoint));
  }

  async deleteEndpoint(endpointId: string): Promise<void> {
    const endpointNo = await this.#writer.run(() => {
      const number = this.#deliveries.endpointNo(endpointId);
      for (const table of ['endpoint', 'cursor', 'parked', 'parked_event']) {
        this.#db.prepare(`DELETE FROM ${table} WHERE endpoint_no = ?`).run(number);
      }
      return number;
    });
    await this.#remove('attempt', 'endpoint_no, lane, seq, number', 'endpoint_no = ?', endpointNo);
  }

  listEndpoints(): Promise<readonly Endpoint[]> {
    return this.#read(() => this.#settings.endpoints());
  }

  commitChange(command: ProfileCommand): Promise<CommittedChange> {
    return this.#writer.run(() => this.#applyChange(command));
  }

  getProfiles(sdkAppId: number, userIds: readonly string[]): Promise<readonly (Profile | undefined)[]> {
    return this.#read(() => userIds.map((userId) => this.#profiles.get(sdkAppId, userId)));
  }

  listProfiles(query: { sdkAppId: number; limit: number; cursor?: string; prefix?: string }): Promise<Page<Profile>> {
    return this.#read(() => this.#profiles.list(query));
  }

  claimLanes({ owner, leaseMs }: { owner: string; leaseMs: number }): Promise<readonly LaneLease[]> {
    return this.#writer.run(() => this.#leases.claim(owner, leaseMs, this.#clock.now()));
  }

  releaseLanes(owner: string): Promise<void> {
    return this.#writer.run(() => this.#leases.release(owner));
  }

  readHeads(lanes: readonly number[]): Promise<readonly LaneHead[]> {
    return this.#read(() => (lanes.includes(0) ? this.#events.heads() : []));
  }

  readEvents(query: {
    sdkAppId: number;
    lane: number;
    afterSeq: number;
    limit: number;
  }): Promise<readonly ChangeEvent[]> {
    return this.#read(() => this.#events.read(query.sdkAppId, query.afterSeq, query.limit));
  }

  loadProgress(endpointId: string): Promise<Progress> {
    return this.#read(() => this.#deliveries.progress(endpointId));
  }

  settle(settlement: Settlement): Promise<void> {
    return this.#writer.run(() => this.#deliveries.settle(settlement));
  }

  listDeliveries(query: DeliveryQuery): Promise<Page<Delivery>> {
    return this.#read(() => listDeliveries(this.#sources(), query));
  }

  getDelivery(eventId: string, endpointId: string): Promise<Delivery | undefined> {
    return this.#read(() => getDelivery(this.#sources(), eventId, endpointId));
  }

  #sources(): Parameters<typeof listDeliveries>[0] {
    const [events, deliveries, profiles, settings] = [this.#events, this.#deliveries, this.#profiles, this.#settings];
    return { events, deliveries, profiles, settings };
  }

  #applyChange(command: ProfileCommand): CommittedChange {
    const { sdkAppId, userId } = command;
    const current = this.#profiles.get(sdkAppId, userId);
    const change = changeProfile(current, command, this.#clock.now());
    const previousSeq = current?.lastSeq ?? 0;
    const event = change.event && this.#events.append({ sdkAppId, previousSeq, ...change.event });
    const profile: Profile = { ...change.profile, lastSeq: event?.seq ?? previousSeq };
    if (change.profile !== current) this.#profiles.put(current, profile);
    return event ? { profile, event } : { profile };
  }

  #startSeq({ sdkAppId, startFrom }: Endpoint): number {
    if (startFrom === 'beginning') return 0;
    if (startFrom === 'now') return this.#events.head(sdkAppId);
    return this.#events.firstSeqAt(sdkAppId, Date.parse(startFrom)) - 1;
  }

  async #remove(table: string, key: string, where: string, value: number): Promise<void> {
    const step = this.#db.prepare(
      `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${where} LIMIT ${ROWS_PER_REMOVAL})`,
    );
    while ((await this.#writer.run(() => Number(step.run(value).changes))) === ROWS_PER_REMOVAL);
  }

  async #read<T>(run: () => T): Promise<T> {
    if (!this.#db.isOpen) throw new StoreError('unavailable', 'The store is closed.');
    try {
      return run();
    } catch (thrown) {
      throw storeErrorFrom(thrown);
    }
  }
}
