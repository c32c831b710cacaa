/** Figures of each endpoint at one moment: what the dispatcher has in memory, and one row read for the age of what waits. */
import type { Clock } from '../clock.ts';
import type { Directory } from '../directory.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { EndpointProgress } from '../dispatch/endpoint-progress.ts';
import { StoreError } from '../errors.ts';
import type { Metrics } from '../metrics.ts';
import type { Store } from '../storage/store.ts';
import type { Label } from '../tally.ts';

/** Where the figures are read. */
export interface EndpointSources {
  readonly metrics: Metrics;
  readonly directory: Pick<Directory, 'endpoints'>;
  /** undefined: this process delivers nothing */
  readonly dispatcher: Pick<Dispatcher, 'progress'> | undefined;
  readonly store: Pick<Store, 'readEvents'>;
  readonly clock: Clock;
}

/** What a person or the circuit decided about an endpoint. */
export interface EndpointStanding {
  /** 0 or 1 */
  readonly paused: number;
  /** 0 closed, 1 half-open, 2 open */
  readonly circuit: number;
}

/** How far it has got. */
export interface EndpointBehind {
  readonly backlog: number;
  readonly parkedUsers: number;
  readonly parkedEvents: number;
  readonly running: number;
  /** 0 = nothing waits; undefined = the store could not be read */
  readonly oldestAgeMs: number | undefined;
}

/** Figures of one endpoint, or of all those that share a label. */
export interface EndpointFigures {
  /** app, endpoint */
  readonly labels: readonly [Label, Label];
  readonly standing: EndpointStanding;
  /** undefined: this process does not deliver to it */
  readonly behind: EndpointBehind | undefined;
}

const CIRCUITS = { closed: 0, 'half-open': 1, open: 2 } as const;

/** Read all of them; those without a label of their own are put together. Rejects only for faults in our own code. */
export async function readEndpointFigures(sources: EndpointSources): Promise<readonly EndpointFigures[]> {
  const { metrics, directory, dispatcher } = sources;
  const progress = new Map(dispatcher?.progress().map((one) => [one.endpointId, one]));
  const byLabels = new Map<string, EndpointFigures>();
  for (const endpoint of directory.endpoints()) {
    const { endpointId, sdkAppId, state, circuit } = endpoint;
    const labels = [metrics.apps.of(sdkAppId), metrics.endpoints.of(endpointId)] as const;
    const its = progress.get(endpointId);
    const figures = {
      labels,
      standing: { paused: state === 'paused' ? 1 : 0, circuit: CIRCUITS[circuit?.state ?? 'closed'] },
      behind: its && { ...its, oldestAgeMs: await oldestAgeMs(its, sdkAppId, sources) },
    };
    const key = labels.join('/');
    const others = byLabels.get(key);
    byLabels.set(key, others ? together(others, figures) : figures);
  }
  return [...byLabels.values()];
}

async function oldestAgeMs(
  { oldest }: EndpointProgress,
  sdkAppId: number,
  { store, clock }: EndpointSources,
): Promise<number | undefined> {
  let ageMs = 0;
  try {
    for (const { lane, seq } of oldest) {
      const [event] = await store.readEvents({ sdkAppId, lane, afterSeq: seq - 1, limit: 1 });
      if (event) ageMs = Math.max(ageMs, clock.now() - event.atMs);
    }
    return ageMs;
  } catch (error) {
    // the store counts its own faults, and all other figures are still true
    if (error instanceof StoreError) return undefined;
    throw error;
  }
}

/** Sums of what can be added, the worst of what can not. */
function together(one: EndpointFigures, other: EndpointFigures): EndpointFigures {
  return {
    labels: one.labels,
    standing: {
      paused: one.standing.paused + other.standing.paused,
      circuit: Math.max(one.standing.circuit, other.standing.circuit),
    },
    behind: one.behind && other.behind ? bothBehind(one.behind, other.behind) : (one.behind ?? other.behind),
  };
}

function bothBehind(one: EndpointBehind, other: EndpointBehind): EndpointBehind {
  const ages = [one.oldestAgeMs, other.oldestAgeMs].filter((age) => age !== undefined);
  return {
    backlog: one.backlog + other.backlog,
    parkedUsers: one.parkedUsers + other.parkedUsers,
    parkedEvents: one.parkedEvents + other.parkedEvents,
    running: one.running + other.running,
    oldestAgeMs: ages.length > 0 ? Math.max(...ages) : undefined,
  };
}
