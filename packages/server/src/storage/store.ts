/**
 * What Portrait needs of a store: whole operations in the words of the domain.
 *
 * Two engines stand behind this interface and pass one contract suite (test/storage/store-contract.ts). All methods
 * throw {@link StoreError} and nothing else from their own side; times are Unix milliseconds.
 *
 * The store is a log with readers. A change writes, in one durable transaction, the head of its lane and one event row;
 * the profile's row in the same one, or, where the event says enough to make it anew, later. Lanes order the events: `seq` counts 1, 2, 3 … per (app, lane) in commit order, so that a reader
 * that has everything up to `seq` can never miss what commits later. An endpoint is such a reader: its cursor says how
 * far it has got, `parked` which users wait for their next try.
 */
import type { CustomField, ProfileItem, ProfileValue, SuccessRule } from '@portrait/wire';
import type { ReplayStore } from './replay-store.ts';
import type { Why } from './why.ts';

/** Who made a change, and from where. */
export interface Origin {
  /** UserID of the user or administrator who acts */
  readonly operatorId: string;
  /** address of the client, in its usual spelling */
  readonly clientIp: string;
  /** OptPlatform of the callback: `RESTAPI`, `Web`, … */
  readonly platform: string;
  /** the client's session, if one made it; not stored */
  readonly instId?: number;
}

/** A checked request to change one user's profile. */
export type ProfileCommand = {
  readonly sdkAppId: number;
  readonly userId: string;
  /** whose UserSig came with it: the command is refused with 70001 if it was revoked. Absent: who asks was judged before */
  readonly asker?: { readonly userId: string; readonly issuedAtSeconds: number };
} & (
  | { readonly kind: 'set'; readonly items: readonly ProfileItem[]; readonly origin: Origin }
  | {
      /** make the account if it isn't there, and set what is given */
      readonly kind: 'import';
      readonly items: readonly ProfileItem[];
      readonly origin: Origin;
      /** whether items that are set make an event, as a `set` does */
      readonly announce: boolean;
    }
  /** wipe the profile; the version stays, so that a new account of this name goes on counting */
  | { readonly kind: 'delete' }
  /** refuse every UserSig issued up to now */
  | { readonly kind: 'revoke' }
);

/** A user's record. */
export interface Profile {
  readonly sdkAppId: number;
  readonly userId: string;
  /** number of events so far; the sequence of the newest one */
  readonly version: number;
  /** value of each tag that was set, in the order they were set first */
  readonly fields: Readonly<Record<string, ProfileValue>>;
  /** the account was deleted: only `version` and `lastSeq` still mean something */
  readonly isDeleted: boolean;
  /** UserSigs issued up to this moment are refused; 0 = none were revoked */
  readonly revokedAtMs: number;
  /** `seq` of the newest event of this user, 0 = none: the start of the way back through his history */
  readonly lastSeq: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** The stored fact that a profile changed; inserted once, and never updated but to erase it. */
export interface ChangeEvent {
  /** `evt_…`, unique for all time; names the place of the row (event-id.ts) */
  readonly eventId: string;
  readonly sdkAppId: number;
  readonly lane: number;
  /** place in the lane: 1, 2, 3 … */
  readonly seq: number;
  /** `seq` of the same user's event before this one, 0 = none */
  readonly previousSeq: number;
  readonly userId: string;
  /** the profile's version after this change: the receiver's sequence number */
  readonly version: number;
  /** callback command, such as `Profile.CallbackPortraitSet` */
  readonly command: string;
  readonly atMs: number;
  readonly clientIp: string;
  readonly platform: string;
  /** the callback's body as it is sent, the same bytes at every attempt and after every upgrade */
  readonly body: string;
  /** what the changed tags held before; a tag that was not set is left out */
  readonly previousItems: readonly ProfileItem[];
  /** the account was deleted and its values overwritten (profile/erase-event.ts): not to be sent any more */
  readonly isErased?: true;
}

/** What the pure rule makes of a command: stored whole or not at all. */
export interface ProfileChange {
  readonly profile: Omit<Profile, 'lastSeq'>;
  readonly event?: Pick<
    ChangeEvent,
    'userId' | 'version' | 'command' | 'atMs' | 'clientIp' | 'platform' | 'body' | 'previousItems'
  >;
}

/** A change that is durable. `event` is absent if the command changed nothing that is announced. */
export interface CommittedChange {
  readonly profile: Profile;
  readonly event?: ChangeEvent;
}

/** A customer's app. */
export interface App {
  readonly sdkAppId: number;
  readonly name: string;
  readonly secretKey: string;
  readonly administrators: readonly string[];
  readonly customFields: readonly CustomField[];
  /** standard tags that users may write in their own profiles; administrators may write all */
  readonly userWritableFields: readonly string[];
  /** calls per second and command, 0 = none */
  readonly rateLimitPerSecond: number;
  /** whether account_import with Nick or FaceUrl makes a callback */
  readonly announceImports: boolean;
  /** sessions of one user at once per platform, 0 = as many as come; one beyond ends the oldest */
  readonly maxSessionsPerPlatform: number;
  readonly createdAtMs: number;
}

/** A signing secret that was rotated out, and until when it signs too. */
export interface RetiringSecret {
  readonly secret: string;
  readonly untilMs: number;
}

/** How an endpoint is known by TLS, and what we show it; each in PEM. */
export interface EndpointTls {
  /** who may have signed the endpoint's certificate, in place of the public authorities */
  readonly ca?: string;
  /** our certificate, with its chain behind it; comes with `key` */
  readonly cert?: string;
  readonly key?: string;
}

/** Where an app's callbacks go. */
export interface Endpoint {
  readonly endpointId: string;
  readonly sdkAppId: number;
  readonly url: string;
  readonly commands: readonly string[];
  /** Tencent's callback token; empty = no Sign */
  readonly token: string;
  /** the token before the last rotation, until its overlap ends; signs nothing */
  readonly previousToken?: { readonly token: string; readonly untilMs: number };
  /** `whsec_…` and `whsk_…`, newest first; each signs */
  readonly signingSecrets: readonly string[];
  /** rotated out, newest first; each signs until its overlap ends */
  readonly retiringSecrets?: readonly RetiringSecret[];
  readonly timeoutMs: number;
  readonly success: SuccessRule;
  readonly maxAttempts: number;
  readonly concurrency: number;
  /** attempts per second, 0 = none */
  readonly ratePerSecond: number;
  readonly headers: Readonly<Record<string, string>>;
  /** https only */
  readonly tls?: EndpointTls;
  readonly payload: 'tencent' | 'extended';
  readonly onDead: 'skip' | 'hold';
  readonly startFrom: 'now' | 'beginning' | string;
  readonly state: 'active' | 'paused';
  /** `gone`: it was paused because it answered 410; absent: by a person */
  readonly pauseReason?: 'gone';
  /** beside the settings: an update of them leaves it as it is; absent = closed, and never was otherwise */
  readonly circuit?: EndpointCircuit;
  readonly createdAtMs: number;
}

/** Whether an endpoint is delivered to: decided by what becomes of attempts, not by people. */
export interface EndpointCircuit {
  readonly state: 'closed' | 'open' | 'half-open';
  /** since when it is closed, or is not */
  readonly sinceMs: number;
  /** why it opened: reason of the last failure */
  readonly reason?: string;
  /** when the next probe is due; only while it is open */
  readonly nextProbeAtMs?: number;
}

export const ENDPOINT_EVENT_KINDS = [
  'created',
  'updated',
  'paused',
  'resumed',
  'gone',
  'circuit-opened',
  'circuit-half-open',
  'circuit-closed',
] as const;

/** What happened to an endpoint. */
export interface EndpointNote {
  readonly kind: (typeof ENDPOINT_EVENT_KINDS)[number];
  /** `person`, or the reason of a failure */
  readonly reason?: string;
  /** sentence for people; of an update the names of the members that changed, never their values */
  readonly detail?: string;
}

/** The same, as it is stored. */
export interface EndpointEvent extends EndpointNote {
  readonly endpointId: string;
  /** 1, 2, 3 … of this endpoint */
  readonly no: number;
  readonly atMs: number;
}

/** So many events of an endpoint are kept. */
export const MAX_ENDPOINT_EVENTS = 1_000;

/** A claim on a lane that runs out. Every write of a dispatcher names the epoch. */
export interface LaneLease {
  readonly lane: number;
  /** grows by one whenever the owner changes */
  readonly epoch: number;
  /** life of the claim from the moment of the call */
  readonly leaseMs: number;
  /** so long ago the lease ran out of one who did not give the lane up: what he sent can still be under way. Absent: nobody's, or a minute ago */
  readonly endedMsAgo?: number;
}

/** How far a lane has got. */
export interface LaneHead {
  readonly sdkAppId: number;
  readonly lane: number;
  readonly seq: number;
}

/** What one lane of an app's log holds. */
export interface LogBounds {
  readonly lane: number;
  /** what was asked for are the events above: each up to `headSeq` is there */
  readonly afterSeq: number;
  /** the newest one; `afterSeq` if there is none */
  readonly headSeq: number;
}

/** Where a lane begins: its oldest event that is still there. */
export interface LaneTail {
  readonly lane: number;
  readonly seq: number;
  readonly atMs: number;
}

/** What one small step of a long work came to. */
export interface StepResult {
  /** events that were removed or overwritten */
  readonly events: number;
  /** nothing is left to do for now */
  readonly isDone: boolean;
}

/** Part of an exchange. `connect`: also while no connection is free; `answer`: until its first byte; `body`: from then on. */
export const STAGES = ['dns', 'connect', 'tls', 'send', 'answer', 'body'] as const;
export type Stage = (typeof STAGES)[number];

/** How long the parts of an exchange took; those that did not happen, or did not end, are absent. */
export interface Timings {
  /** an earlier exchange made the connection: `dnsMs`, `connectMs` and `tlsMs` are absent */
  readonly reusedConnection: boolean;
  readonly dnsMs?: number;
  readonly connectMs?: number;
  readonly tlsMs?: number;
  /** from the request being written to the first byte of the answer */
  readonly firstByteMs?: number;
  /** from there to its last byte */
  readonly bodyMs?: number;
}

/** The head of a request. */
export interface SentRequest {
  readonly url: string;
  /** names and values by turns */
  readonly headers: readonly string[];
}

/** One POST. */
export interface Attempt {
  readonly seq: number;
  /** 1, 2, 3 … of this delivery */
  readonly number: number;
  readonly atMs: number;
  /** `dead`: failed, and it was the last one */
  readonly outcome: 'delivered' | 'failed' | 'dead';
  /** why it failed: interface.md 3 */
  readonly reason?: string;
  /** sentence for people: what was seen */
  readonly detail?: string;
  readonly status?: number;
  readonly durationMs: number;
  readonly timings?: Timings;
  /** how far it got, if no whole answer came */
  readonly stage?: Stage;
  /** what was sent, values of secret headers masked: only if it failed */
  readonly request?: SentRequest;
  /** names and values by turns, the first 4 KiB: only if it failed */
  readonly answerHeaders?: readonly string[];
  /** the first 4 KiB of the answer */
  readonly answer?: string;
}

/** A user whose deliveries to an endpoint wait for their next try. */
export interface ParkedUser {
  readonly userId: string;
  readonly lane: number;
  /** attempts made at the first that waits, as far as they count against `maxAttempts` */
  readonly attempts: number;
  /** those made at it beside them while the circuit was not closed, or by a person; absent = none */
  readonly uncounted?: number;
  /** undefined = held until a person releases it */
  readonly nextTryAtMs: number | undefined;
  readonly reason: string;
  /** seqs that wait, in order; the first is the one that is tried */
  readonly waiting: readonly number[];
}

/** How far an endpoint has got in one lane. */
export interface Cursor {
  readonly lane: number;
  /** everything up to here is settled, but for what waits in `parked` */
  readonly seq: number;
  /** seqs above `seq` that are settled already */
  readonly doneAhead: readonly number[];
}

/** What a dispatcher knows of an endpoint when it starts. */
export interface Progress {
  readonly cursors: readonly Cursor[];
  readonly parked: readonly ParkedUser[];
}

/** What came of the work on one lane for one endpoint: stored whole or not at all. */
export interface Settlement {
  readonly endpointId: string;
  readonly sdkAppId: number;
  readonly lane: number;
  readonly epoch: number;
  readonly cursor: Cursor;
  readonly attempts: readonly Attempt[];
  /** new state of users that are parked; `waiting` holds only the seqs that are new */
  readonly parked: readonly ParkedUser[];
  /** seqs that wait no longer */
  readonly unparkedSeqs: readonly { readonly userId: string; readonly seq: number }[];
  /** users for whom nothing waits any more */
  readonly unparkedUsers: readonly string[];
}

/** State of a delivery. `skipped`: this endpoint was not to get it (command off, or older than the endpoint), or there is none. */
export const DELIVERY_STATES = ['pending', 'retrying', 'waiting', 'held', 'delivered', 'dead', 'skipped'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** One callback for one endpoint. */
export interface Delivery {
  readonly event: ChangeEvent;
  /** null: the app has no endpoint, so that the change goes nowhere */
  readonly endpointId: string | null;
  readonly state: DeliveryState;
  readonly attempts: readonly Attempt[];
  readonly nextTryAtMs?: number;
  /** absent if it is delivered */
  readonly why?: Why;
}

/** Which deliveries to list, newest first. */
export interface DeliveryQuery {
  readonly sdkAppId: number;
  readonly limit: number;
  readonly cursor?: string;
  /** any of these; absent = all */
  readonly states?: readonly DeliveryState[];
  /** at least one of its attempts failed for this reason */
  readonly reason?: string;
  readonly userId?: string;
  /** of the user's changes the one with this version; needs `userId` */
  readonly sequence?: number;
  readonly eventId?: string;
  readonly endpointId?: string;
  readonly fromMs?: number;
  readonly toMs?: number;
}

/** What one process counted of an app in one minute; the text is its own. */
export interface StatRow {
  readonly sdkAppId: number;
  /** start of the minute */
  readonly atMs: number;
  /** names the process: rows of others stay beside its own */
  readonly writer: string;
  readonly counts: string;
}

/** Counts to be stored. */
export interface StatWrite {
  /** replace those of the same app, minute and writer */
  readonly rows: readonly StatRow[];
  /** older rows of the same apps are removed */
  readonly keepFromMs: number;
}

/** One page of a list; `nextCursor` is absent on the last. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
}

/** A durable store of apps, profiles, events and deliveries. */
export interface Store extends ReplayStore {
  readonly engine: 'sqlite' | 'postgres';
  /** number of lanes, fixed when the store was made */
  readonly laneCount: number;

  /** Resolves if the store can be read. */
  check(): Promise<void>;
  /** Finish what is under way, then close. Later calls fail with `unavailable`. */
  close(): Promise<void>;

  /** @throws StoreError `exists` if the SDKAppID is taken */
  createApp(app: App): Promise<void>;
  /** @throws StoreError `missing` */
  updateApp(app: App): Promise<void>;
  /** Removes the app with its endpoints, profiles and events. */
  deleteApp(sdkAppId: number): Promise<void>;
  listApps(): Promise<readonly App[]>;

  /**
   * Makes the endpoint and its cursors: at the heads (`now`), before the oldest event that is still there (`beginning`), or behind
   * the last event before a moment (ISO time).
   *
   * @returns the event that was stored with it
   * @throws StoreError `exists`; `missing` if there is no such app
   */
  createEndpoint(endpoint: Endpoint): Promise<readonly EndpointEvent[]>;
  /** Replaces the settings, not the circuit. @returns events stored with it, as endpoint-notes.ts says. @throws StoreError `missing` */
  updateEndpoint(endpoint: Endpoint): Promise<readonly EndpointEvent[]>;
  /**
   * Stores a state of the circuit, an event, or both at once.
   *
   * @param record.lease  it is written only while the lane has this epoch
   * @returns the event as it is stored
   * @throws StoreError `missing`, `lease-lost`
   */
  recordEndpoint(record: {
    readonly endpointId: string;
    readonly circuit?: EndpointCircuit;
    readonly note?: EndpointNote;
    readonly lease?: Pick<LaneLease, 'lane' | 'epoch'>;
  }): Promise<readonly EndpointEvent[]>;
  /** Newest first; the last 1,000 are kept. @throws StoreError `missing` */
  listEndpointEvents(query: {
    readonly endpointId: string;
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<Page<EndpointEvent>>;
  /** Removes the endpoint with its cursors, parked users, attempts and events. */
  deleteEndpoint(endpointId: string): Promise<void>;
  listEndpoints(): Promise<readonly Endpoint[]>;

  /**
   * Carry out one command. Commands that come while a commit runs share the next one. A command that breaks a rule fails
   * alone, with the rule's ApiError. Events of a lane are never older than those before them, whatever the clock does.
   *
   * A `delete` also lets the user's events be overwritten, by `eraseDeleted`.
   *
   * @throws ApiError   of the rule (profile/change-profile.ts); 70020 if there is no such app
   * @throws StoreError `full`, `read-only`, `overloaded`: nothing was written; `unavailable`: whole or absent
   */
  commitChange(command: ProfileCommand): Promise<CommittedChange>;
  /** The records in the order asked for, undefined where there is none. Deleted accounts are returned as such. */
  getProfiles(sdkAppId: number, userIds: readonly string[]): Promise<readonly (Profile | undefined)[]>;
  /** Accounts that are not deleted, by UserID. `prefix` narrows them to names that begin so. */
  listProfiles(query: {
    readonly sdkAppId: number;
    readonly limit: number;
    readonly cursor?: string;
    readonly prefix?: string;
  }): Promise<Page<Profile>>;

  /** Tell that a dispatcher lives, for `leaseMs` from now. @returns how many lanes it should have, so that all that live have equal shares */
  shareLanes(node: { readonly owner: string; readonly leaseMs: number }): Promise<number>;
  /**
   * Claim or renew lanes for `owner`: those he has, and, until he has `most` (default: all), those whose lease ran out and those nobody
   * has.
   */
  claimLanes(claim: {
    readonly owner: string;
    readonly leaseMs: number;
    readonly most?: number;
  }): Promise<readonly LaneLease[]>;
  /** Give up these lanes of `owner`; without `lanes` all of them, and he counts no more as one that lives. */
  releaseLanes(owner: string, lanes?: readonly number[]): Promise<void>;
  /** Heads of all apps in these lanes; an app without events has none. */
  readHeads(lanes: readonly number[]): Promise<readonly LaneHead[]>;
  /** Where the lanes of an app begin; a lane without events has no tail. What lay before was removed. */
  readTails(sdkAppId: number): Promise<readonly LaneTail[]>;
  /** Events of one app and lane with `seq` above `afterSeq`, in order, at most `limit`. */
  readEvents(query: {
    readonly sdkAppId: number;
    readonly lane: number;
    readonly afterSeq: number;
    readonly limit: number;
  }): Promise<readonly ChangeEvent[]>;
  /**
   * For each lane in which the app ever had an event: what its log holds, or of that the events since a moment. Events at the start of a
   * log can be gone; what is there has no hole.
   */
  readLogBounds(query: { readonly sdkAppId: number; readonly fromMs?: number }): Promise<readonly LogBounds[]>;
  /** @throws StoreError `missing` if there is no such endpoint */
  loadProgress(endpointId: string): Promise<Progress>;
  /**
   * Store what came of deliveries. Shares a commit with the changes that wait.
   *
   * @throws StoreError `lease-lost` if one of them names an older epoch than the lane has: that one is not written
   */
  settle(settlement: Settlement): Promise<void>;

  /**
   * Remove the oldest events of an app with the attempts at them, a few hundred rows at a time. What is removed, and everything before it,
   * was made and last tried before `beforeMs` and is needed by nobody any more: no endpoint's cursor, no parked user.
   */
  removeExpired(query: { readonly sdkAppId: number; readonly beforeMs: number }): Promise<StepResult>;
  /**
   * Overwrite values of deleted accounts in events, and clear the answers to them, a few hundred rows at a time. An account's turn comes
   * when all its events up to the deletion are settled.
   */
  eraseDeleted(sdkAppId: number): Promise<StepResult>;

  /**
   * Newest first; of one event by endpoint, in the order the endpoints were made. Attempts come without what was sent and answered.
   * A page can hold fewer than `limit`, or none, and lead on: what one page looks at is bounded. Followed to its end, a list has each
   * delivery that was there at its start and keeps its state once, whatever comes meanwhile.
   */
  listDeliveries(query: DeliveryQuery): Promise<Page<Delivery>>;
  /** One delivery with all its attempts; undefined if there is no such event or endpoint (null: if the app has one). */
  getDelivery(eventId: string, endpointId: string | null): Promise<Delivery | undefined>;
  /** undefined if there is no such event */
  getEvent(eventId: string): Promise<ChangeEvent | undefined>;

  /** Rows of an app that is gone may be left out. */
  writeStats(write: StatWrite): Promise<void>;
  /** Of all writers, by minute: those that began at `fromMs` or later, and before `toMs`. */
  readStats(query: {
    readonly sdkAppId: number;
    readonly fromMs: number;
    readonly toMs: number;
  }): Promise<readonly StatRow[]>;
}
