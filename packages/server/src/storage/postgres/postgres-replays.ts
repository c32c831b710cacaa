/** The part of the interface that replays work with. */
import type { Clock } from '../../clock.ts';
import { Metrics } from '../../metrics.ts';
import type { Replay, ReplayCounts, ReplayStore } from '../replay-store.ts';
import type { Page } from '../store.ts';
import type { Database } from './database.ts';
import { findRange, readStand, scanDeliveries } from './delivery-scan.ts';
import type { Hints } from './hints.ts';
import type { DatabaseTime } from './now.ts';
import * as replays from './replays.ts';
import { StoreCalls } from './store-calls.ts';

/** What a store is made of. */
export interface PostgresStoreParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly laneCount: number;
  readonly poolSize: number;
  readonly time: DatabaseTime;
  readonly metrics?: Metrics | undefined;
  /** undefined = others find out when they look */
  readonly hints?: Hints | undefined;
}

/** Replays, and what all parts of the store have in common. */
export class PostgresReplays implements ReplayStore {
  readonly parts: PostgresStoreParts & { readonly metrics: Metrics };
  readonly calls: StoreCalls;
  readonly lanes: readonly number[];

  constructor(parts: PostgresStoreParts) {
    this.parts = { ...parts, metrics: parts.metrics ?? new Metrics() };
    this.calls = new StoreCalls(this.parts);
    this.lanes = Array.from({ length: parts.laneCount }, (_, lane) => lane);
  }

  findRange(query: Parameters<ReplayStore['findRange']>[0]): ReturnType<ReplayStore['findRange']> {
    return this.calls.run(() => findRange(this.parts.database, this.lanes, query));
  }

  scanDeliveries(scan: Parameters<ReplayStore['scanDeliveries']>[0]): ReturnType<ReplayStore['scanDeliveries']> {
    return this.calls.run(() => scanDeliveries(this.parts.database, scan));
  }

  readStand(query: Parameters<ReplayStore['readStand']>[0]): ReturnType<ReplayStore['readStand']> {
    return this.calls.run(() => readStand(this.parts.database, query));
  }

  recordRedelivery(redelivery: Parameters<ReplayStore['recordRedelivery']>[0]): Promise<void> {
    return this.calls.run(() => replays.recordRedelivery(this.parts.database, redelivery));
  }

  createReplay(replay: Replay): Promise<void> {
    return this.calls.runSettings(() => replays.createReplay(this.parts.database, replay));
  }

  startReplay(jobId: string): Promise<void> {
    return this.calls.run(() => replays.startReplay(this.parts.database, jobId, this.parts.time));
  }

  settleReplay(settlement: Parameters<ReplayStore['settleReplay']>[0]): Promise<void> {
    return this.calls.run(() => replays.settleReplay(this.parts.database, settlement));
  }

  endReplay(end: Parameters<ReplayStore['endReplay']>[0]): Promise<boolean> {
    return this.calls.runSettings(() => replays.endReplay(this.parts.database, end, this.parts.time));
  }

  readLaneCounts(jobId: string, lane: number): Promise<ReplayCounts> {
    return this.calls.run(() => replays.readLaneCounts(this.parts.database, jobId, lane));
  }

  getReplay(jobId: string): Promise<Replay | undefined> {
    return this.calls.run(() => this.parts.database.snapshot((tx) => replays.getReplay(tx, jobId)));
  }

  listReplays(query: Parameters<ReplayStore['listReplays']>[0]): Promise<Page<Replay>> {
    return this.calls.run(() => this.parts.database.snapshot((tx) => replays.listReplays(tx, query)));
  }

  listOpenReplays(): Promise<readonly Replay[]> {
    return this.calls.run(() => this.parts.database.snapshot((tx) => replays.listOpenReplays(tx)));
  }

  heldByReplays(sdkAppId: number): ReturnType<ReplayStore['heldByReplays']> {
    return this.calls.run(() => replays.heldByReplays(this.parts.database, sdkAppId));
  }
}
