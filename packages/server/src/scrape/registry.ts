/** Writes the page of metrics. Loaded at the first request for it: prom-client comes with it. */
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Label } from '../tally.ts';
import { type EndpointSources, readEndpointFigures } from './endpoint-figures.ts';
import { EventLoopDelay } from './event-loop-delay.ts';
import { METRICS, type MetricRow, type Snapshot } from './table.ts';

/** prom-client's own figures of the event loop count its pause of 10 ms in: ours stand in their place. */
const REPLACED = /^nodejs_eventloop_lag_/;
/** Its monitor can not be left out, only made rare. */
const RARELY_MS = 3_600_000;

/** Where a page gets its numbers. */
export interface ScrapeSources extends EndpointSources {
  /** who is online */
  readonly sessions: { readonly count: number };
  /** Portrait's */
  readonly version: string;
  readonly store: EndpointSources['store'] & { readonly engine: string };
}

/** All metrics of this process. */
export class MetricsRegistry {
  readonly #sources: ScrapeSources;
  readonly #registry = new Registry();
  readonly #eventLoop = new EventLoopDelay();
  #snapshot: Snapshot | undefined;

  constructor(sources: ScrapeSources) {
    this.#sources = sources;
    for (const row of METRICS) new ReadMetric(row, { registry: this.#registry, snapshot: () => this.#snapshot });
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: RARELY_MS });
    for (const { name } of this.#registry.getMetricsAsArray()) {
      if (REPLACED.test(name)) this.#registry.removeSingleMetric(name);
    }
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** One page at a time. @returns the text format, version 0.0.4 */
  async page(): Promise<string> {
    const { metrics, sessions, store, version } = this.#sources;
    const endpoints = await readEndpointFigures(this.#sources);
    const { engine } = store;
    const eventLoopDelay = this.#eventLoop.take();
    this.#snapshot = { metrics, endpoints, sessions: sessions.count, eventLoopDelay, version, engine };
    return this.#registry.metrics();
  }

  close(): void {
    this.#eventLoop.close();
    this.#registry.clear();
  }
}

/** What prom-client writes of a metric. */
interface Value {
  readonly labels: Readonly<Record<string, Label>>;
  readonly value: number;
  readonly metricName?: string;
}

/** A metric of ours in prom-client's hands, which asks for the values when it writes a page; its own counting is not used. */
class ReadMetric extends Gauge {
  readonly #row: MetricRow;
  readonly #snapshot: () => Snapshot | undefined;

  constructor(row: MetricRow, from: { readonly registry: Registry; readonly snapshot: () => Snapshot | undefined }) {
    super({ name: row.name, help: row.help, labelNames: [...row.labels], registers: [from.registry] });
    this.#row = row;
    this.#snapshot = from.snapshot;
  }

  override async get(): ReturnType<Gauge['get']> {
    const { name, help, type } = this.#row;
    const snapshot = this.#snapshot();
    const values = snapshot ? valuesOf(this.#row, snapshot) : [];
    // its types know the number of a type, and its code the word
    return { name, help, type, values, aggregator: 'sum' } as unknown as Awaited<ReturnType<Gauge['get']>>;
  }
}

function valuesOf(row: MetricRow, snapshot: Snapshot): readonly Value[] {
  const named = (values: readonly Label[]): Record<string, Label> =>
    Object.fromEntries(row.labels.map((name, index) => [name, values[index] as Label]));
  if (row.type !== 'histogram') {
    return row.read(snapshot).map(({ labels, value }) => ({ labels: named(labels), value }));
  }
  return row.read(snapshot).flatMap(({ labels: values, histogram }) => {
    const labels = named(values);
    const bounds = [...histogram.bounds, '+Inf'];
    const cumulative = histogram.cumulative();
    const buckets = cumulative.map((value, index) => ({
      labels: { ...labels, le: bounds[index] as Label },
      value,
      metricName: `${row.name}_bucket`,
    }));
    const count = cumulative.at(-1) as number;
    return [
      ...buckets,
      { labels, value: histogram.sum, metricName: `${row.name}_sum` },
      { labels, value: count, metricName: `${row.name}_count` },
    ];
  });
}
