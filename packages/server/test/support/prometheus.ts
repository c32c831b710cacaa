/** A strict reader of Prometheus' text format, version 0.0.4. */
import assert from 'node:assert/strict';

const TYPES = ['counter', 'gauge', 'histogram', 'summary', 'untyped'] as const;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/;
const NUMBER = /^(?:[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?)|\+Inf|-Inf|Nan|NaN)$/;

/** One line with a number. */
export interface PageSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric with all its lines. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: (typeof TYPES)[number];
  readonly samples: PageSample[];
}

/** A page that was read. */
export class PrometheusPage {
  readonly families: ReadonlyMap<string, Family>;

  constructor(families: ReadonlyMap<string, Family>) {
    this.families = families;
  }

  /** All lines of this name, `_bucket` and the like included in it, that have these labels. */
  samples(name: string, labels: Readonly<Record<string, string>> = {}): readonly PageSample[] {
    const all = [...this.families.values()].flatMap((family) => family.samples);
    return all.filter(
      (one) => one.name === name && Object.entries(labels).every(([key, is]) => one.labels[key] === is),
    );
  }

  /** The number of the one line that has these labels; undefined if there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined {
    const samples = this.samples(name, labels);
    assert.ok(samples.length <= 1, `${samples.length} lines of ${name} ${JSON.stringify(labels)}`);
    return samples[0]?.value;
  }
}

/** Read a page. @throws AssertionError that names the line which breaks a rule of the format */
export function parsePrometheus(text: string): PrometheusPage {
  assert.ok(text.endsWith('\n'), 'the last line has no end');
  const families = new Map<string, Family>();
  let help: readonly [name: string, text: string] | undefined;
  let family: Family | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') continue;
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (kind === 'HELP') {
      help = [name, rest];
    } else if (kind === 'TYPE') {
      assert.equal(help?.[0], name, `no HELP before: ${line}`);
      assert.ok(!families.has(name), `twice: ${line}`);
      const type = TYPES.find((one) => one === rest);
      assert.ok(type, line);
      family = { name, help: help?.[1] ?? '', type, samples: [] };
      families.set(name, family);
    } else {
      assert.ok(family, `no TYPE before: ${line}`);
      family.samples.push(parseSample(line, family));
    }
  }
  for (const one of families.values()) checkFamily(one);
  return new PrometheusPage(families);
}

function parseSample(line: string, family: Family): PageSample {
  const [, name = '', rawLabels = '', rawValue = ''] = SAMPLE.exec(line) ?? [];
  const suffixes = family.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
  assert.ok(
    suffixes.some((suffix) => name === family.name + suffix),
    `not of ${family.name}: ${line}`,
  );
  assert.match(rawValue, NUMBER, line);
  const labels: Record<string, string> = {};
  for (let rest = rawLabels; rest !== ''; ) {
    const [whole, label, value] = LABEL.exec(rest) ?? [];
    assert.ok(whole && label && value !== undefined && !(label in labels), line);
    labels[label] = value.replace(/\\(.)/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped));
    rest = rest.slice(whole.length);
  }
  return { name, labels, value: Number(rawValue.replace('Inf', 'Infinity')) };
}

function checkFamily({ name, type, samples }: Family): void {
  const series = samples.map((one) => JSON.stringify([one.name, Object.entries(one.labels).sort()]));
  assert.equal(new Set(series).size, series.length, `${name} has a line twice`);
  if (type === 'counter')
    assert.ok(
      samples.every(({ value }) => value >= 0),
      `${name} is negative`,
    );
  if (type === 'histogram') checkHistogram(name, samples);
}

function checkHistogram(name: string, samples: readonly PageSample[]): void {
  const withoutBound = ({ labels: { le: _, ...others } }: PageSample): string => JSON.stringify(others);
  for (const [key, group] of Map.groupBy(samples, withoutBound)) {
    const buckets = group.filter((one) => one.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => Number(labels.le?.replace('Inf', 'Infinity')));
    const values = buckets.map(({ value }) => value);
    assert.equal(bounds.at(-1), Number.POSITIVE_INFINITY, `${name} ${key}`);
    assert.deepEqual(
      [...bounds].sort((a, b) => a - b),
      bounds,
      `${name} ${key}`,
    );
    assert.deepEqual(
      [...values].sort((a, b) => a - b),
      values,
      `${name} ${key}`,
    );
    assert.equal(group.find((one) => one.name === `${name}_count`)?.value, values.at(-1), `${name} ${key}`);
    assert.equal(group.filter((one) => one.name === `${name}_sum`).length, 1, `${name} ${key}`);
  }
}
