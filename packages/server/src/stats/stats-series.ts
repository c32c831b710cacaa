/** Spans of counts, laid on the steps of a window. */
import { percentileOf } from './latency-histogram.ts';
import { emptyCounts, mergeCounts, type StatCounts } from './stat-counts.ts';

/** One number for each step. */
export interface StatsSeries {
  readonly startMs: number;
  readonly stepMs: number;
  readonly changes: readonly number[];
  readonly delivered: readonly number[];
  readonly failed: readonly number[];
  readonly dead: readonly number[];
  readonly firstAttempt: readonly number[];
  /** milliseconds; null where nothing was delivered */
  readonly latency: {
    readonly p50: readonly (number | null)[];
    readonly p95: readonly (number | null)[];
    readonly p99: readonly (number | null)[];
  };
  readonly backlog: readonly number[];
  readonly oldestPendingAgeMs: readonly number[];
  /** of the whole window */
  readonly total: StatsTotal;
}

/** Sums of a window. */
export interface StatsTotal {
  readonly changes: number;
  readonly delivered: number;
  readonly failed: number;
  readonly dead: number;
  readonly firstAttempt: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** Counts of the span that begins at `atMs`. */
export interface CountedSpan {
  readonly atMs: number;
  readonly counts: Readonly<StatCounts>;
}

/** @param spans  none longer than a step */
export function seriesOf(
  spans: Iterable<CountedSpan>,
  { startMs, stepMs, steps }: { readonly startMs: number; readonly stepMs: number; readonly steps: number },
): StatsSeries {
  const merged = Array.from({ length: steps }, emptyCounts);
  const whole = emptyCounts();
  for (const { atMs, counts } of spans) {
    const step = merged[Math.floor((atMs - startMs) / stepMs)];
    if (!step) continue;
    mergeCounts(step, counts);
    mergeCounts(whole, counts);
  }
  const latency = (share: number) => merged.map((counts) => percentileOf(counts.latency, share));
  const pick = (
    name: 'changes' | 'delivered' | 'failed' | 'dead' | 'firstAttempt' | 'backlog' | 'oldestPendingAgeMs',
  ) => merged.map((counts) => counts[name]);
  return {
    startMs,
    stepMs,
    changes: pick('changes'),
    delivered: pick('delivered'),
    failed: pick('failed'),
    dead: pick('dead'),
    firstAttempt: pick('firstAttempt'),
    latency: { p50: latency(0.5), p95: latency(0.95), p99: latency(0.99) },
    backlog: pick('backlog'),
    oldestPendingAgeMs: pick('oldestPendingAgeMs'),
    total: totalOf(whole),
  };
}

function totalOf({ changes, delivered, failed, dead, firstAttempt, latency }: StatCounts): StatsTotal {
  const [p50 = null, p95 = null, p99 = null] = [0.5, 0.95, 0.99].map((share) => percentileOf(latency, share));
  return { changes, delivered, failed, dead, firstAttempt, p50, p95, p99 };
}
