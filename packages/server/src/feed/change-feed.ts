/**
 * The change feed: an app's log, for readers who keep their own place in it.
 *
 * The store's log is the truth. What is announced here is a hint that there is more, and the events themselves, so that many streams don't
 * read the same rows; without it everything arrives one poll later.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import type { Directory } from '../directory.ts';
import type { Log } from '../log.ts';
import { laneOf } from '../storage/lane.ts';
import type { App, ChangeEvent, LaneHead, LogBounds, Store } from '../storage/store.ts';
import { type FeedPosition, formatFeedCursor, parseFeedCursor } from './feed-cursor.ts';
import { FeedError } from './feed-error.ts';
import { FeedStream, type StreamEnd } from './feed-stream.ts';
import { LiveApp } from './live-app.ts';
import { type FeedChange, readStep } from './read-step.ts';

/** Streams of one app, and over all. */
export const MAX_STREAMS_PER_APP = 32;
export const MAX_STREAMS = 256;
/** Heads are looked at so often while somebody follows: what nobody announced here is found so late. */
const POLL_MS = 1_000;
/** A page looks at no more events, so that a filter that finds little doesn't hold the process. */
const MAX_EVENTS_PER_PAGE = 5_000;
/** Bodies in a page; what is sent is about three times that. */
const MAX_CHARACTERS_PER_PAGE = 1024 * 1024;

/** What the feed works with. */
export interface FeedOptions {
  readonly store: Store;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly log: Pick<Log, 'error'>;
}

/** What of an app's log, from where on. */
export interface FeedQuery {
  readonly app: App;
  /** a cursor, `now` or `beginning`, which is the default: what is still there of the log */
  readonly after?: string | undefined;
  /** in place of `after`: changes made at this moment or later */
  readonly fromMs?: number | undefined;
  /** only changes of this user */
  readonly userId?: string | undefined;
}

/** A part of the log. */
export interface FeedPage {
  readonly changes: readonly FeedChange[];
  /** where the next page begins; also when there is nothing more yet */
  readonly nextCursor: string;
  /** more was there when the page was asked for */
  readonly hasMore: boolean;
}

/** Reads and follows the logs of apps. */
export class ChangeFeed {
  readonly #options: FeedOptions;
  readonly #apps = new Map<number, LiveApp>();
  readonly #lanes: readonly number[];
  readonly #unsubscribe: () => void;
  readonly #stop = new AbortController();
  #streams = 0;
  /** while there is a stream */
  #polling: Promise<void> | undefined;

  constructor(options: FeedOptions) {
    const { store, directory } = options;
    this.#options = options;
    this.#lanes = Array.from({ length: store.laneCount }, (_, lane) => lane);
    this.#unsubscribe = directory.onChange((change) => {
      if (change.kind === 'app' && !change.app) this.#endAll(change.sdkAppId, 'app-deleted');
    });
  }

  /**
   * One part of the log, oldest change first. A page can hold fewer changes than `limit` and still have more behind it.
   *
   * @throws FeedError  `foreign`, `gone`
   * @throws StoreError
   */
  async readPage(query: FeedQuery & { readonly limit: number }): Promise<FeedPage> {
    const { app, userId, limit } = query;
    const { sdkAppId } = app;
    const { position: start, bounds } = await this.#locate(query);
    const heads = this.#seqsOf(bounds, ({ headSeq }) => headSeq);
    const lanes = this.#lanesOf(query);
    const readLane = (lane: number, afterSeq: number, most: number) =>
      this.#options.store.readEvents({ sdkAppId, lane, afterSeq, limit: most });
    const changes: FeedChange[] = [];
    let [position, scanned, characters] = [start, 0, 0];
    const hasMore = () => lanes.some((lane) => (heads[lane] ?? 0) > (position.seqs[lane] ?? 0));
    while (
      hasMore() &&
      changes.length < limit &&
      scanned < MAX_EVENTS_PER_PAGE &&
      characters < MAX_CHARACTERS_PER_PAGE
    ) {
      const step = await readStep({ from: position, lanes, heads, userId, limit: limit - changes.length, readLane });
      // what was there a moment ago has been removed meanwhile
      if (step.isCut) throw this.#gone(app, await this.#options.store.readLogBounds({ sdkAppId }));
      changes.push(...step.changes);
      position = step.position;
      scanned += step.scanned;
      for (const { event } of step.changes) characters += event.body.length;
      await nextTurn();
    }
    return { changes, nextCursor: formatFeedCursor(position), hasMore: hasMore() };
  }

  /**
   * Follow the log from there on. The stream is to be ended by whoever asked for it, or ends when its app or the server does.
   *
   * @throws FeedError  `foreign`, `gone`, `app-full`, `full`, `stopping`
   * @throws StoreError
   */
  async follow(query: FeedQuery): Promise<FeedStream> {
    const { position, bounds } = await this.#locate(query);
    // from here on nothing is awaited: what is counted is what is
    const { sdkAppId } = query.app;
    this.#checkRoom(sdkAppId);
    const live = this.#apps.get(sdkAppId) ?? new LiveApp(this.#lanes.length);
    this.#apps.set(sdkAppId, live);
    for (const { lane, headSeq } of bounds) live.headIs(lane, headSeq);
    const stream = this.#startStream(live, query, position);
    if (!this.#options.directory.app(sdkAppId)) stream.end('app-deleted');
    return stream;
  }

  /** A freshly committed event. */
  offer(event: ChangeEvent): void {
    this.#apps.get(event.sdkAppId)?.offer(event);
  }

  /** Whether somebody follows an app's log. */
  get isFollowed(): boolean {
    return this.#streams > 0;
  }

  /** Heads as the store has them: the same hint, without the events. */
  headsAre(heads: readonly LaneHead[]): void {
    for (const { sdkAppId, lane, seq } of heads) this.#apps.get(sdkAppId)?.headIs(lane, seq);
  }

  /** Values of this app were erased from the log: none of them is to be sent from memory. */
  forget(sdkAppId: number): void {
    this.#apps.get(sdkAppId)?.recent.clear();
  }

  /** End all streams, take no more. */
  async close(): Promise<void> {
    this.#unsubscribe();
    this.#stop.abort();
    for (const sdkAppId of [...this.#apps.keys()]) this.#endAll(sdkAppId, 'stopping');
    await this.#polling;
  }

  #startStream(live: LiveApp, query: FeedQuery, from: FeedPosition): FeedStream {
    const { clock, store } = this.#options;
    const { app, userId } = query;
    const { sdkAppId } = app;
    const lanes = this.#lanesOf(query);
    const readLane = async (lane: number, afterSeq: number, limit: number) => {
      const recent = live.recent.read(lane, afterSeq, limit);
      return recent.length > 0 ? recent : await store.readEvents({ sdkAppId, lane, afterSeq, limit });
    };
    const stream = new FeedStream({
      clock,
      from,
      isBehind: (position) => live.isAhead(position, lanes),
      read: (position) =>
        readStep({ from: position, lanes, heads: live.heads, userId, limit: Number.MAX_SAFE_INTEGER, readLane }),
      onEnd: () => {
        live.streams.delete(stream);
        this.#streams -= 1;
        if (live.streams.size === 0) this.#apps.delete(sdkAppId);
      },
    });
    live.streams.add(stream);
    this.#streams += 1;
    this.#polling ??= this.#poll();
    return stream;
  }

  #checkRoom(sdkAppId: number): void {
    if (this.#stop.signal.aborted) throw new FeedError('stopping', 'the server stops');
    if ((this.#apps.get(sdkAppId)?.streams.size ?? 0) >= MAX_STREAMS_PER_APP) {
      throw new FeedError(
        'app-full',
        `the app ${sdkAppId} has ${MAX_STREAMS_PER_APP} streams, which is as many as it may`,
      );
    }
    if (this.#streams >= MAX_STREAMS)
      throw new FeedError('full', `there are ${MAX_STREAMS} streams, which is the most`);
  }

  async #poll(): Promise<void> {
    const { clock, store, log } = this.#options;
    const { signal } = this.#stop;
    for (;;) {
      await clock.sleep(POLL_MS, signal);
      if (signal.aborted || this.#streams === 0) break;
      try {
        this.headsAre(await store.readHeads(this.#lanes));
      } catch (error) {
        log.error({ err: error }, 'changes.poll-fault');
      }
      // who has not taken them by now reads them from the store, where values may have been erased since
      for (const live of this.#apps.values()) live.recent.clear();
    }
    this.#polling = undefined;
  }

  #endAll(sdkAppId: number, why: StreamEnd): void {
    for (const stream of [...(this.#apps.get(sdkAppId)?.streams ?? [])]) stream.end(why);
  }

  /** Where a reader begins, and the log as it stands. */
  async #locate(query: FeedQuery): Promise<{ position: FeedPosition; bounds: readonly LogBounds[] }> {
    const { app, after = 'beginning', fromMs } = query;
    const { sdkAppId } = app;
    const bounds = await this.#options.store.readLogBounds({ sdkAppId, ...(fromMs !== undefined && { fromMs }) });
    if (after === 'beginning') return { position: this.#positionOf(app, bounds, ({ afterSeq }) => afterSeq), bounds };
    if (after === 'now') return { position: this.#positionOf(app, bounds, ({ headSeq }) => headSeq), bounds };
    const position = parseFeedCursor(after);
    if (position?.sdkAppId !== sdkAppId || position.seqs.length !== this.#lanes.length) {
      throw new FeedError('foreign', 'expected a cursor that this feed gave, now, or beginning');
    }
    const firsts = this.#seqsOf(bounds, ({ afterSeq }) => afterSeq);
    const heads = this.#seqsOf(bounds, ({ headSeq }) => headSeq);
    const isThere = this.#lanesOf(query).every((lane) => {
      const seq = position.seqs[lane] ?? 0;
      return seq >= (firsts[lane] ?? 0) && seq <= (heads[lane] ?? 0);
    });
    if (!isThere || position.appCreatedAtMs !== app.createdAtMs) throw this.#gone(app, bounds);
    return { position, bounds };
  }

  #gone(app: App, bounds: readonly LogBounds[]): FeedError {
    const oldest = formatFeedCursor(this.#positionOf(app, bounds, ({ afterSeq }) => afterSeq));
    const detail = 'changes that follow on this cursor are no longer in the log; what is left begins at oldestCursor';
    return new FeedError('gone', detail, oldest);
  }

  #positionOf(app: App, bounds: readonly LogBounds[], pick: (bound: LogBounds) => number): FeedPosition {
    const { sdkAppId, createdAtMs: appCreatedAtMs } = app;
    return { sdkAppId, appCreatedAtMs, seqs: this.#seqsOf(bounds, pick) };
  }

  #seqsOf(bounds: readonly LogBounds[], pick: (bound: LogBounds) => number): readonly number[] {
    const seqs = new Array<number>(this.#lanes.length).fill(0);
    for (const bound of bounds) seqs[bound.lane] = pick(bound);
    return seqs;
  }

  #lanesOf({ app, userId }: FeedQuery): readonly number[] {
    return userId === undefined ? this.#lanes : [laneOf(app.sdkAppId, userId, this.#lanes.length)];
  }
}
