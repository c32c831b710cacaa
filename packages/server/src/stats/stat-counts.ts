/** What is counted of an app in a span of time. */
import { type LatencyCounts, mergeLatencies } from './latency-histogram.ts';

export interface StatCounts {
  /** of profiles, that were announced */
  changes: number;
  delivered: number;
  /** attempts that failed and are not the last */
  failed: number;
  /** deliveries whose last attempt failed */
  dead: number;
  /** of those delivered: at the first attempt */
  firstAttempt: number;
  /** from the commit of the change to the end of the POST that delivered it */
  latency: LatencyCounts;
  /** deliveries that were still to come, at the last look */
  backlog: number;
  oldestPendingAgeMs: number;
}

export function emptyCounts(): StatCounts {
  return {
    changes: 0,
    delivered: 0,
    failed: 0,
    dead: 0,
    firstAttempt: 0,
    latency: {},
    backlog: 0,
    oldestPendingAgeMs: 0,
  };
}

/** Sums of what happened; of what waits the most. */
export function mergeCounts(into: StatCounts, from: Readonly<StatCounts>): void {
  into.changes += from.changes;
  into.delivered += from.delivered;
  into.failed += from.failed;
  into.dead += from.dead;
  into.firstAttempt += from.firstAttempt;
  into.backlog = Math.max(into.backlog, from.backlog);
  into.oldestPendingAgeMs = Math.max(into.oldestPendingAgeMs, from.oldestPendingAgeMs);
  mergeLatencies(into.latency, from.latency);
}

/** A short JSON array: rows of a week are read at once. */
export function formatCounts(counts: Readonly<StatCounts>): string {
  const { changes, delivered, failed, dead, firstAttempt, backlog, oldestPendingAgeMs, latency } = counts;
  return JSON.stringify([changes, delivered, failed, dead, firstAttempt, backlog, oldestPendingAgeMs, latency]);
}

export function parseCounts(text: string): StatCounts {
  const [changes, delivered, failed, dead, firstAttempt, backlog, oldestPendingAgeMs, latency] = JSON.parse(text);
  return { changes, delivered, failed, dead, firstAttempt, backlog, oldestPendingAgeMs, latency };
}
