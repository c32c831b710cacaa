/** The spans of time that statistics are shown for, and how finely. */

const MINUTE_MS = 60_000;

export type StatWindow = '15m' | '1h' | '6h' | '24h' | '7d';
export const STAT_WINDOW_NAMES: readonly StatWindow[] = ['15m', '1h', '6h', '24h', '7d'];

export const STAT_WINDOWS: Readonly<Record<StatWindow, { readonly lengthMs: number; readonly stepMs: number }>> = {
  '15m': { lengthMs: 15 * MINUTE_MS, stepMs: 10_000 },
  '1h': { lengthMs: 60 * MINUTE_MS, stepMs: MINUTE_MS },
  '6h': { lengthMs: 360 * MINUTE_MS, stepMs: 5 * MINUTE_MS },
  '24h': { lengthMs: 1_440 * MINUTE_MS, stepMs: 15 * MINUTE_MS },
  '7d': { lengthMs: 10_080 * MINUTE_MS, stepMs: 120 * MINUTE_MS },
};

/** What is counted fine, for the shortest window. */
export const FINE_MS: number = STAT_WINDOWS['15m'].stepMs;
/** What is stored. */
export const ROW_MS: number = MINUTE_MS;
/** Rows are kept so long. */
export const KEPT_MS: number = STAT_WINDOWS['7d'].lengthMs + 120 * MINUTE_MS;
