/** How long things took, in few numbers: bounds grow by a fifth, so that a percentile is right to a tenth. */

const FIRST_MS = 0.1;
const GROWTH = 1.2;
/** The last one begins at some 13 days. */
const MAX_BUCKETS = 128;

/** Counts by bucket; most are absent. */
export type LatencyCounts = Record<number, number>;

export function addLatency(counts: LatencyCounts, ms: number): void {
  const bucket = ms <= FIRST_MS ? 0 : Math.min(MAX_BUCKETS - 1, Math.ceil(Math.log(ms / FIRST_MS) / Math.log(GROWTH)));
  counts[bucket] = (counts[bucket] ?? 0) + 1;
}

export function mergeLatencies(into: LatencyCounts, from: Readonly<LatencyCounts>): void {
  for (const [bucket, count] of Object.entries(from)) into[Number(bucket)] = (into[Number(bucket)] ?? 0) + count;
}

/** @param share  0 to 1. @returns milliseconds, or null if nothing was counted */
export function percentileOf(counts: Readonly<LatencyCounts>, share: number): number | null {
  const buckets = Object.entries(counts).map(([bucket, count]) => [Number(bucket), count] as const);
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return null;
  let left = Math.max(1, Math.ceil(total * share));
  for (const [bucket, count] of buckets.sort(([one], [other]) => one - other)) {
    left -= count;
    // the middle of the bucket, as bounds that grow have it
    if (left <= 0) return round(FIRST_MS * GROWTH ** (bucket - (bucket === 0 ? 0 : 0.5)));
  }
  return null;
}

function round(ms: number): number {
  return Number(ms.toPrecision(3));
}
