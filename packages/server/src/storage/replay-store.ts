/** What a store has of replays: jobs that send again what an endpoint has settled. */
import type { Attempt, ChangeEvent, DeliveryState, Page } from './store.ts';

/** States of deliveries that can be sent again: all else is still to come by itself. */
export const SETTLED_STATES = ['delivered', 'dead', 'skipped'] as const;
export type SettledState = (typeof SETTLED_STATES)[number];

/** `queued`: waits for others to end, or for its endpoint; the last three are for good. */
export const REPLAY_STATES = ['queued', 'running', 'done', 'cancelled', 'failed'] as const;
export type ReplayState = (typeof REPLAY_STATES)[number];

/** So many replays that have ended are kept of an app. */
export const MAX_ENDED_REPLAYS = 100;

/** Events of one lane: `seq` above `afterSeq`, up to and with `toSeq`. */
export interface LaneRange {
  readonly lane: number;
  readonly afterSeq: number;
  readonly toSeq: number;
}

/** How far a replay has got in one lane. */
export interface ReplayLane extends LaneRange {
  /** everything up to here is done */
  readonly seq: number;
  /** seqs above `seq` that are done already */
  readonly doneAhead: readonly number[];
  /** seqs above `seq` that were tried without success and are to be tried again, whatever state that left them in */
  readonly tried: readonly number[];
}

/** What has become of a replay's deliveries so far. */
export interface ReplayCounts {
  readonly delivered: number;
  /** given up after a few attempts */
  readonly failed: number;
  /** not sent: still to come by themselves, or not wanted by the endpoint */
  readonly skipped: number;
}

/** A job that sends deliveries again, in order per user. Its range is fixed when it is made. */
export interface Replay extends ReplayCounts {
  /** `rpl_…` */
  readonly jobId: string;
  readonly sdkAppId: number;
  readonly endpointId: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly userId?: string;
  /** only deliveries in this state */
  readonly deliveryState?: SettledState;
  readonly ratePerSecond: number;
  /** deliveries that were to be sent when it was made */
  readonly total: number;
  readonly state: ReplayState;
  /** why it failed */
  readonly reason?: string;
  readonly createdAtMs: number;
  readonly startedAtMs?: number;
  readonly finishedAtMs?: number;
  readonly lanes: readonly ReplayLane[];
}

/** Which deliveries of which endpoint are asked for. */
export type ReplayQuery = Pick<
  Replay,
  'sdkAppId' | 'endpointId' | 'fromMs' | 'toMs' | 'userId' | 'deliveryState' | 'ratePerSecond'
>;

/** What a replay would send. */
export interface ReplayCount {
  readonly ranges: readonly LaneRange[];
  /** deliveries that would be sent */
  readonly total: number;
  /** all of the time and the user, sent or not */
  readonly byState: Readonly<Record<DeliveryState, number>>;
  /** of those that would be sent, by time */
  readonly first: ScannedDelivery | undefined;
  readonly last: ScannedDelivery | undefined;
}

/** What a running replay waits for: its endpoint is paused, its circuit is open, or it does not answer. */
export const REPLAY_OBSTACLES = ['paused', 'circuit', 'endpoint-down'] as const;
export type ReplayObstacle = (typeof REPLAY_OBSTACLES)[number];

/** What came of a replay's work on one lane: stored whole or not at all. Counts are those of this lane. */
export interface ReplaySettlement extends ReplayCounts {
  readonly jobId: string;
  readonly endpointId: string;
  readonly lane: number;
  readonly epoch: number;
  readonly seq: number;
  readonly doneAhead: readonly number[];
  readonly tried: readonly number[];
  readonly attempts: readonly Attempt[];
}

/** Which deliveries to look at: those of `lane` above `afterSeq`, in order. */
export interface DeliveryScan {
  readonly sdkAppId: number;
  readonly endpointId: string;
  readonly lane: number;
  readonly afterSeq: number;
  /** the last one */
  readonly toSeq: number;
  /** look at so many events at most */
  readonly maxEvents: number;
  readonly userId?: string;
}

/** A delivery without what was sent and answered. */
export interface ScannedDelivery
  extends Pick<ChangeEvent, 'lane' | 'seq' | 'userId' | 'version' | 'command' | 'atMs' | 'isErased'> {
  readonly state: DeliveryState;
}

/** A delivery as it stands now. */
export interface DeliveryStand {
  readonly event: ChangeEvent;
  readonly state: DeliveryState;
  /** number of its last attempt, 0 = none */
  readonly lastNumber: number;
}

/** The part of a store that replays work with. */
export interface ReplayStore {
  /** Where the events of a time lie: made at `fromMs` or later, at `toMs` or earlier. A lane without any is left out. */
  findRange(query: {
    readonly sdkAppId: number;
    readonly fromMs: number;
    readonly toMs: number;
  }): Promise<readonly LaneRange[]>;
  /**
   * One small step through the deliveries of an endpoint.
   *
   * @returns what was found up to and with `scannedTo`, which is above `afterSeq` while that is below `toSeq`
   * @throws StoreError `missing` if there is no such endpoint
   */
  scanDeliveries(
    scan: DeliveryScan,
  ): Promise<{ readonly items: readonly ScannedDelivery[]; readonly scannedTo: number }>;
  /** undefined if there is no such event. @throws StoreError `missing` if there is no such endpoint */
  readStand(query: {
    readonly sdkAppId: number;
    readonly endpointId: string;
    readonly lane: number;
    readonly seq: number;
  }): Promise<DeliveryStand | undefined>;
  /**
   * Store attempts at deliveries that are settled; their state follows from the last one.
   *
   * @throws StoreError `lease-lost`, `missing`: nothing was written
   */
  recordRedelivery(redelivery: {
    readonly endpointId: string;
    readonly lane: number;
    readonly epoch: number;
    readonly attempts: readonly Attempt[];
  }): Promise<void>;

  /** Make a job. Of those of the app that have ended the oldest go. @throws StoreError `missing` if there is no such endpoint */
  createReplay(replay: Replay): Promise<void>;
  /** A job that is queued runs from now on. */
  startReplay(jobId: string): Promise<void>;
  /** Store how far a job has got, with the attempts it made. @throws StoreError `lease-lost`, `missing`: nothing was written */
  settleReplay(settlement: ReplaySettlement): Promise<void>;
  /** End a job. @returns false if it has ended before, or is not there */
  endReplay(end: {
    readonly jobId: string;
    readonly state: 'done' | 'cancelled' | 'failed';
    readonly reason?: string;
  }): Promise<boolean>;
  /** What was counted in one lane of a job; a job's own counts are the sums. */
  readLaneCounts(jobId: string, lane: number): Promise<ReplayCounts>;
  getReplay(jobId: string): Promise<Replay | undefined>;
  /** Newest first. */
  listReplays(query: {
    readonly sdkAppId: number;
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<Page<Replay>>;
  /** Jobs of all apps that have not ended, oldest first. */
  listOpenReplays(): Promise<readonly Replay[]>;
  /** Per lane the lowest seq that jobs of the app still need; a lane that none needs is left out. */
  heldByReplays(sdkAppId: number): Promise<readonly { readonly lane: number; readonly seq: number }[]>;
}
