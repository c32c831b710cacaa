import type { Stats } from '../api/types.ts';

export const WINDOWS = ['15m', '1h', '6h', '24h', '7d'] as const;
export type Window = (typeof WINDOWS)[number];

/** How often each is asked for again. */
export const STATS_ASK_MS: Readonly<Record<Window, number>> = {
  '15m': 2_000,
  '1h': 5_000,
  '6h': 15_000,
  '24h': 30_000,
  '7d': 60_000,
};

/** Steps that "right now" is made of: the one under way counts for as long as it has lasted. */
const RECENT_STEPS = 3;

/** @returns how many a second in the last half minute */
export function recentRate({ startMs, stepMs }: Stats, values: readonly number[], nowMs: number): number {
  const last = values.slice(-RECENT_STEPS);
  const fromMs = startMs + (values.length - last.length) * stepMs;
  const seconds = Math.max(1, (Math.min(nowMs, startMs + values.length * stepMs) - fromMs) / 1_000);
  return last.reduce((sum, value) => sum + value, 0) / seconds;
}
