/** After a crash: brings the rows of profiles up to the log. */
import type { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../../errors.ts';
import { replayEvent } from '../../profile/replay-event.ts';
import type { ChangeEvent } from '../store.ts';
import { EventRows } from './event-rows.ts';
import { Profiles } from './profiles.ts';

/** A row that several of them change is written once. */
const EVENTS_PER_TRANSACTION = 32_768;
const EVENTS_PER_READ = 1_024;

/**
 * Replay the events that the rows do not have yet. Nothing is left to do after a clean stop.
 *
 * @throws StoreError `refused` if the log names a user who has no row
 */
export function replayLog(db: DatabaseSync): void {
  const events = new EventRows(db);
  const behind = db.prepare('SELECT sdk_app_id, profile_seq FROM head WHERE lane = 0 AND profile_seq < seq').all();
  for (const row of behind as { sdk_app_id: number; profile_seq: number }[]) {
    let afterSeq = row.profile_seq;
    for (;;) {
      const next = replaySome(db, events, row.sdk_app_id, afterSeq);
      if (next === undefined) break;
      afterSeq = next;
    }
  }
}

/** @returns the last seq replayed; undefined when there was none */
function replaySome(db: DatabaseSync, events: EventRows, sdkAppId: number, afterSeq: number): number | undefined {
  const profiles = new Profiles(db);
  let last: number | undefined;
  db.exec('BEGIN IMMEDIATE');
  for (const event of eventsAfter(events, sdkAppId, afterSeq)) {
    const profile = profiles.get(sdkAppId, event.userId);
    if (!profile) throw new StoreError('refused', `The log names user "${event.userId}", who has no profile.`);
    profiles.put(profile, replayEvent(profile, event), true);
    last = event.seq;
  }
  const seq = last;
  if (seq !== undefined) {
    profiles.publish();
    profiles.sweep(() => [{ sdkAppId, lane: 0, seq }], true);
  }
  db.exec('COMMIT');
  return last;
}

/** In order, as many as one transaction takes. */
function* eventsAfter(events: EventRows, sdkAppId: number, afterSeq: number): Generator<ChangeEvent> {
  for (let count = 0; count < EVENTS_PER_TRANSACTION; count += EVENTS_PER_READ) {
    const batch = events.read(sdkAppId, afterSeq + count, EVENTS_PER_READ);
    yield* batch;
    if (batch.length < EVENTS_PER_READ) return;
  }
}
