import type { CallbackStore, StoredCallback } from './callback-store.ts';

/** Of a callback or a user; busy until then, if there is a claim. */
interface Row {
  readonly claim?: string;
  readonly untilMs?: number;
  readonly isDone?: boolean;
  readonly sequence?: number | undefined;
}

/**
 * A store in this process: for one process that may forget when it restarts, for tests, and to begin with.
 *
 * @param options  maxEntries: callbacks and users that are remembered, 20,000 by default; of more the oldest are forgotten
 */
export function memoryStore({ maxEntries = 20_000 }: { readonly maxEntries?: number } = {}): CallbackStore {
  const rows = new Map<string | undefined, Row>();
  let claims = 0;
  /** A Map keeps the order in which its keys were set. */
  const setNewest = (id: string | undefined, row: Row): void => {
    rows.delete(id);
    if (id !== undefined) rows.set(id, row);
    if (rows.size > maxEntries) rows.delete(rows.keys().next().value);
  };
  const find = (id: string | undefined): Row => rows.get(id) ?? {};
  /** No callback's key looks so. */
  const idOf = (change: StoredCallback['change']): string | undefined => change && `\n${change.user}`;
  return {
    async begin({ key, change }, { nowMs, leaseMs }) {
      const user = find(idOf(change));
      if (find(key).isDone) return { kind: 'done' };
      const retryAfterMs = Math.max(...[find(key), user].map(({ untilMs = 0 }) => untilMs)) - nowMs;
      if (retryAfterMs > 0) return { kind: 'busy', retryAfterMs };
      claims += 1;
      const lease = { claim: String(claims), untilMs: nowMs + leaseMs };
      setNewest(key, lease);
      setNewest(idOf(change), { ...user, ...lease });
      return { kind: 'begun', claim: lease.claim, lastSequence: user.sequence };
    },
    async complete({ key, change }, claim) {
      setNewest(key, { isDone: true });
      const { sequence = 0, ...lease } = find(idOf(change));
      setNewest(idOf(change), {
        ...(lease.claim !== claim && lease),
        sequence: Math.max(sequence, change?.sequence ?? 0),
      });
    },
    async release({ key, change }, claim) {
      for (const id of [key, idOf(change)]) {
        const { claim: newest, sequence } = find(id);
        if (newest === claim) rows.set(id, { sequence });
      }
    },
  };
}
