/** Goes over the rows of this node's sessions: all of them when something may be wrong, some of them always. */
import type { Clock } from '../clock.ts';
import { laneOf } from '../storage/lane.ts';
import type { SessionKey } from '../storage/session-store.ts';
import { ANSWERING_MS, type News, type SharedStore } from '../storage/shared-store.ts';
import type { Session } from './session.ts';

/** One look in so many goes over some lanes, though nothing is known to be wrong. */
const LOOKS_PER_ROUND = 10;
const LANES_PER_ROUND = 8;
/** Rows that are put right at a time. */
const ROWS_AT_ONCE = 1_000;

/** What it works with. */
export interface RowRoundsOptions {
  readonly store: Pick<SharedStore, 'laneCount' | 'readNodeSessions' | 'leaveSession' | 'forgetDeadNodes'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly node: string;
  /** sessions that are here, and the numbers of their rows */
  readonly sessions: ReadonlyMap<Session, number>;
  /** rows whose login is not answered yet */
  readonly arriving: ReadonlySet<number>;
  /** number that was given last */
  readonly lastNo: () => number;
  /** Write a session's row anew. */
  readonly enterAgain: (session: Session, no: number) => Promise<void>;
  /** Carry out and watch: `doubt` is called if it fails. Never rejects */
  readonly watched: (work: () => Promise<void>) => Promise<void>;
}

/** One round at a time. */
export class RowRounds {
  readonly #options: RowRoundsOptions;
  #heardOfAt: number | undefined;
  /** times that others may have taken this node for dead, and those of them after which its sessions entered anew */
  #deaths = 0;
  #returns = 0;
  #isDoubtful = false;
  #looks = 0;
  #firstLane = 0;
  #isRunning = false;

  constructor(options: RowRoundsOptions) {
    this.#options = options;
  }

  /** Something is known to be wrong, and the next look will see to it. */
  get isDoubtful(): boolean {
    return this.#isDoubtful;
  }

  /** A write failed, or the store was away: what is stored may be anything. */
  doubt(): void {
    this.#isDoubtful = true;
  }

  /** This node was heard of. @param askedAt  monotonic time before the look. Never throws */
  looked({ hasDeadNodes }: News, askedAt: number): void {
    const { clock, store } = this.#options;
    if (this.#heardOfAt !== undefined && clock.monotonic() - this.#heardOfAt > ANSWERING_MS) this.#deaths += 1;
    this.#heardOfAt = askedAt;
    if (this.#isRunning) return;
    this.#looks += 1;
    if (this.#isDoubtful || hasDeadNodes || this.#deaths > this.#returns) {
      this.#isDoubtful = false;
      const all = Array.from({ length: store.laneCount }, (_, lane) => lane);
      void this.#run(all, hasDeadNodes);
    } else if (this.#looks % LOOKS_PER_ROUND === 0) {
      void this.#run(this.#nextLanes(), false);
    }
  }

  /** Never rejects. */
  async #run(lanes: readonly number[], hasDeadNodes: boolean): Promise<void> {
    const { store, watched } = this.#options;
    const deaths = this.#deaths;
    this.#isRunning = true;
    await watched(async () => {
      await this.#compare(lanes, deaths > this.#returns);
      this.#returns = deaths;
      if (hasDeadNodes) await store.forgetDeadNodes();
    });
    this.#isRunning = false;
  }

  /** @param isBack  others may have filled the places of sessions that have their rows still */
  async #compare(lanes: readonly number[], isBack: boolean): Promise<void> {
    const { store, node, sessions, arriving, lastNo, enterAgain } = this.#options;
    // what comes from here on is written anyway
    const newest = lastNo();
    const rows = await store.readNodeSessions({ node, lanes });
    const here = new Set(sessions.values());
    const isOver = (row: SessionKey): boolean =>
      row.node !== node || (row.no <= newest && !here.has(row.no) && !arriving.has(row.no));
    await inPortions(rows.filter(isOver), (key) => store.leaveSession(key, node));
    const stored = new Set(rows.filter((row) => row.node === node).map(({ no }) => no));
    const among = new Set(lanes);
    const isMissing = ([{ sdkAppId, userId }, no]: readonly [Session, number]): boolean =>
      no <= newest && (isBack || !stored.has(no)) && among.has(laneOf(sdkAppId, userId, store.laneCount));
    await inPortions([...sessions].filter(isMissing), ([session, no]) => enterAgain(session, no));
  }

  #nextLanes(): readonly number[] {
    const { laneCount } = this.#options.store;
    const count = Math.min(LANES_PER_ROUND, laneCount);
    const lanes = Array.from({ length: count }, (_, at) => (this.#firstLane + at) % laneCount);
    this.#firstLane = (this.#firstLane + count) % laneCount;
    return lanes;
  }
}

async function inPortions<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < all.length; from += ROWS_AT_ONCE) {
    await Promise.all(all.slice(from, from + ROWS_AT_ONCE).map(work));
  }
}
