/** Which deliveries a replay sends, and what keeps it from sending. */
import { type ReplayObstacle, SETTLED_STATES, type SettledState } from '../../storage/replay-store.ts';
import type { ChangeEvent, DeliveryState, Endpoint } from '../../storage/store.ts';

/** What is looked at. */
export interface Candidate extends Pick<ChangeEvent, 'command' | 'isErased'> {
  readonly state: DeliveryState;
}

/**
 * @param asked  the state that was asked for; undefined = any
 * @returns `other`: its state is not the one that was asked for; `skip`: it comes by itself, or the endpoint does not want it
 */
export function judgeCandidate(
  asked: SettledState | undefined,
  { commands }: Endpoint,
  { state, command, isErased }: Candidate,
): 'send' | 'skip' | 'other' {
  if (asked !== undefined && state !== asked) return 'other';
  return isSettled(state) && commands.includes(command) && !isErased ? 'send' : 'skip';
}

/** Whether nothing will be sent by itself any more. */
export function isSettled(state: DeliveryState): boolean {
  return (SETTLED_STATES as readonly DeliveryState[]).includes(state);
}

/** An open circuit whose probe is overdue by this has nothing left to probe with: what failed is dead or held. */
const NOBODY_PROBES_AFTER_MS = 5_000;

/** @returns what stands against sending to an endpoint now */
export function obstacleOf(endpoint: Endpoint, nowMs: number): ReplayObstacle | undefined {
  if (endpoint.state !== 'active') return 'paused';
  if (isClosed(endpoint)) return undefined;
  const { nextProbeAtMs = nowMs } = endpoint.circuit ?? {};
  return nowMs - nextProbeAtMs > NOBODY_PROBES_AFTER_MS ? undefined : 'circuit';
}

/** Whether the endpoint's circuit is closed: while it is not, what fails is not to blame, and nothing is sent but to see whether it is back. */
export function isClosed({ circuit }: Endpoint): boolean {
  return circuit === undefined || circuit.state === 'closed';
}
