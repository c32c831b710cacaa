/** Pages of lists, and the opaque texts that lead from one to the next. */
import type { Page } from '../storage/store.ts';
import { Problem } from './problem.ts';

/** One page as the API gives it; `nextCursor` is null on the last. */
export interface ListAnswer<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** Items of a page, and where it begins. */
export const DEFAULT_LIMIT = 50;
export const MAX_LIMIT = 200;

/** @param list  name of the list, so that no cursor is taken for one of another list */
function formatCursor(list: string, place: string): string {
  return Buffer.from(`${list}:${place}`).toString('base64url');
}

/**
 * @returns the place, or undefined if no cursor was given
 * @throws Problem 400 if it is none of this list
 */
export function parseCursor(list: string, raw: string | undefined): string | undefined {
  if (raw === undefined) return undefined;
  const text = Buffer.from(raw, 'base64url').toString();
  const place = text.slice(list.length + 1);
  if (formatCursor(list, place) === raw) return place;
  throw Problem.ofFaults(400, [
    { in: 'query', pointer: '#/cursor', detail: 'expected the nextCursor of an earlier answer of the same list' },
  ]);
}

/** A page of the store as the API gives it. */
export function listAnswer<S, T>(list: string, page: Page<S>, show: (item: S) => T): ListAnswer<T> {
  const { items, nextCursor } = page;
  return { items: items.map(show), nextCursor: nextCursor === undefined ? null : formatCursor(list, nextCursor) };
}

/**
 * One page of a list that is in memory.
 *
 * @param all     in order of their keys
 * @param keyOf   unique; compared as text
 * @param after   key behind which the page begins
 */
export function pageOf<T>(
  all: readonly T[],
  keyOf: (item: T) => string,
  { limit, after = '' }: { readonly limit: number; readonly after: string | undefined },
): Page<T> {
  const rest = all.filter((item) => keyOf(item) > after);
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  return rest.length > limit && last !== undefined ? { items, nextCursor: keyOf(last) } : { items };
}
