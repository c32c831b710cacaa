/** Which events a cursor passed though nothing was sent: what an endpoint is not to get leaves no other trace. */
import type { Cursor, Settlement } from './store.ts';

/** A run of seqs, both ends included. */
export interface SeqRun {
  readonly fromSeq: number;
  readonly toSeq: number;
}

/**
 * @param before  the cursor as it was stored
 * @returns runs of seqs that are settled by `settlement`, though it has no attempt at them and does not park them
 */
export function passedSeqs(before: Cursor, { cursor, attempts, parked, unparkedSeqs }: Settlement): SeqRun[] {
  const moved = cursor.seq - before.seq + cursor.doneAhead.length - before.doneAhead.length;
  // the usual one: each event that is settled was delivered at its first attempt
  if (moved === attempts.length && parked.length === 0 && unparkedSeqs.length === 0) return [];
  const known = new Set([
    ...before.doneAhead,
    ...attempts.map(({ seq }) => seq),
    ...parked.flatMap(({ waiting }) => waiting),
  ]);
  const runs: { fromSeq: number; toSeq: number }[] = [];
  const add = (seq: number): void => {
    if (known.has(seq)) return;
    const last = runs.at(-1);
    if (last?.toSeq === seq - 1) last.toSeq = seq;
    else runs.push({ fromSeq: seq, toSeq: seq });
  };
  for (let seq = before.seq + 1; seq <= cursor.seq; seq += 1) add(seq);
  for (const seq of cursor.doneAhead.toSorted((a, b) => a - b)) if (seq > before.seq) add(seq);
  return runs;
}
