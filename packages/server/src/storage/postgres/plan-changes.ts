/**
 * What commands come to, worked out before their places in the log are known: those are counted from where the heads will be.
 */
import { ApiError, StoreError } from '../../errors.ts';
import { changeProfile } from '../../profile/change-profile.ts';
import { refuseRevoked } from '../../profile/refuse-revoked.ts';
import { formatEventId } from '../event-id.ts';
import type { ChangeEvent, CommittedChange, Profile, ProfileCommand } from '../store.ts';
import type { JobResult } from './batch-queue.ts';
import { NO_REVISION, type ProfileKey, type ReadForChange, type StoredProfile, userKey } from './profile-rows.ts';

/** A lane of an app, and by how much its head moves. */
export interface HeadMove {
  readonly lane: number;
  readonly sdkAppId: number;
  /** 1 = the first of the plan's moves */
  no: number;
  events: number;
  endings: number;
}

/** Where a head stands after the move. */
export interface MovedHead {
  readonly lane: number;
  readonly sdkAppId: number;
  readonly seq: number;
  readonly atMs: number;
}

/** An event that has no place yet. */
interface PlannedEvent {
  readonly made: Omit<ChangeEvent, 'eventId' | 'sdkAppId' | 'lane' | 'seq' | 'previousSeq'>;
  readonly move: HeadMove;
  /** 1 = the first of its head's move */
  readonly step: number;
  readonly previous: Place;
}

/** A `seq` that is known, or an event that has none yet. */
export type Place = number | PlannedEvent;

/** A record that is to be written. */
export interface PlannedProfile {
  readonly key: ProfileKey;
  readonly move: HeadMove;
  /** as it was before */
  readonly found: StoredProfile;
  current: Profile | undefined;
  last: Place;
  isChanged: boolean;
}

/** What one command came to. */
type PlannedResult = { readonly profile: Profile; readonly last: Place; readonly event?: PlannedEvent } | Refused;

interface Refused {
  readonly error: ApiError | StoreError;
}

/** A record that the plan rests on and does not write. */
interface ProfileCheck extends ProfileKey {
  readonly revision: number;
}

/** What a batch comes to. */
export interface ChangePlan {
  /** what was not read for it has to be as it was believed to be */
  readonly checks: readonly ProfileCheck[];
  /** the time of all of it, but for events of heads that are further on already */
  readonly atMs: number;
  /** in the order of their keys */
  readonly moves: readonly HeadMove[];
  readonly profiles: readonly PlannedProfile[];
  readonly events: readonly PlannedEvent[];
  /** newest events of accounts that are deleted */
  readonly erasures: readonly { readonly move: HeadMove; readonly last: Place }[];
  readonly results: readonly PlannedResult[];
}

/** On what a plan rests. */
export interface PlanOptions {
  /** those that are there; undefined: not known, a write into another one fails */
  readonly heads?: ReadonlySet<string>;
  /** users whose records were not read for this plan */
  readonly believed?: ReadonlyMap<string, ProfileKey>;
}

/** @param read  of each user of the commands, and each asker */
export function planChanges(
  { nowMs, profiles }: ReadForChange,
  commands: readonly { readonly key: ProfileKey; readonly command: ProfileCommand }[],
  { heads, believed }: PlanOptions,
): ChangePlan {
  const plan = new Planner(nowMs, profiles);
  const results = commands.map(({ key, command }): PlannedResult => {
    if (heads && !heads.has(headKey(key))) return { error: new ApiError(70020, `there is no app ${key.sdkAppId}`) };
    return plan.carryOut(key, command);
  });
  return plan.end(results, believed);
}

class Planner {
  readonly #nowMs: number;
  readonly #found: ReadonlyMap<string, StoredProfile>;
  readonly #moves = new Map<string, HeadMove>();
  readonly #profiles = new Map<string, PlannedProfile>();
  readonly #events: PlannedEvent[] = [];
  readonly #erasures: { move: HeadMove; last: Place }[] = [];

  constructor(nowMs: number, found: ReadonlyMap<string, StoredProfile>) {
    this.#nowMs = nowMs;
    this.#found = found;
  }

  end(results: readonly PlannedResult[], believed: PlanOptions['believed']): ChangePlan {
    const profiles = [...this.#profiles.values()].filter(({ isChanged }) => isChanged);
    const checks: ProfileCheck[] = [];
    for (const [user, key] of believed ?? []) {
      if (!this.#profiles.get(user)?.isChanged) checks.push({ ...key, revision: this.#find(user).revision });
    }
    const moves = [...new Set(profiles.map(({ move }) => move))];
    moves.sort((a, b) => a.lane - b.lane || a.sdkAppId - b.sdkAppId);
    for (const [at, move] of moves.entries()) move.no = at + 1;
    return { atMs: this.#nowMs, checks, moves, profiles, events: this.#events, erasures: this.#erasures, results };
  }

  /** Errors of the rule fail one command alone: they come before it has changed anything. */
  carryOut(key: ProfileKey, command: ProfileCommand): PlannedResult {
    try {
      if (command.asker) this.#refuseRevoked(command.sdkAppId, command.asker);
      return this.#change(this.#profileOf(key), command);
    } catch (error) {
      if (error instanceof ApiError || error instanceof StoreError) return { error };
      throw error;
    }
  }

  #refuseRevoked(sdkAppId: number, asker: NonNullable<ProfileCommand['asker']>): void {
    const user = userKey({ sdkAppId, userId: asker.userId });
    const planned = this.#profiles.get(user);
    refuseRevoked(planned ? planned.current : this.#find(user).profile, asker);
  }

  #find(user: string): StoredProfile {
    return this.#found.get(user) ?? { profile: undefined, revision: NO_REVISION };
  }

  #change(planned: PlannedProfile, command: ProfileCommand): PlannedResult {
    const { current, move } = planned;
    const made = changeProfile(current, command, this.#nowMs);
    const event = made.event && this.#append(planned, made.event);
    if (command.kind === 'delete' || command.kind === 'revoke') move.endings += 1;
    if (command.kind === 'delete' && planned.last !== 0) this.#erasures.push({ move, last: planned.last });
    if (event) planned.last = event;
    // its place is set when it is known
    if (made.profile !== current) {
      planned.current = { ...made.profile, lastSeq: current?.lastSeq ?? 0 };
      planned.isChanged = true;
    }
    return { profile: planned.current as Profile, last: planned.last, ...(event && { event }) };
  }

  #append({ move, last }: PlannedProfile, made: PlannedEvent['made']): PlannedEvent {
    move.events += 1;
    const event = { made, move, step: move.events, previous: last };
    this.#events.push(event);
    return event;
  }

  #profileOf(key: ProfileKey): PlannedProfile {
    const name = userKey(key);
    const known = this.#profiles.get(name);
    if (known) return known;
    const found = this.#find(name);
    const current = found.profile;
    const planned = { key, move: this.#moveOf(key), found, current, last: current?.lastSeq ?? 0, isChanged: false };
    this.#profiles.set(name, planned);
    return planned;
  }

  #moveOf({ lane, sdkAppId }: ProfileKey): HeadMove {
    const name = headKey({ lane, sdkAppId });
    const known = this.#moves.get(name);
    if (known) return known;
    const move = { lane, sdkAppId, no: 0, events: 0, endings: 0 };
    this.#moves.set(name, move);
    return move;
  }
}

/** The records that were written, now that the heads have moved. */
export function storedBy(plan: ChangePlan, heads: readonly MovedHead[]): (readonly [user: string, StoredProfile])[] {
  return plan.profiles.map(({ key, current, last, found }) => {
    const profile = profileAt(current as Profile, last, heads);
    return [userKey(key), { profile, revision: revisionAfter(found, profile) }];
  });
}

/** What the commands came to, now that the heads have moved. */
export function resultsOf(plan: ChangePlan, heads: readonly MovedHead[]): JobResult<CommittedChange>[] {
  return plan.results.map((result) => {
    if ('error' in result) return result;
    const profile = profileAt(result.profile, result.last, heads);
    return { value: result.event ? { profile, event: eventAt(result.event, heads) } : { profile } };
  });
}

function headOf({ move }: PlannedEvent, heads: readonly MovedHead[]): MovedHead {
  return heads[move.no - 1] as MovedHead;
}

function seqOf(place: Place, heads: readonly MovedHead[]): number {
  return typeof place === 'number' ? place : headOf(place, heads).seq - place.move.events + place.step;
}

function profileAt(profile: Profile, last: Place, heads: readonly MovedHead[]): Profile {
  if (typeof last === 'number') return profile;
  const { atMs } = headOf(last, heads);
  return { ...profile, lastSeq: seqOf(last, heads), updatedAtMs: Math.max(profile.updatedAtMs, atMs) };
}

function eventAt(planned: PlannedEvent, heads: readonly MovedHead[]): ChangeEvent {
  const { made, previous } = planned;
  const { lane, sdkAppId, atMs } = headOf(planned, heads);
  const place = { lane, sdkAppId, atMs, seq: seqOf(planned, heads) };
  const body = atMs === made.atMs ? made.body : retimed(made.body, made.atMs, atMs);
  return { ...made, body, ...place, previousSeq: seqOf(previous, heads), eventId: formatEventId(place) };
}

/** A new record begins with a number that an older one of the same user, whose app was deleted and made again, had not reached. */
function revisionAfter({ profile, revision }: StoredProfile, { createdAtMs }: Profile): number {
  return profile ? revision + 1 : createdAtMs;
}

/** The body with another time. No value can hold the member: a quote in it has a backslash. */
function retimed(body: string, fromMs: number, toMs: number): string {
  return body.replace(timeMember(fromMs), timeMember(toMs));
}

/** As a callback's body has it. */
export function timeMember(atMs: number | string): string {
  return `"EventTime":${atMs}`;
}

export function headKey({ lane, sdkAppId }: { readonly lane: number; readonly sdkAppId: number }): string {
  return `${lane}:${sdkAppId}`;
}
