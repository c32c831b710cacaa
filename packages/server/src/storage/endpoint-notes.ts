/** What an update of an endpoint's settings is remembered as: the same in every engine. */
import { isDeepStrictEqual } from 'node:util';
import type { Endpoint, EndpointNote } from './store.ts';

/** Told by what happened, or no setting. */
const UNNAMED: readonly string[] = ['state', 'pauseReason', 'circuit'] satisfies (keyof Endpoint)[];

/** Names of what changed, never values: some are secrets. */
export function notesOfUpdate(before: Endpoint, after: Endpoint): readonly EndpointNote[] {
  const [old, now]: Record<string, unknown>[] = [{ ...before }, { ...after }];
  const changed = Object.keys({ ...old, ...now }).filter(
    (name) => !UNNAMED.includes(name) && !isDeepStrictEqual(old?.[name], now?.[name]),
  );
  const update: EndpointNote = { kind: 'updated', reason: 'person', detail: changed.join(', ') };
  const notes = changed.length > 0 ? [update] : [];
  return before.state === after.state ? notes : [...notes, noteOfState(after)];
}

function noteOfState({ state, pauseReason }: Endpoint): EndpointNote {
  if (state === 'active') return { kind: 'resumed', reason: 'person' };
  if (pauseReason === 'gone') return { kind: 'gone', reason: 'status', detail: 'it answered 410 and is paused' };
  return { kind: 'paused', reason: 'person' };
}
