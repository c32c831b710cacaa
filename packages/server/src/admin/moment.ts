/** Moments of time as people and programs write them. */

// shorter numbers are years or Unix seconds that someone took for milliseconds
const UNIX_MS = /^(0|\d{12,15})$/;
const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/;
const HAS_ZONE = /T.*(Z|[+-]\d\d:\d\d)$/;

/**
 * @param text  ISO 8601 date or date-time; without a zone it is in UTC
 * @returns Unix milliseconds, or undefined if the text is no such moment
 */
export function parseIsoMoment(text: string): number | undefined {
  if (!ISO.test(text)) return undefined;
  const isLocal = text.includes('T') && !HAS_ZONE.test(text);
  const atMs = Date.parse(isLocal ? `${text}Z` : text);
  return Number.isNaN(atMs) || atMs < 0 ? undefined : atMs;
}

/**
 * @param text  as for parseIsoMoment, or Unix milliseconds: 0, or 12 to 15 digits
 * @returns Unix milliseconds, or undefined if the text is no such moment
 */
export function parseMoment(text: string): number | undefined {
  return UNIX_MS.test(text) ? Number(text) : parseIsoMoment(text);
}

/** @returns `2026-11-23T10:00:00.000Z` */
export function formatMoment(atMs: number): string {
  return new Date(atMs).toISOString();
}
