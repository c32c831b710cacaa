/** A minute that was read from the store, as the fine steps it is made of: nobody knows any more how it was within. */
import { emptyCounts, type StatCounts } from './stat-counts.ts';
import type { CountedSpan } from './stats-series.ts';
import { FINE_MS, ROW_MS } from './windows.ts';

const SUMS = ['changes', 'delivered', 'failed', 'dead', 'firstAttempt'] as const;

/**
 * @param nowMs  a minute that is not over has steps up to here
 * @returns spans whose sums are those of the minute
 */
export function spreadMinute({ atMs, counts }: CountedSpan, nowMs: number): readonly CountedSpan[] {
  const parts = Math.max(1, Math.ceil((Math.min(atMs + ROW_MS, nowMs + 1) - atMs) / FINE_MS));
  return Array.from({ length: parts }, (_, part) => ({
    atMs: atMs + part * FINE_MS,
    counts: partOf(counts, part, parts),
  }));
}

function partOf(counts: Readonly<StatCounts>, part: number, parts: number): StatCounts {
  const share = (value: number): number =>
    Math.floor((value * (part + 1)) / parts) - Math.floor((value * part) / parts);
  const spread = { ...emptyCounts(), backlog: counts.backlog, oldestPendingAgeMs: counts.oldestPendingAgeMs };
  for (const name of SUMS) spread[name] = share(counts[name]);
  for (const [bucket, count] of Object.entries(counts.latency)) {
    if (share(count) > 0) spread.latency[Number(bucket)] = share(count);
  }
  return spread;
}
