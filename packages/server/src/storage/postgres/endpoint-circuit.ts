/**
 * The circuit of an endpoint over all nodes. Each judges the endpoint by what it sees in its own lanes; what is shown is the worst of those who live.
 */
import type { EndpointCircuit, EndpointNote } from '../store.ts';
import type { SqlValue, Transaction } from './database.ts';

/** Circuits by owner, as the column `circuits` holds them. */
type Circuits = Readonly<Record<string, EndpointCircuit>>;

/** Of a caller who names no lease: he speaks for all. */
const NOBODY = '';
const FROM_BEST: readonly EndpointCircuit['state'][] = ['closed', 'half-open', 'open'];
const KINDS: Readonly<Partial<Record<EndpointNote['kind'], EndpointCircuit['state']>>> = {
  'circuit-opened': 'open',
  'circuit-half-open': 'half-open',
  'circuit-closed': 'closed',
};

const READ = 'SELECT circuit, circuits FROM portrait.endpoint WHERE endpoint_no = $1';
const LIVING = 'SELECT owner FROM portrait.node WHERE owner = ANY($1::text[]) AND until_ms > $2';
const WRITE = 'UPDATE portrait.endpoint SET circuit = $1, circuits = $2 WHERE endpoint_no = $3';

/** What one node says of an endpoint whose row is locked. */
export interface CircuitOfNode {
  readonly endpointNo: number;
  /** undefined: none in particular */
  readonly owner: string | undefined;
  readonly circuit: EndpointCircuit;
  readonly nowMs: number;
}

/** Store it. @returns the state that is shown before and after it */
export async function putCircuit(
  tx: Transaction,
  { endpointNo, owner = NOBODY, circuit, nowMs }: CircuitOfNode,
): Promise<{ readonly before: EndpointCircuit['state']; readonly after: EndpointCircuit['state'] }> {
  const [row] = await tx.query(READ, [endpointNo]);
  const known: Circuits = owner === NOBODY ? {} : JSON.parse((row?.circuits as string | null) ?? '{}');
  const others = Object.keys(known).filter((other) => other !== owner && other !== NOBODY);
  const living = others.length === 0 ? [] : await tx.query(LIVING, [others, nowMs]);
  const circuits: Circuits = Object.fromEntries([
    ...living.map((other) => [other.owner, known[other.owner as string]] as const),
    [owner, circuit] as const,
  ]);
  const shown = worstOf(Object.values(circuits));
  tx.send(WRITE, [JSON.stringify(shown), JSON.stringify(circuits), endpointNo] satisfies SqlValue[]);
  const before = JSON.parse((row?.circuit as string | null) ?? 'null') as EndpointCircuit | null;
  return { before: before?.state ?? 'closed', after: shown.state };
}

/** Whether a note of a node is one of the endpoint as a whole: one that opens after another, or closes before another, tells nothing new. */
export function isNews(
  note: EndpointNote,
  { before, after }: { readonly before: EndpointCircuit['state']; readonly after: EndpointCircuit['state'] },
): boolean {
  const state = KINDS[note.kind];
  return state === undefined || (state === after && before !== after);
}

/** @param circuits  one at least */
function worstOf(circuits: readonly EndpointCircuit[]): EndpointCircuit {
  const worst = circuits.reduce((one, other) => (rank(other) > rank(one) ? other : one));
  const same = circuits.filter(({ state }) => state === worst.state);
  const probes = same.flatMap(({ nextProbeAtMs }) => nextProbeAtMs ?? []);
  const first = same.reduce((one, other) => (other.sinceMs < one.sinceMs ? other : one));
  // closed as a whole when the last one was
  const sinceMs = worst.state === 'closed' ? Math.max(...same.map((one) => one.sinceMs)) : first.sinceMs;
  return { ...first, sinceMs, ...(probes.length > 0 && { nextProbeAtMs: Math.min(...probes) }) };
}

function rank({ state }: EndpointCircuit): number {
  return FROM_BEST.indexOf(state);
}
