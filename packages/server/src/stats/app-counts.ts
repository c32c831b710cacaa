/** Counts of one app in memory: fine ones of the last quarter of an hour, and the minutes that are not stored yet. */
import { emptyCounts, type StatCounts } from './stat-counts.ts';
import { FINE_MS, ROW_MS, STAT_WINDOWS } from './windows.ts';

/** A quarter of an hour and one more. */
const MAX_FINE: number = STAT_WINDOWS['15m'].lengthMs / FINE_MS + 1;
/** A store that takes nothing for longer loses the oldest. */
const MAX_UNSTORED = 60;

/** Both are by the start of their span, in Unix milliseconds. */
export class AppCounts {
  readonly fine: Map<number, StatCounts> = new Map();
  /** in whole, and replaced at each time they are stored */
  readonly minutes: Map<number, StatCounts> = new Map();
  readonly dirty: Set<number> = new Set();

  /** Count something at a moment. */
  add(nowMs: number, count: (counts: StatCounts) => void): void {
    count(spanOf(this.fine, { nowMs, spanMs: FINE_MS, max: MAX_FINE }));
    count(spanOf(this.minutes, { nowMs, spanMs: ROW_MS, max: MAX_UNSTORED }));
    this.dirty.add(nowMs - (nowMs % ROW_MS));
  }

  /** Stored, and over: not needed any more. */
  forgetStored(nowMs: number): void {
    for (const startMs of this.minutes.keys()) {
      if (startMs + ROW_MS <= nowMs && !this.dirty.has(startMs)) this.minutes.delete(startMs);
    }
  }
}

function spanOf(
  spans: Map<number, StatCounts>,
  { nowMs, spanMs, max }: { readonly nowMs: number; readonly spanMs: number; readonly max: number },
): StatCounts {
  const startMs = nowMs - (nowMs % spanMs);
  let counts = spans.get(startMs);
  if (!counts) {
    counts = emptyCounts();
    spans.set(startMs, counts);
    const [oldest] = spans.keys();
    if (spans.size > max && oldest !== undefined) spans.delete(oldest);
  }
  return counts;
}
