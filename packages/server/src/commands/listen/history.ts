/** What came before a callback: tells repeats, and gaps in a user's changes. */
import { hash } from 'node:crypto';
import type { VerifiedCallback } from '@portrait/receiver';
import { LRUCache } from 'lru-cache';

/** Where a callback stands among those before. All is absent of one that came as it should. */
export interface Place {
  /** how often it came before */
  readonly repeatOf?: number;
  /** changes of the user that should have come before it: first and last */
  readonly missing?: readonly [first: number, last: number];
  /** a newer change of the user came before it: the newest */
  readonly behind?: number;
}

const REMEMBERED = 20_000;

/** Remembers the last 20,000 callbacks and users. */
export class History {
  readonly #counts = new LRUCache<string, number>({ max: REMEMBERED });
  readonly #sequences = new LRUCache<string, number>({ max: REMEMBERED });

  /** Note a callback. To be called once for each that comes. */
  place({ event, delivery, text }: VerifiedCallback): Place {
    const key = `${delivery.sdkAppId}:${delivery.webhookId ?? hash('sha256', text)}`;
    const count = this.#counts.get(key) ?? 0;
    this.#counts.set(key, count + 1);
    if (count > 0) return { repeatOf: count };
    const { sequence } = delivery;
    return 'userId' in event && sequence !== undefined
      ? this.#inOrder(`${delivery.sdkAppId}:${event.userId}`, sequence)
      : {};
  }

  #inOrder(user: string, sequence: number): Place {
    const last = this.#sequences.get(user);
    if (last !== undefined && sequence <= last) return { behind: last };
    this.#sequences.set(user, sequence);
    // of a user who is seen for the first time, earlier changes may be older than the endpoint
    return last === undefined || sequence === last + 1 ? {} : { missing: [last + 1, sequence - 1] };
  }
}

/** @returns a sentence; undefined of a callback that came as it should */
export function describePlace({ repeatOf, missing, behind }: Place): string | undefined {
  if (repeatOf !== undefined) return `repeat: it came ${repeatOf === 1 ? 'once' : `${repeatOf} times`} before`;
  if (behind !== undefined) return `late: change #${behind} came before it`;
  if (missing === undefined) return undefined;
  const [first, last] = missing;
  return first === last ? `gap: change #${first} has not come` : `gap: changes #${first} to #${last} have not come`;
}
