/** Calls per second, for each app and command. */
import type { CommandRow } from '@portrait/wire';
import type { Clock } from '../clock.ts';
import { ApiError } from '../errors.ts';
import { TokenBucket } from '../rate-limit.ts';
import type { App } from '../storage/store.ts';

/** One bucket for each app and command that was called: bounded by the apps there are. */
export class CallLimits {
  readonly #clock: Clock;
  readonly #nodes: () => number;
  readonly #buckets = new Map<string, TokenBucket>();

  /** @param nodes  that answer calls, and get even shares of them: each has that part of an app's limit */
  constructor(clock: Clock, nodes: () => number = () => 1) {
    this.#clock = clock;
    this.#nodes = nodes;
  }

  /** Count a call. @throws ApiError 60007 over the limit */
  take({ sdkAppId, rateLimitPerSecond }: App, { command, rateShare }: CommandRow): void {
    if (rateLimitPerSecond === 0 || rateShare === 0) return;
    const perSecond = Math.max(1, rateLimitPerSecond * rateShare) / this.#nodes();
    const key = `${sdkAppId}/${command}`;
    const nowMs = this.#clock.monotonic();
    let bucket = this.#buckets.get(key);
    if (bucket?.perSecond !== perSecond) {
      bucket = new TokenBucket(perSecond, nowMs);
      this.#buckets.set(key, bucket);
    }
    if (bucket.take(nowMs) > 0) {
      throw new ApiError(60007, `${command}: more than ${perSecond} calls a second of app ${sdkAppId}, try again`);
    }
  }
}
