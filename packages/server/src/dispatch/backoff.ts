/**
 * How long a delivery waits after a failed attempt. Full jitter: users who failed together don't come back together.
 *
 * | failed attempts | 1   | 2   | 3    | 4     | 5      | 6 and more |
 * |-----------------|-----|-----|------|-------|--------|------------|
 * | waits up to     | 1 s | 5 s | 30 s | 2 min | 10 min | 30 min     |
 */
const CEILINGS_MS = [1_000, 5_000, 30_000, 120_000, 600_000, 1_800_000] as const;
const LAST_CEILING_MS = 1_800_000;
/** An endpoint that asks for more waits this long at most. */
const LONGEST_RETRY_AFTER_MS = 3_600_000;

/**
 * @param attempts      failed so far, 1 or more
 * @param random        0 to 1
 * @param retryAfterMs  what the endpoint asked for, if it did
 * @returns milliseconds to wait
 */
export function backoffMs(attempts: number, random: number, retryAfterMs?: number): number {
  const jittered = Math.floor((CEILINGS_MS[attempts - 1] ?? LAST_CEILING_MS) * random);
  return retryAfterMs === undefined ? jittered : Math.max(jittered, Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS));
}

const CLOCK = String.raw`\d{2}:\d{2}:\d{2}`;
/** The three forms of an HTTP date (RFC 9110, 5.6.7); the last one says no zone and means GMT. */
const HTTP_DATE = new RegExp(
  String.raw`^(?:[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} ${CLOCK} GMT|[A-Z][a-z]+day, \d{2}-[A-Z][a-z]{2}-\d{2} ${CLOCK} GMT|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d ${CLOCK} \d{4})$`,
);

/**
 * Read a Retry-After header: seconds, or an HTTP date.
 *
 * @returns milliseconds from now, or undefined if it says nothing usable
 * @see RFC 9110, 10.2.3
 */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000;
  // Date.parse alone would take "v1 2027" for a date, and the third form for local time.
  const atMs = HTTP_DATE.test(value) ? Date.parse(value.endsWith(' GMT') ? value : `${value} GMT`) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}
