/** Which callbacks `portrait listen --fail` fails. */
import { UsageError } from '../../config.ts';
import type { Check } from '../command-line.ts';

/** A share of all, from 0 to 1. */
export const shareCheck: Check<number> = {
  expects: 'a share from 1% to 99%, such as 30%',
  parse(raw) {
    const [, percent] = /^([1-9]\d?)%$/.exec(raw) ?? [];
    return percent === undefined ? undefined : Number(percent) / 100;
  },
};

/** What the flags say. */
export interface FailureFlags {
  /** status to fail with; undefined = none fails */
  readonly fail?: number;
  readonly failCount?: number;
  readonly failShare?: number;
}

/**
 * @returns asked once for each callback: the status to fail it with, or undefined. A share is spread evenly, so that a trial can be
 * repeated: of 25% it is each fourth
 * @throws UsageError the flags contradict each other
 */
export function planFailures({ fail, failCount, failShare }: FailureFlags): () => number | undefined {
  if (failCount !== undefined && failShare !== undefined) {
    throw new UsageError('Expected one of --fail-count and --fail-share, got both.');
  }
  if (fail === undefined && (failCount ?? failShare) !== undefined) {
    throw new UsageError('Expected a status to fail with beside --fail-count and --fail-share, such as --fail 500.');
  }
  let seen = 0;
  return () => {
    seen += 1;
    if (failCount !== undefined && seen > failCount) return undefined;
    if (failShare !== undefined && !isTurn(seen, Math.round(failShare * 100))) return undefined;
    return fail;
  };
}

function isTurn(seen: number, percent: number): boolean {
  return Math.floor((seen * percent) / 100) > Math.floor(((seen - 1) * percent) / 100);
}
