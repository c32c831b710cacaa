/** What the log says of a profile. */
import { type ProfileValue, parsePortraitSetCallback } from '@portrait/wire';
import type { ChangeEvent, Profile } from '../storage/store.ts';

/**
 * The record after an event, from the record before it: what `changeProfile` made of the command then.
 *
 * Pure. An event that the record has already changes nothing.
 *
 * @throws TypeError if the event's body is not a callback's: the log is damaged
 */
export function replayEvent(profile: Profile, event: ChangeEvent): Profile {
  if (event.seq <= profile.lastSeq) return profile;
  const body = parsePortraitSetCallback(event.body);
  if (!body.ok) throw new TypeError(`event ${event.eventId}: ${body.fault.message}`);
  const fields: Record<string, ProfileValue> = { ...profile.fields };
  for (const { tag, value } of body.value.items) fields[tag] = value;
  return { ...profile, fields, version: event.version, lastSeq: event.seq, updatedAtMs: event.atMs };
}
