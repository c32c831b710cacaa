/** Keeps an endpoint's circuit: told what attempts came to, it tells the parked users, the store and the log what changes. */
import { StoreError } from '../errors.ts';
import type { Endpoint, EndpointCircuit, EndpointNote } from '../storage/store.ts';
import type { Backlog } from './backlog.ts';
import { Circuit, type CircuitChange, type Pass } from './circuit.ts';
import type { DispatchContext } from './dispatch-context.ts';
import { isEndpointFault, type Outcome } from './outcome.ts';
import type { PostResult } from './post.ts';
import type { StateJournal } from './state-journal.ts';

const KINDS = {
  open: 'circuit-opened',
  'half-open': 'circuit-half-open',
  closed: 'circuit-closed',
} as const satisfies Record<CircuitChange['state'], EndpointNote['kind']>;

/** Lanes that are tried, one after the other. */
const MOST_PROOFS = 3;

/** What a keeper works with. */
export interface CircuitKeeperOptions {
  readonly context: DispatchContext;
  readonly backlog: Backlog;
  readonly journal: StateJournal;
}

/** An attempt that has ended. */
export interface EndedPost {
  readonly userId: string;
  readonly outcome: Exclude<Outcome, { kind: 'shutdown' }>;
  readonly result: PostResult;
  /** the endpoint's */
  readonly concurrency: number;
}

/** One endpoint's circuit, as it is stored and seen. */
export class CircuitKeeper {
  readonly #endpointId: string;
  readonly #options: CircuitKeeperOptions;
  readonly #circuit: Circuit;
  #sinceMs: number;
  #reason: string | undefined;
  #isClosed: boolean;
  /** as it was found, or as it was told last */
  #last: EndpointCircuit | undefined;

  constructor({ endpointId, circuit }: Endpoint, options: CircuitKeeperOptions) {
    this.#endpointId = endpointId;
    this.#options = options;
    this.#isClosed = (circuit?.state ?? 'closed') === 'closed';
    this.#circuit = new Circuit(this.#isClosed);
    this.#sinceMs = circuit?.sinceMs ?? 0;
    this.#reason = circuit?.reason;
    this.#last = circuit;
  }

  get isOpen(): boolean {
    return this.#circuit.state === 'open';
  }

  /** On the monotonic clock; Infinity = when something has ended. */
  get readyAt(): number {
    return this.#circuit.readyAt;
  }

  pass(): Pass {
    return this.#circuit.pass();
  }

  /** The attempt was not made, or says nothing. */
  giveBack(pass: Pass): void {
    this.#circuit.giveBack(pass);
  }

  ended(pass: Pass, { userId, outcome, result, concurrency }: EndedPost): void {
    const { clock, random } = this.#options.context;
    const at = { now: clock.monotonic(), random: random(), concurrency };
    if (outcome.kind === 'delivered') {
      this.#follow(this.#circuit.ended(pass, outcome, at));
      return;
    }
    const { reason, retryAfterMs } = outcome;
    const what = reason === 'status' && result.kind === 'answer' ? `status ${result.status}` : reason;
    const failure = { kind: 'failed', userId, isEndpointFault: isEndpointFault(result), what } as const;
    const verdict = { ...failure, ...(retryAfterMs !== undefined && { retryAfterMs }) };
    this.#follow(this.#circuit.ended(pass, verdict, at), reason);
  }

  /** Nothing waits to be started. */
  idle(): void {
    this.#follow(this.#circuit.idle());
  }

  /** A person says that it may work again. */
  hurry(): void {
    this.#circuit.hurry(this.#options.context.clock.monotonic());
  }

  /** Lanes came, of somebody who may be dead by now: what he said last counts no more as soon as another one says something. */
  restate(): void {
    const { clock, states } = this.#options.context;
    const stored = states.endpoint(this.#endpointId)?.circuit?.state ?? 'closed';
    const circuit = this.#last ?? { state: 'closed', sinceMs: clock.now() };
    if (stored !== circuit.state) this.#record(circuit);
  }

  #follow(change: CircuitChange | undefined, reason?: string): void {
    if (!change) return;
    const { context, backlog } = this.#options;
    const { state, isNew, pauseMs } = change;
    const note = isNew ? this.#noteOf(change, reason) : undefined;
    if (state === 'open') {
      this.#reason = reason;
      backlog.parked.hurry(context.clock.monotonic()); // they wait for the endpoint now, not each for himself
    }
    if (state === 'closed' || this.#isClosed) this.#sinceMs = context.clock.now();
    this.#isClosed = state === 'closed';
    const circuit: EndpointCircuit = {
      state,
      sinceMs: this.#sinceMs,
      ...(state !== 'closed' && this.#reason !== undefined && { reason: this.#reason }),
      ...(pauseMs !== undefined && { nextProbeAtMs: context.clock.now() + pauseMs }),
    };
    this.#last = circuit;
    this.#record(circuit, note);
  }

  /** Where several processes deliver to the endpoint, each has a circuit of its own; the store shows the worst of them. */
  #record(circuit: EndpointCircuit, note?: EndpointNote): void {
    const { context, journal } = this.#options;
    const record = { endpointId: this.#endpointId, circuit, note };
    journal.write(async () => {
      // any lane that is ours proves that we may speak; one that was just given up proves nothing, but the next one does
      for (const lane of context.leases.kept.slice(0, MOST_PROOFS)) {
        const lease = { lane, epoch: context.leases.epoch(lane) };
        if (await isTaken(() => context.states.recordCircuit({ ...record, lease }))) return;
      }
    });
  }

  #noteOf({ state, detail }: CircuitChange, reason: string | undefined): EndpointNote {
    const seconds = Math.round((this.#options.context.clock.now() - this.#sinceMs) / 1_000);
    const when = state === 'open' ? '' : `, ${seconds} s after it opened`;
    return { kind: KINDS[state], ...(reason !== undefined && { reason }), detail: `${detail}${when}` };
  }
}

/** @returns false if the lease is lost. @throws StoreError any other */
async function isTaken(write: () => Promise<void>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'lease-lost') return false;
    throw error;
  }
}
