import { type Clock, systemClock } from '../../../src/clock.ts';

/** A clock whose waits pass faster than real ones, so that pauses of minutes take seconds. The time of day is the real one: signatures tell it. */
export function fastClock(times: number): Clock {
  return {
    now: () => systemClock.now(),
    monotonic: () => systemClock.monotonic() * times,
    sleep: (ms, signal) => systemClock.sleep(ms / times, signal),
    after: (ms, run) => systemClock.after(ms / times, run),
  };
}
