/** Logins per second from one address (IPv6: one /64). */
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../clock.ts';
import { TokenBucket } from '../../rate-limit.ts';
import { networkOf } from './connection-counts.ts';

/** A login costs about as much as three profile reads; everybody behind one router may come back in the same second. */
const LOGINS_PER_SECOND = 200;
const MAX_ADDRESSES = 10_000;

/** One bucket for each address that logged in lately. */
export class LoginLimits {
  readonly #clock: Clock;
  readonly #buckets = new LRUCache<string, TokenBucket>({ max: MAX_ADDRESSES });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Count a login. @returns false over the limit */
  take(address: string): boolean {
    const nowMs = this.#clock.monotonic();
    const network = networkOf(address);
    let bucket = this.#buckets.get(network);
    if (!bucket) {
      bucket = new TokenBucket(LOGINS_PER_SECOND, nowMs);
      this.#buckets.set(network, bucket);
    }
    return bucket.take(nowMs) === 0;
  }
}
