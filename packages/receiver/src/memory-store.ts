import type { CallbackStore } from './callback-store.ts';

interface Entry {
  readonly claim: string;
  readonly isDone: boolean;
  readonly untilMs: number;
}

interface User {
  readonly sequence: number | undefined;
  readonly claim?: string;
  readonly untilMs: number;
}

/**
 * A store in this process: for one process that may forget when it restarts, for tests, and to begin with.
 *
 * @param options  maxEntries: callbacks, and users, that are remembered, 10,000 by default; of more the oldest are forgotten
 */
export function memoryStore({ maxEntries = 10_000 }: { readonly maxEntries?: number } = {}): CallbackStore {
  const entries = new Map<string, Entry>();
  const users = new Map<string, User>();
  let claims = 0;
  return {
    async begin({ key, change }, { nowMs, leaseMs }) {
      const entry = entries.get(key);
      if (entry?.isDone) return { kind: 'done' };
      const user = change && users.get(change.user);
      const busyUntilMs = Math.max(entry?.untilMs ?? 0, user?.claim === undefined ? 0 : user.untilMs);
      if (busyUntilMs > nowMs) return { kind: 'busy', retryAfterMs: busyUntilMs - nowMs };
      claims += 1;
      const claim = String(claims);
      const untilMs = nowMs + leaseMs;
      setNewest(entries, key, { claim, isDone: false, untilMs }, maxEntries);
      if (change) setNewest(users, change.user, { sequence: user?.sequence, claim, untilMs }, maxEntries);
      return { kind: 'begun', claim, lastSequence: user?.sequence };
    },
    async complete({ key, change }, claim) {
      setNewest(entries, key, { claim, isDone: true, untilMs: 0 }, maxEntries);
      if (!change) return;
      const user = users.get(change.user);
      const sequence = Math.max(user?.sequence ?? 0, change.sequence);
      const isOthers = user?.claim !== undefined && user.claim !== claim;
      setNewest(users, change.user, isOthers ? { ...user, sequence } : { sequence, untilMs: 0 }, maxEntries);
    },
    async release({ key, change }, claim) {
      if (entries.get(key)?.claim === claim) entries.delete(key);
      const user = change && users.get(change.user);
      if (user?.claim === claim) users.set(change?.user ?? '', { sequence: user.sequence, untilMs: 0 });
    },
  };
}

/** A Map keeps the order in which its keys were set. */
function setNewest<Value>(map: Map<string, Value>, key: string, value: Value, max: number): void {
  map.delete(key);
  map.set(key, value);
  const [oldest = ''] = map.keys();
  if (map.size > max) map.delete(oldest);
}
