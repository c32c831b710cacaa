/** One step through an app's log: the next events of its lanes, put together in the order of their time. */
import type { ChangeEvent } from '../storage/store.ts';
import { type FeedPosition, formatFeedCursor } from './feed-cursor.ts';

/** A change, and up to where a reader that has it has the log. */
export interface FeedChange {
  readonly event: ChangeEvent;
  readonly cursor: string;
}

/** What is read, from where. */
export interface StepQuery {
  readonly from: FeedPosition;
  /** lanes to read */
  readonly lanes: readonly number[];
  /** by lane: the newest seq */
  readonly heads: readonly number[];
  /** only changes of this user; the others are passed over */
  readonly userId?: string | undefined;
  /** most changes of the step */
  readonly limit: number;
  /** Events of one lane above `afterSeq`, in order. */
  readonly readLane: (lane: number, afterSeq: number, limit: number) => Promise<readonly ChangeEvent[]>;
}

/** What a step came to. */
export interface FeedStep {
  readonly changes: readonly FeedChange[];
  /** where the next step begins; the place of `from` if nothing new is there */
  readonly position: FeedPosition;
  /** events that were looked at */
  readonly scanned: number;
  /** the next event of a lane is not there, though the lane's head lies above it: what the reader waits for was removed */
  readonly isCut: boolean;
}

/** Events of one step: a filter that finds little goes on after giving others their turn. */
const MAX_EVENTS = 100;
/** And their bodies, which as a rule are a third of what is sent. The first event of a step may be larger. */
const MAX_CHARACTERS = 64 * 1024;
/** Lanes of one step: those that are behind most. */
const MAX_LANES = 16;

/** Read on. A step never leaves out an event of a lane: what it doesn't take is taken by the next one. */
export async function readStep(query: StepQuery): Promise<FeedStep> {
  const { from, userId } = query;
  const limit = Math.min(query.limit, MAX_EVENTS);
  const runs = await readLanes(query, limit);
  const seqs = [...from.seqs];
  const changes: FeedChange[] = [];
  let [scanned, characters] = [0, 0];
  for (const event of inOrderOfTime(runs)) {
    if (changes.length >= limit || scanned >= MAX_EVENTS || characters >= MAX_CHARACTERS) break;
    scanned += 1;
    seqs[event.lane] = event.seq;
    if (userId !== undefined && event.userId !== userId) continue;
    characters += event.body.length;
    changes.push({ event, cursor: formatFeedCursor({ ...from, seqs }) });
  }
  return { changes, position: { ...from, seqs }, scanned, isCut: runs.some((run) => run.length === 0) };
}

/** @returns for each lane that is behind, its next events without a hole */
async function readLanes({ from, lanes, heads, readLane, userId }: StepQuery, limit: number): Promise<ChangeEvent[][]> {
  const behind = lanes
    .map((lane) => ({ lane, afterSeq: from.seqs[lane] ?? 0, missing: (heads[lane] ?? 0) - (from.seqs[lane] ?? 0) }))
    .filter(({ missing }) => missing > 0)
    .sort((a, b) => b.missing - a.missing)
    .slice(0, MAX_LANES);
  const share = Math.ceil((userId === undefined ? limit : MAX_EVENTS) / behind.length);
  return await Promise.all(
    behind.map(async ({ lane, afterSeq, missing }) => {
      const events = await readLane(lane, afterSeq, Math.min(share, missing));
      const hole = events.findIndex(({ seq }, index) => seq !== afterSeq + 1 + index);
      return events.slice(0, hole < 0 ? events.length : hole);
    }),
  );
}

/** Each run stays in its own order, whatever the clock did meanwhile. */
function* inOrderOfTime(runs: readonly (readonly ChangeEvent[])[]): Generator<ChangeEvent> {
  const next = runs.map(() => 0);
  for (;;) {
    let earliest = -1;
    for (const [index, run] of runs.entries()) {
      const event = run[next[index] as number];
      const best = runs[earliest]?.[next[earliest] as number];
      if (event && (!best || event.atMs < best.atMs)) earliest = index;
    }
    const event = runs[earliest]?.[next[earliest] as number];
    if (!event) return;
    next[earliest] = (next[earliest] as number) + 1;
    yield event;
  }
}
