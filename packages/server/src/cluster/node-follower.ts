/**
 * Keeps a node up with what others do to the store that they share: settings, lanes that nobody has, events and forced logouts.
 *
 * A look at all of it comes every second and is the truth; hints only make a look come earlier, at what they name.
 */
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Hint, LaneNews, News, SharedStore } from '../storage/shared-store.ts';

const LOOK_MS = 1_000;
/** Without hints. */
const LOOK_WITHOUT_HINTS_MS = 250;
/** Of those looks only each fourth is at what is no matter of milliseconds. */
const LOOKS_PER_NEWS = 4;

/** Who wants to know. None of them throws. */
export interface NodeFollowerOptions {
  readonly store: SharedStore;
  readonly clock: Clock;
  readonly log: Log;
  /** name of this node */
  readonly node: string;
  /** whether it answers clients */
  readonly answers: boolean;
  readonly hasHints: boolean;
  /** lanes whose heads somebody here waits for */
  readonly lanes: () => readonly number[];
  readonly onHeads: (heads: readonly LaneNews[]) => void;
  /** Apps, endpoints or replays are not what they were. @returns false if that is to be told again at the next look */
  readonly onSettings: () => Promise<boolean>;
  readonly onFreeLanes: () => void;
  readonly onWishes: () => void;
  /** sessions here were ended by logins elsewhere */
  readonly onEndedSessions: () => void;
  /** all of it. @param askedAt  monotonic time before the look, by which this node was heard of */
  readonly onNews: (news: News, askedAt: number) => void;
  /** what was there before a look that failed may be lost */
  readonly onFault: () => void;
}

/** Looks once, then again and again. */
export async function startNodeFollower(options: NodeFollowerOptions): Promise<NodeFollower> {
  const follower = new NodeFollower(options);
  await follower.start();
  return follower;
}

/** A look at a time. */
export class NodeFollower {
  readonly #options: NodeFollowerOptions;
  readonly #stop = new AbortController();
  readonly #hinted = new Set<number>();
  #isNewsHinted = false;
  #settingsNo: number | undefined;
  #running: Promise<void> | undefined;
  #loop: Promise<void> = Promise.resolve();
  #unsubscribe: () => void = () => {};

  constructor(options: NodeFollowerOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    // what changes from here on is heard, what changed before is found by the first look
    this.#unsubscribe = this.#options.store.onHint((hint) => this.#hear(hint));
    await this.#lookAtNews();
    this.#loop = this.#repeat();
  }

  async close(): Promise<void> {
    this.#unsubscribe();
    this.#stop.abort();
    await Promise.all([this.#loop, this.#running]);
  }

  #hear(hint: Hint): void {
    if (hint.kind === 'sessions') {
      this.#options.onEndedSessions();
      return;
    }
    if (hint.kind === 'lanes') for (const lane of hint.lanes) this.#hinted.add(lane);
    else this.#isNewsHinted = true;
    this.#lookSoon();
  }

  #lookSoon(): void {
    if (this.#running || this.#stop.signal.aborted) return;
    this.#running = this.#lookAtHinted().finally(() => {
      this.#running = undefined;
      if (this.#hinted.size > 0 || this.#isNewsHinted) this.#lookSoon();
    });
  }

  /** Never rejects: what was missed is found by the next look. */
  async #lookAtHinted(): Promise<void> {
    const lanes = new Set(this.#hinted);
    const isNews = this.#isNewsHinted;
    this.#hinted.clear();
    this.#isNewsHinted = false;
    try {
      if (isNews) await this.#lookAtNews();
      await this.#lookAtLanes(this.#options.lanes().filter((lane) => lanes.has(lane)));
    } catch (error) {
      this.#fault(error);
    }
  }

  async #repeat(): Promise<void> {
    const { clock, hasHints, lanes } = this.#options;
    const { signal } = this.#stop;
    for (let looks = 1; ; looks += 1) {
      await clock.sleep(hasHints ? LOOK_MS : LOOK_WITHOUT_HINTS_MS, signal);
      if (signal.aborted) return;
      try {
        await this.#lookAtLanes(lanes());
        if (hasHints || looks % LOOKS_PER_NEWS === 0) await this.#lookAtNews();
      } catch (error) {
        this.#fault(error);
      }
    }
  }

  async #lookAtLanes(lanes: readonly number[]): Promise<void> {
    const { store, onHeads } = this.#options;
    if (lanes.length > 0) onHeads(await store.readLaneNews({ lanes }));
  }

  async #lookAtNews(): Promise<void> {
    const { store, clock, node: name, answers, onSettings, onFreeLanes, onWishes, onNews } = this.#options;
    const askedAt = clock.monotonic();
    const news = await store.readNews({ name, answers });
    const { settingsNo, hasFreeLanes, hasWishes } = news;
    onNews(news, askedAt);
    if (hasFreeLanes) onFreeLanes();
    if (hasWishes) onWishes();
    if (settingsNo === this.#settingsNo) return;
    if (await onSettings()) this.#settingsNo = settingsNo;
  }

  #fault(error: unknown): void {
    this.#options.log.error({ err: error }, 'cluster.look-fault');
    this.#options.onFault();
  }
}
