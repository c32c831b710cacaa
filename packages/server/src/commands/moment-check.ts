import { systemClock } from '../clock.ts';
import { parseDuration } from '../parse-setting.ts';
import type { Check } from './command-line.ts';

/** A time, or how long ago. */
export const momentCheck: Check<string> = {
  expects: 'a time like 2026-11-23T10:00:00Z, or how long ago like 15m',
  parse(raw) {
    const agoMs = parseDuration(raw, { minMs: 0, maxMs: 3650 * 86_400_000 });
    if (agoMs !== undefined) return new Date(systemClock.now() - agoMs).toISOString();
    return /^\d{4}-/.test(raw) && !Number.isNaN(Date.parse(raw)) ? raw : undefined;
  },
};
