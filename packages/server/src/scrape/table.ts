/** All metrics of Portrait: name, meaning, labels, and where the number is read. docs/operations.md lists the same. */
import type { Metrics } from '../metrics.ts';
import type { Histogram, Label, Sample } from '../tally.ts';
import type { EndpointBehind, EndpointFigures, EndpointStanding } from './endpoint-figures.ts';
import type { DelayQuantile } from './event-loop-delay.ts';

/** What a page is made of, at one moment. */
export interface Snapshot {
  readonly metrics: Metrics;
  readonly endpoints: readonly EndpointFigures[];
  readonly sessions: number;
  readonly eventLoopDelay: readonly DelayQuantile[];
  readonly version: string;
  readonly engine: string;
}

/** A histogram with the values of its labels. */
interface HistogramSample {
  readonly labels: readonly Label[];
  readonly histogram: Histogram;
}

interface Row {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** One metric. */
export type MetricRow =
  | (Row & { readonly type: 'counter' | 'gauge'; readonly read: (snapshot: Snapshot) => readonly Sample[] })
  | (Row & { readonly type: 'histogram'; readonly read: (snapshot: Snapshot) => readonly HistogramSample[] });

const ENDPOINT = ['sdk_app_id', 'endpoint_id'] as const;

export const METRICS: readonly MetricRow[] = [
  {
    name: 'portrait_build_info',
    help: 'Always 1; the labels say what runs.',
    type: 'gauge',
    labels: ['version', 'engine'],
    read: ({ version, engine }) => [{ labels: [version, engine], value: 1 }],
  },
  {
    name: 'portrait_changes_total',
    help: 'Profile commands that are durable, by what they did.',
    type: 'counter',
    labels: ['sdk_app_id', 'kind'],
    read: ({ metrics }) => metrics.changes.samples(),
  },
  {
    name: 'portrait_calls_total',
    help: 'Calls over REST and profile commands of clients, by the ErrorCode of the reply.',
    type: 'counter',
    labels: ['door', 'command', 'code'],
    read: ({ metrics }) => metrics.calls.samples(),
  },
  {
    name: 'portrait_call_duration_seconds',
    help: 'Time from a call that was read whole to its reply.',
    type: 'histogram',
    labels: ['door'],
    read: ({ metrics }) => byLabel(metrics.callSeconds),
  },
  {
    name: 'portrait_attempts_total',
    help: 'POSTs to endpoints whose outcome is stored.',
    type: 'counter',
    labels: ['endpoint_id', 'sdk_app_id', 'outcome', 'reason'],
    read: ({ metrics }) => metrics.attempts.samples(),
  },
  {
    name: 'portrait_attempt_duration_seconds',
    help: 'Time a POST to an endpoint took, over all endpoints.',
    type: 'histogram',
    labels: ['outcome'],
    read: ({ metrics }) => byLabel(metrics.attemptSeconds),
  },
  {
    name: 'portrait_attempt_seconds_total',
    help: 'Time that POSTs to an endpoint took, summed up.',
    type: 'counter',
    labels: ['endpoint_id', 'sdk_app_id'],
    read: ({ metrics }) => metrics.endpointSeconds.samples(),
  },
  {
    name: 'portrait_endpoint_attempts_running',
    help: 'POSTs to an endpoint that are under way.',
    type: 'gauge',
    labels: ENDPOINT,
    read: ({ endpoints }) => behind(endpoints, ({ running }) => running),
  },
  {
    name: 'portrait_endpoint_backlog_events',
    help: 'Events behind the cursor of an endpoint, without those of parked users.',
    type: 'gauge',
    labels: ENDPOINT,
    read: ({ endpoints }) => behind(endpoints, ({ backlog }) => backlog),
  },
  {
    name: 'portrait_endpoint_oldest_undelivered_age_seconds',
    help: 'Age of the oldest event that an endpoint still has to get; 0 if there is none.',
    type: 'gauge',
    labels: ENDPOINT,
    read: ({ endpoints }) =>
      behind(endpoints, ({ oldestAgeMs }) => (oldestAgeMs === undefined ? undefined : oldestAgeMs / 1_000)),
  },
  {
    name: 'portrait_endpoint_parked_users',
    help: 'Users whose delivery to an endpoint failed and waits for its next attempt, or for a person.',
    type: 'gauge',
    labels: ENDPOINT,
    read: ({ endpoints }) => behind(endpoints, ({ parkedUsers }) => parkedUsers),
  },
  {
    name: 'portrait_endpoint_parked_events',
    help: 'Events of parked users that wait.',
    type: 'gauge',
    labels: ENDPOINT,
    read: ({ endpoints }) => behind(endpoints, ({ parkedEvents }) => parkedEvents),
  },
  {
    name: 'portrait_endpoint_circuit_state',
    help: 'Circuit of an endpoint: 0 closed, 1 half-open, 2 open.',
    type: 'gauge',
    labels: ENDPOINT,
    read: ({ endpoints }) => standing(endpoints, ({ circuit }) => circuit),
  },
  {
    name: 'portrait_endpoint_paused',
    help: '1 if an endpoint is paused.',
    type: 'gauge',
    labels: ENDPOINT,
    read: ({ endpoints }) => standing(endpoints, ({ paused }) => paused),
  },
  {
    name: 'portrait_clients_connected',
    help: 'Connections of clients.',
    type: 'gauge',
    labels: [],
    read: ({ metrics }) => single(metrics.clients),
  },
  {
    name: 'portrait_sessions',
    help: 'Sessions of clients that are logged in.',
    type: 'gauge',
    labels: [],
    read: ({ sessions }) => single(sessions),
  },
  {
    name: 'portrait_logins_total',
    help: 'Logins of clients, reconnects included, by the ErrorCode of the reply.',
    type: 'counter',
    labels: ['code'],
    read: ({ metrics }) => metrics.logins.samples(),
  },
  {
    name: 'portrait_pushes_total',
    help: 'Frames that clients were sent without having asked: profiles and kicks.',
    type: 'counter',
    labels: [],
    read: ({ metrics }) => single(metrics.pushes),
  },
  {
    name: 'portrait_clients_dropped_total',
    help: 'Clients that were cut off because they did not read what they were sent.',
    type: 'counter',
    labels: [],
    read: ({ metrics }) => single(metrics.droppedClients),
  },
  {
    name: 'portrait_commit_writes',
    help: 'Writes that shared a transaction.',
    type: 'histogram',
    labels: [],
    read: ({ metrics }) => [{ labels: [], histogram: metrics.commitWrites }],
  },
  {
    name: 'portrait_commit_duration_seconds',
    help: 'Time a transaction took, with its fsync; nothing else runs meanwhile.',
    type: 'histogram',
    labels: [],
    read: ({ metrics }) => [{ labels: [], histogram: metrics.commitSeconds }],
  },
  {
    name: 'portrait_store_errors_total',
    help: 'Reads and writes that the store could not do.',
    type: 'counter',
    labels: ['kind'],
    read: ({ metrics }) => metrics.storeErrors.samples(),
  },
  {
    name: 'portrait_event_loop_delay_seconds',
    help: 'How late the event loop was since the page before this one; quantile 1 is the longest.',
    type: 'gauge',
    labels: ['quantile'],
    read: ({ eventLoopDelay }) =>
      eventLoopDelay.map(({ quantile, seconds }) => ({ labels: [quantile], value: seconds })),
  },
];

function single(value: number): readonly Sample[] {
  return [{ labels: [], value }];
}

function byLabel(histograms: Readonly<Record<string, Histogram>>): readonly HistogramSample[] {
  return Object.entries(histograms).map(([label, histogram]) => ({ labels: [label], histogram }));
}

function standing(
  endpoints: readonly EndpointFigures[],
  pick: (standing: EndpointStanding) => number,
): readonly Sample[] {
  return endpoints.map((endpoint) => ({ labels: endpoint.labels, value: pick(endpoint.standing) }));
}

function behind(
  endpoints: readonly EndpointFigures[],
  pick: (behind: EndpointBehind) => number | undefined,
): readonly Sample[] {
  return endpoints.flatMap((endpoint) => {
    const value = endpoint.behind && pick(endpoint.behind);
    return value === undefined ? [] : [{ labels: endpoint.labels, value }];
  });
}
