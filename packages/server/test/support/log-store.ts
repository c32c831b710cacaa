/** A log in memory, with as many lanes as a test wants: of a store, what the change feed needs. */
import { StoreError } from '../../src/errors.ts';
import { laneOf } from '../../src/storage/lane.ts';
import type { App, ChangeEvent, LaneHead, LogBounds, Store } from '../../src/storage/store.ts';
import { APP, sampleApp, sampleEvent } from './samples.ts';

type Needed = 'laneCount' | 'listApps' | 'listEndpoints' | 'deleteApp' | 'readEvents' | 'readHeads' | 'readLogBounds';

/** Events of the app APP; the nine apps of the numbers behind it have none. */
export class LogStore implements Pick<Store, Needed> {
  readonly laneCount: number;
  readonly lanes: ChangeEvent[][];
  /** calls of readEvents */
  reads = 0;
  /** how reads are held up */
  delay: () => Promise<void> = async () => {};
  isBroken = false;
  /** by lane: the events up to here are gone */
  readonly #removed: number[];
  #atMs = 1_795_428_000_000;

  constructor(laneCount: number) {
    this.laneCount = laneCount;
    this.lanes = Array.from({ length: laneCount }, () => []);
    this.#removed = this.lanes.map(() => 0);
  }

  /** Everything that was ever there, lane by lane. */
  get all(): readonly ChangeEvent[] {
    return this.lanes.flat();
  }

  append(userId: string, members: Partial<ChangeEvent> = {}): ChangeEvent {
    const lane = laneOf(APP, userId, this.laneCount);
    const log = this.lanes[lane] ?? [];
    this.#atMs += 1;
    const event = sampleEvent({ lane, seq: log.length + 1, userId, atMs: this.#atMs, ...members });
    log.push(event);
    return event;
  }

  /** As retention does: the oldest events of a lane, up to `seq`. */
  remove(lane: number, seq: number): void {
    this.#removed[lane] = seq;
  }

  async listApps(): Promise<readonly App[]> {
    return Array.from({ length: 10 }, (_, number) => sampleApp({ sdkAppId: APP + number }));
  }

  async listEndpoints(): Promise<readonly []> {
    return [];
  }

  async deleteApp(): Promise<void> {}

  async readEvents(query: { sdkAppId: number; lane: number; afterSeq: number; limit: number }) {
    const { sdkAppId, lane, afterSeq, limit } = query;
    this.reads += 1;
    await this.delay();
    if (this.isBroken) throw new StoreError('unavailable');
    const begin = Math.max(afterSeq, this.#removed[lane] ?? 0);
    return sdkAppId === APP ? (this.lanes[lane] ?? []).slice(begin, begin + limit) : [];
  }

  async readHeads(lanes: readonly number[]): Promise<readonly LaneHead[]> {
    if (this.isBroken) throw new StoreError('unavailable');
    return lanes
      .map((lane) => ({ sdkAppId: APP, lane, seq: this.lanes[lane]?.length ?? 0 }))
      .filter(({ seq }) => seq > 0);
  }

  async readLogBounds({ sdkAppId, fromMs = 0 }: { sdkAppId: number; fromMs?: number }): Promise<readonly LogBounds[]> {
    if (sdkAppId !== APP) return [];
    return this.lanes.flatMap((log, lane) => {
      const first = log.findIndex(({ atMs }) => atMs >= fromMs);
      const afterSeq = Math.max(first < 0 ? log.length : first, this.#removed[lane] ?? 0);
      return log.length === 0 ? [] : [{ lane, afterSeq, headSeq: log.length }];
    });
  }
}
