/** An even rate, whatever the answers' time. */
import { setTimeout as wait } from 'node:timers/promises';

/** Start `one` `total` times, `perSecond` of them a second. Resolves when all are done. @param one  gets 0, 1, … */
export async function openLoop(options: {
  readonly perSecond: number;
  readonly total: number;
  readonly one: (index: number) => Promise<void>;
}): Promise<void> {
  const { perSecond, total, one } = options;
  const startedAt = performance.now();
  const running: Promise<void>[] = [];
  while (running.length < total) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) * perSecond) / 1_000));
    while (running.length < due) running.push(one(running.length));
    await wait(1);
  }
  await Promise.all(running);
}
