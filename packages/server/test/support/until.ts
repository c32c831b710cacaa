/** Waiting by condition. */
import { setTimeout as delay } from 'node:timers/promises';

/** How a wait is told apart, and how long it may take. */
export interface UntilOptions {
  /** what is waited for, as it stands when time is up */
  readonly what: () => string;
  /** default 15 s: much longer than a loaded machine needs */
  readonly withinMs?: number;
}

/**
 * Look until there is something to see.
 *
 * @param look  may be called often; gives something truthy when the wait is over
 * @returns what `look` gave at last
 * @throws Error that says what was waited for, if it took too long
 */
export async function until<T>(
  look: () => T | Promise<T>,
  { what, withinMs = 15_000 }: UntilOptions,
): Promise<Exclude<T, undefined | null | false | 0 | ''>> {
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen) return seen as Exclude<T, undefined | null | false | 0 | ''>;
    if (performance.now() > giveUpAt) throw new Error(`waited ${withinMs} ms in vain for ${what()}`);
    await delay(2);
  }
}
