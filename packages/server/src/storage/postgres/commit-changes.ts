/**
 * Carries out profile commands, as many as wait, in one transaction.
 *
 * Two ways to the server and back: heads are locked in the order of their keys and then the profiles are read, and what came of it is written with
 * the COMMIT. The lock on the head of (lane, app) is the lock on all users of it, so profiles need none, and commit order is the order of seqs.
 */
import { ApiError, StoreError } from '../../errors.ts';
import { changeProfile } from '../../profile/change-profile.ts';
import { formatEventId } from '../event-id.ts';
import { laneOf } from '../lane.ts';
import type { ChangeEvent, CommittedChange, Profile, ProfileCommand } from '../store.ts';
import type { JobResult } from './batch-queue.ts';
import type { Database, Transaction } from './database.ts';
import { insertEvents } from './event-rows.ts';
import { type DatabaseTime, nowSql } from './now.ts';
import { prepared } from './prepared.ts';
import { type ProfileKey, putProfiles, readProfiles, updateProfiles } from './profile-rows.ts';

const LOCK_HEADS = prepared(`SELECT h.lane, h.sdk_app_id, h.seq, h.at_ms, ${nowSql('$3')} AS now_ms
  FROM unnest($1::int[], $2::bigint[]) AS k (lane, sdk_app_id)
  JOIN portrait.head AS h ON h.lane = k.lane AND h.sdk_app_id = k.sdk_app_id
  WHERE NOT h.is_removed ORDER BY h.lane, h.sdk_app_id FOR UPDATE OF h`);

const MOVE_HEADS = prepared(`UPDATE portrait.head AS h SET seq = k.seq, at_ms = k.at_ms, endings = h.endings + k.endings
  FROM unnest($1::int[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) AS k (lane, sdk_app_id, seq, at_ms, endings)
  WHERE h.lane = k.lane AND h.sdk_app_id = k.sdk_app_id`);

const PUT_ERASURES = `INSERT INTO portrait.erasure (lane, sdk_app_id, seq)
  SELECT * FROM unnest($1::int[], $2::bigint[], $3::bigint[]) ON CONFLICT DO NOTHING`;

/** The head of a lane of an app, while it moves. */
interface Head {
  readonly lane: number;
  readonly sdkAppId: number;
  readonly nowMs: number;
  seq: number;
  atMs: number;
  endings: number;
  isMoved: boolean;
}

/** What a batch has come to so far. */
interface Batch {
  readonly heads: ReadonlyMap<string, Head>;
  readonly profiles: Map<string, Profile | undefined>;
  /** users who had a record before */
  readonly known: ReadonlySet<string>;
  readonly changed: Map<string, Profile & { readonly lane: number }>;
  readonly events: ChangeEvent[];
  readonly erasures: { readonly lane: number; readonly sdkAppId: number; readonly seq: number }[];
}

/** What it works with. */
export interface CommitOptions {
  readonly database: Database;
  readonly laneCount: number;
  readonly time: DatabaseTime;
}

/**
 * @returns a result for each command, in order; a command that breaks a rule fails alone
 * @throws StoreError the transaction failed as a whole
 */
export function commitChanges(
  { database, laneCount, time }: CommitOptions,
  commands: readonly ProfileCommand[],
): Promise<readonly JobResult<CommittedChange>[]> {
  return database.transaction(async (tx) => {
    const keys = commands.map(({ sdkAppId, userId }) => ({
      lane: laneOf(sdkAppId, userId, laneCount),
      sdkAppId,
      userId,
    }));
    const batch = await open(tx, keys, time());
    const results = commands.map((command, at) => resultOf(batch, keys[at] as ProfileKey, command));
    write(tx, batch);
    return results;
  });
}

async function open(tx: Transaction, keys: readonly ProfileKey[], nowMs: number | undefined): Promise<Batch> {
  const lanes = [...new Map(keys.map((key) => [headKey(key), key])).values()];
  const users = [...new Map(keys.map((key) => [userKey(key), key])).values()];
  const [rows, profiles] = await Promise.all([
    tx.query(LOCK_HEADS, [lanes.map(({ lane }) => lane), lanes.map(({ sdkAppId }) => sdkAppId), nowMs ?? null]),
    readProfiles(tx, users),
  ]);
  const heads = rows.map((row): [string, Head] => {
    const head = {
      lane: row.lane as number,
      sdkAppId: row.sdk_app_id as number,
      nowMs: row.now_ms as number,
      seq: row.seq as number,
      atMs: row.at_ms as number,
      endings: 0,
      isMoved: false,
    };
    return [headKey(head), head];
  });
  return {
    heads: new Map(heads),
    profiles: new Map(users.map((key, at) => [userKey(key), profiles[at]])),
    known: new Set(users.filter((_, at) => profiles[at]).map(userKey)),
    changed: new Map(),
    events: [],
    erasures: [],
  };
}

/** Errors of the rule fail one command alone: they come before it has changed anything. */
function resultOf(batch: Batch, key: ProfileKey, command: ProfileCommand): JobResult<CommittedChange> {
  try {
    return { value: change(batch, key, command) };
  } catch (error) {
    if (error instanceof ApiError || error instanceof StoreError) return { error };
    throw error;
  }
}

function change(batch: Batch, key: ProfileKey, command: ProfileCommand): CommittedChange {
  const head = batch.heads.get(headKey(key));
  if (!head) throw new ApiError(70020, `there is no app ${key.sdkAppId}`);
  const current = batch.profiles.get(userKey(key));
  // an ending is no event: it must not reach into the future because a clock was ahead once
  const isEnding = command.kind === 'delete' || command.kind === 'revoke';
  const made = changeProfile(current, command, isEnding ? head.nowMs : Math.max(head.nowMs, head.atMs));
  const previousSeq = current?.lastSeq ?? 0;
  const event = made.event && append(batch, head, { ...made.event, previousSeq });
  const profile: Profile = { ...made.profile, lastSeq: event?.seq ?? previousSeq };
  if (isEnding) {
    head.endings += 1;
    head.isMoved = true;
  }
  if (command.kind === 'delete' && previousSeq > 0) batch.erasures.push({ ...key, seq: previousSeq });
  if (made.profile !== current) {
    batch.profiles.set(userKey(key), profile);
    batch.changed.set(userKey(key), { ...profile, lane: key.lane });
  }
  return event ? { profile, event } : { profile };
}

/** Give an event its place at the head of its lane. */
function append(
  batch: Batch,
  head: Head,
  made: Omit<ChangeEvent, 'eventId' | 'sdkAppId' | 'lane' | 'seq'>,
): ChangeEvent {
  const { lane, sdkAppId } = head;
  head.seq += 1;
  head.atMs = made.atMs;
  head.isMoved = true;
  const place = { atMs: made.atMs, sdkAppId, lane, seq: head.seq };
  const event = { ...made, ...place, eventId: formatEventId(place) };
  batch.events.push(event);
  return event;
}

function write(tx: Transaction, { heads, known, changed, events, erasures }: Batch): void {
  const moved = [...heads.values()].filter(({ isMoved }) => isMoved);
  if (moved.length > 0) {
    tx.send(MOVE_HEADS, [
      moved.map(({ lane }) => lane),
      moved.map(({ sdkAppId }) => sdkAppId),
      moved.map(({ seq }) => seq),
      moved.map(({ atMs }) => atMs),
      moved.map(({ endings }) => endings),
    ]);
  }
  insertEvents(tx, events);
  const profiles = [...changed.values()];
  updateProfiles(
    tx,
    profiles.filter((profile) => known.has(userKey(profile))),
  );
  putProfiles(
    tx,
    profiles.filter((profile) => !known.has(userKey(profile))),
  );
  if (erasures.length > 0) {
    const columns = [
      erasures.map(({ lane }) => lane),
      erasures.map(({ sdkAppId }) => sdkAppId),
      erasures.map(({ seq }) => seq),
    ];
    tx.send(PUT_ERASURES, columns);
  }
}

function headKey({ lane, sdkAppId }: { readonly lane: number; readonly sdkAppId: number }): string {
  return `${lane}:${sdkAppId}`;
}

function userKey({ sdkAppId, userId }: { readonly sdkAppId: number; readonly userId: string }): string {
  return `${sdkAppId}:${userId}`;
}
