/** What is left of an event when the account that it changed is deleted. */
import { formatPortraitSetCallback, type ProfileItem, parsePortraitSetCallback } from '@portrait/wire';
import type { ChangeEvent } from '../storage/store.ts';

/**
 * An event without what the user's profile held: every value, old and new, is the empty string, and so is the client's address.
 * Tags, names and time stay, so that the delivery log still tells what happened.
 *
 * Pure. A body that is no callback loses everything.
 */
export function eraseEvent(event: ChangeEvent): Pick<ChangeEvent, 'body' | 'previousItems' | 'clientIp'> {
  const body = parsePortraitSetCallback(event.body);
  return {
    body: body.ok ? formatPortraitSetCallback({ ...body.value, items: withoutValues(body.value.items) }) : '{}',
    previousItems: withoutValues(event.previousItems),
    clientIp: '',
  };
}

function withoutValues(items: readonly ProfileItem[]): readonly ProfileItem[] {
  return items.map(({ tag }) => ({ tag, value: '' }));
}
