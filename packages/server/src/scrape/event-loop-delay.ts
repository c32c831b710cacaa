/** How late the event loop is. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** The monitor looks so often, and counts this pause in. */
const RESOLUTION_MS = 10;
const QUANTILES = [0.5, 0.99, 1] as const;

/** A quantile of the delays. */
export interface DelayQuantile {
  readonly quantile: number;
  readonly seconds: number;
}

/** Watches until it is closed. Node does the watching: nothing of ours runs for it. */
export class EventLoopDelay {
  readonly #monitor = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  constructor() {
    this.#monitor.enable();
  }

  /** Delays since the last call. */
  take(): readonly DelayQuantile[] {
    const quantiles = QUANTILES.map((quantile) => ({
      quantile,
      seconds: Math.max(0, this.#monitor.percentile(quantile * 100) / 1e9 - RESOLUTION_MS / 1e3),
    }));
    this.#monitor.reset();
    return quantiles;
  }

  close(): void {
    this.#monitor.disable();
  }
}
