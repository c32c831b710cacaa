/**
 * Statistics of apps over time: counted in memory as things happen, stored a row a minute, read for a window. Counts survive a
 * restart; a crash loses those of some seconds (docs/decisions/0022-console.md).
 */
import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { EndedPost } from '../activity/attempt-listener.ts';
import type { Clock } from '../clock.ts';
import type { Directory } from '../directory.ts';
import type { Log } from '../log.ts';
import type { Store } from '../storage/store.ts';
import { AppCounts } from './app-counts.ts';
import { type BacklogSources, readBacklogs } from './backlogs.ts';
import { addLatency } from './latency-histogram.ts';
import { spreadMinute } from './spread-minute.ts';
import { formatCounts, parseCounts } from './stat-counts.ts';
import { type CountedSpan, type StatsSeries, seriesOf } from './stats-series.ts';
import { FINE_MS, KEPT_MS, ROW_MS, STAT_WINDOWS, type StatWindow } from './windows.ts';

/** Backlogs are looked at so often. */
const LOOK_MS = FINE_MS;
/** Minutes are stored at each look; where other nodes read them so much oftener: what they show of this one is at most 2 s old. */
const SAVES_PER_LOOK = 5;
/** A week is read in so large pieces, between which others get their turn: some 3 ms each. */
const READ_AT_ONCE_MS = 6 * 3_600_000;
/** Apps that are counted; who has not been heard of longest is let go, what is stored of it stays. */
const MAX_APPS = 500;

/** What statistics are made from. */
export interface StatsOptions extends BacklogSources {
  readonly store: Store;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly log: Log;
}

/** Counts of this process, and what is stored of all. */
export class Stats {
  readonly #options: StatsOptions;
  /** rows of one process don't replace those of another, or of the one before */
  readonly #writer = randomUUID();
  readonly #apps = new LRUCache<number, AppCounts>({ max: MAX_APPS });
  readonly #startedAtMs: number;
  readonly #savesPerLook: number;
  #saves = 0;
  #cancel: () => void = () => undefined;
  #looking: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: StatsOptions) {
    this.#options = options;
    this.#startedAtMs = options.clock.now();
    this.#savesPerLook = options.shared ? SAVES_PER_LOOK : 1;
    this.#schedule();
  }

  /** A change that is announced is durable. */
  changed(sdkAppId: number): void {
    this.#of(sdkAppId).add(this.#options.clock.now(), (counts) => {
      counts.changes += 1;
    });
  }

  /** Those at a person's word say nothing of how the endpoint does. */
  attempted({ event, attempt, isResend }: EndedPost): void {
    if (isResend) return;
    const { outcome, number, atMs, durationMs } = attempt;
    this.#of(event.sdkAppId).add(this.#options.clock.now(), (counts) => {
      counts[outcome] += 1;
      if (outcome !== 'delivered') return;
      if (number === 1) counts.firstAttempt += 1;
      addLatency(counts.latency, Math.max(0, atMs - event.atMs) + durationMs);
    });
  }

  /** @throws StoreError */
  async read(sdkAppId: number, window: StatWindow): Promise<StatsSeries> {
    // the step under way may not have been looked at yet
    await this.#lookAtBacklogs(sdkAppId);
    const { lengthMs, stepMs } = STAT_WINDOWS[window];
    const nowMs = this.#options.clock.now();
    const startMs = nowMs - (nowMs % stepMs) + stepMs - lengthMs;
    const { fine, minutes } = this.#of(sdkAppId);
    const own = [...minutes].map(([atMs, counts]) => ({ atMs, counts }));
    const rows = await this.#stored(sdkAppId, startMs - ROW_MS);
    const steps = { startMs, stepMs, steps: lengthMs / stepMs };
    if (stepMs >= ROW_MS) return seriesOf([...rows, ...own], steps);
    const finest = [...fine].map(([atMs, counts]) => ({ atMs, counts }));
    const others = rows.filter(({ isFine }) => !isFine).flatMap((row) => spreadMinute(row, nowMs));
    return seriesOf([...others.map((span) => this.#withoutWaiting(span)), ...finest], steps);
  }

  /** Store what is not stored yet. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel();
    await this.#looking;
    await this.#save();
  }

  /** Minutes in memory are left out: they are newer there. `isFine`: those of this process that it still has in fine steps. */
  async #stored(sdkAppId: number, fromMs: number): Promise<readonly (CountedSpan & { readonly isFine: boolean })[]> {
    const { minutes } = this.#of(sdkAppId);
    const untilMs = this.#options.clock.now() + ROW_MS;
    const spans: (CountedSpan & { readonly isFine: boolean })[] = [];
    for (let startMs = fromMs; startMs < untilMs; startMs += READ_AT_ONCE_MS) {
      const rows = await this.#options.store.readStats({ sdkAppId, fromMs: startMs, toMs: startMs + READ_AT_ONCE_MS });
      for (const { atMs, counts, writer } of rows) {
        const isFine = writer === this.#writer;
        if (!isFine || !minutes.has(atMs)) spans.push({ atMs, counts: parseCounts(counts), isFine });
      }
      await setImmediate();
    }
    return spans;
  }

  /** What waits is the same whoever looks, and since its start this process has looked itself: a minute's most would outlast its moment. */
  #withoutWaiting(span: CountedSpan): CountedSpan {
    if (span.atMs < this.#startedAtMs) return span;
    return { ...span, counts: { ...span.counts, backlog: 0, oldestPendingAgeMs: 0 } };
  }

  #of(sdkAppId: number): AppCounts {
    let counts = this.#apps.get(sdkAppId);
    if (!counts) {
      counts = new AppCounts();
      this.#apps.set(sdkAppId, counts);
    }
    return counts;
  }

  #schedule(): void {
    this.#cancel = this.#options.clock.after(LOOK_MS / this.#savesPerLook, () => {
      this.#looking = this.#look().then(() => {
        if (!this.#isClosed) this.#schedule();
      });
    });
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    this.#saves += 1;
    try {
      if (this.#saves % this.#savesPerLook === 0) await this.#lookAtBacklogs();
      await this.#save();
    } catch (error) {
      this.#options.log.error({ err: error }, 'stats.fault');
    }
  }

  /** @param only  of one app. @throws StoreError */
  async #lookAtBacklogs(only?: number): Promise<void> {
    for (const [sdkAppId, { backlog, oldestPendingAgeMs }] of await readBacklogs(this.#options, only)) {
      if (backlog === 0) continue;
      this.#of(sdkAppId).add(this.#options.clock.now(), (counts) => {
        counts.backlog = Math.max(counts.backlog, backlog);
        counts.oldestPendingAgeMs = Math.max(counts.oldestPendingAgeMs, oldestPendingAgeMs);
      });
    }
  }

  /** What can't be stored now is stored with the next ones. */
  async #save(): Promise<void> {
    const { store, clock, directory, log } = this.#options;
    const nowMs = clock.now();
    const dirty = [...this.#apps].flatMap(([sdkAppId, app]) =>
      directory.app(sdkAppId) ? [...app.dirty].map((atMs) => ({ sdkAppId, atMs, app })) : [],
    );
    if (dirty.length === 0) return;
    const rows = dirty.flatMap(({ sdkAppId, atMs, app }) => {
      app.dirty.delete(atMs);
      const counts = app.minutes.get(atMs);
      return counts ? [{ sdkAppId, atMs, writer: this.#writer, counts: formatCounts(counts) }] : [];
    });
    try {
      await store.writeStats({ rows, keepFromMs: nowMs - KEPT_MS });
    } catch (error) {
      for (const { app, atMs } of dirty) app.dirty.add(atMs);
      log.error({ err: error }, 'stats.fault');
    }
    for (const { app } of dirty) app.forgetStored(nowMs);
  }
}
