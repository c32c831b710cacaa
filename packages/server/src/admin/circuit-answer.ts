/** State and circuit of an endpoint as the API shows them. */
import type { Endpoint, EndpointCircuit } from '../storage/store.ts';
import type { ObjectSchema } from './json-schema.ts';
import { formatMoment } from './moment.ts';
import { MOMENT } from './shared-schemas.ts';

export interface CircuitAnswer {
  readonly state: EndpointCircuit['state'];
  readonly since?: string;
  readonly reason?: string;
  readonly nextProbeAt?: string;
}

export const circuitSchema: ObjectSchema<CircuitAnswer> = {
  type: 'object',
  description:
    'Whether the endpoint is delivered to; decided by what becomes of attempts. Of several nodes each decides for itself: this is the worst that one of them sees.',
  properties: {
    state: {
      type: 'string',
      enum: ['closed', 'open', 'half-open'],
      description: '`open`: single probes only; `half-open`: a probe was delivered, more and more at a time follow.',
    },
    since: { ...MOMENT, description: 'Since when it is closed, or is not. Absent: it has been closed all the time.' },
    reason: { type: 'string', description: 'Why it opened: reason of the last failure.', examples: ['connect'] },
    nextProbeAt: { ...MOMENT, description: 'Only while it is open.' },
  },
  required: ['state'],
  additionalProperties: false,
};

/** A circuit that is not closed shows as `open`, unless a pause stands over it. */
export function showState({ state, pauseReason, circuit }: Endpoint): {
  readonly state: 'active' | 'paused' | 'open';
  readonly stateReason: string | null;
  readonly circuit: CircuitAnswer;
} {
  const shown = circuit ? showCircuit(circuit) : ({ state: 'closed' } as CircuitAnswer);
  if (state === 'paused') return { state, stateReason: pauseReason ?? 'person', circuit: shown };
  if (shown.state === 'closed') return { state, stateReason: null, circuit: shown };
  return { state: 'open', stateReason: shown.reason ?? null, circuit: shown };
}

function showCircuit({ state, sinceMs, reason, nextProbeAtMs }: EndpointCircuit): CircuitAnswer {
  return {
    state,
    since: formatMoment(sinceMs),
    ...(reason !== undefined && { reason }),
    ...(nextProbeAtMs !== undefined && { nextProbeAt: formatMoment(nextProbeAtMs) }),
  };
}
