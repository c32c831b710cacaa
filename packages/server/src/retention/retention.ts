/** Removes what is older than the retention time, and overwrites what deleted accounts left: forever, in small steps. */
import type { Clock } from '../clock.ts';
import type { Directory } from '../directory.ts';
import type { Log } from '../log.ts';
import type { StepResult, Store } from '../storage/store.ts';
import { TrustedTime } from './trusted-time.ts';

/** All apps are looked at so often. */
const ROUND_MS = 2_000;
/**
 * Rest between two steps, which take about 2 ms of the store each. Measured with bench/retention.ts: writes keep 0.9x of their rate.
 */
const PAUSE_MS = 60;

/** What retention works with. */
export interface RetentionOptions {
  readonly store: Store;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly log: Log;
  readonly retentionMs: number;
  /** asked before each round: whether it is this process that does it. Default: it is */
  readonly isOurs?: () => Promise<boolean>;
}

/** Retention at work. */
export interface Retention {
  /** Ends after the step that is under way. */
  close(): Promise<void>;
}

export function startRetention(options: RetentionOptions): Retention {
  const stop = new AbortController();
  const loop = repeat(options, stop.signal);
  return {
    async close() {
      stop.abort();
      await loop;
    },
  };
}

async function repeat(options: RetentionOptions, signal: AbortSignal): Promise<void> {
  const { directory, store, clock, log, retentionMs, isOurs = async () => true } = options;
  const time = new TrustedTime(clock, retentionMs);
  const allSteps = async (step: () => Promise<StepResult>): Promise<number> => {
    let count = 0;
    while (!signal.aborted) {
      const { events, isDone } = await step();
      count += events;
      if (isDone) break;
      await clock.sleep(PAUSE_MS, signal);
    }
    return count;
  };
  while (!signal.aborted) {
    if (!(await isOurs().catch(() => false))) {
      await clock.sleep(ROUND_MS, signal);
      continue;
    }
    const beforeMs = time.now() - retentionMs;
    for (const { sdkAppId } of directory.apps()) {
      try {
        const erased = await allSteps(() => store.eraseDeleted(sdkAppId));
        const removed = await allSteps(() => store.removeExpired({ sdkAppId, beforeMs }));
        if (erased + removed > 0) log.debug({ sdkAppId, erased, removed }, 'retention.done');
      } catch (error) {
        log.error({ err: error, sdkAppId }, 'retention.fault'); // the next round tries again
      }
      await clock.sleep(0, signal); // with many apps: others get their turn
    }
    await clock.sleep(ROUND_MS, signal);
  }
}
