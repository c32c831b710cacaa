/** How often one address may try to sign in with a wrong token. */
import { LRUCache } from 'lru-cache';

/** So many failures are free; then each one costs a wait. */
const FREE_FAILURES = 8;
const WAIT_MS = 15_000;
/** Failures are forgotten after so long without one. */
const MEMORY_MS = 15 * 60_000;
/** Addresses that are remembered. */
const MAX_ADDRESSES = 10_000;

/** Failures by address. */
export class SignInLimits {
  readonly #failures = new LRUCache<string, { count: number; lastMs: number }>({ max: MAX_ADDRESSES });

  /** @returns seconds until the address may try again, 0 = now */
  waitSeconds(address: string, nowMs: number): number {
    const known = this.#failures.get(address);
    if (!known || known.count < FREE_FAILURES) return 0;
    return Math.max(0, Math.ceil((known.lastMs + WAIT_MS - nowMs) / 1_000));
  }

  failed(address: string, nowMs: number): void {
    const known = this.#failures.get(address);
    const count = known && nowMs - known.lastMs < MEMORY_MS ? known.count + 1 : 1;
    this.#failures.set(address, { count, lastMs: nowMs });
  }

  succeeded(address: string): void {
    this.#failures.delete(address);
  }
}
