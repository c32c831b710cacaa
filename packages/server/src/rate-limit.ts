/**
 * A token bucket: `perSecond` on average, up to one second's worth at once.
 *
 * Holds two numbers; time is an argument.
 */
export class TokenBucket {
  readonly perSecond: number;
  #tokens: number;
  #atMs: number;

  /** @param perSecond  more than 0 */
  constructor(perSecond: number, nowMs: number) {
    this.perSecond = perSecond;
    this.#tokens = Math.max(1, perSecond);
    this.#atMs = nowMs;
  }

  /** Take a token. @returns 0 if there was one, else milliseconds until there is */
  take(nowMs: number): number {
    const elapsedMs = Math.max(0, nowMs - this.#atMs);
    this.#atMs = nowMs;
    this.#tokens = Math.min(Math.max(1, this.perSecond), this.#tokens + (elapsedMs * this.perSecond) / 1_000);
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return 0;
    }
    return Math.ceil(((1 - this.#tokens) * 1_000) / this.perSecond);
  }
}
