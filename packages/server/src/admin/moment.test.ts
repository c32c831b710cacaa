import assert from 'node:assert/strict';
import { it } from 'node:test';
import { formatMoment, parseIsoMoment, parseMoment } from './moment.ts';

const AT_MS = 1_795_428_000_000;

it('parseMoment reads ISO 8601 and Unix milliseconds', () => {
  const cases: Record<string, number | undefined> = {
    '2026-11-23T10:00:00.000Z': AT_MS,
    '2026-11-23T10:00:00Z': AT_MS,
    '2026-11-23T10:00Z': AT_MS,
    '2026-11-23T10:00:00': AT_MS,
    '2026-11-23T10:00:00.25': AT_MS + 250,
    '2026-11-23T12:30:00+02:30': AT_MS,
    '2026-11-23T05:00:00-05:00': AT_MS,
    '2026-11-23': AT_MS - 10 * 3_600_000,
    '1970-01-01': 0,
    '1795428000000': AT_MS,
    '0': 0,
    '': undefined,
    now: undefined,
    '2026': undefined,
    '2026-11': undefined,
    '20261123': undefined,
    '1795428000': undefined,
    '1795428000000000': undefined,
    '-1': undefined,
    '1e12': undefined,
    '1969-12-31': undefined,
    '2026-13-01': undefined,
    '2026-11-23T25:00Z': undefined,
    '2026-11-23 10:00:00': undefined,
    '2026-11-23T10:00:00+0100': undefined,
    'Mon, 23 Nov 2026 10:00:00 GMT': undefined,
  };
  for (const [text, expected] of Object.entries(cases)) assert.equal(parseMoment(text), expected, text);
  assert.equal(parseIsoMoment('1795428000000'), undefined);
});

it('formatMoment writes UTC with milliseconds', () => {
  assert.equal(formatMoment(AT_MS), '2026-11-23T10:00:00.000Z');
});
