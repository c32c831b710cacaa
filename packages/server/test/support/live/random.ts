/** Chance that can be had again: by the seed that the test prints. */

/** A source of chance; the same seed gives the same numbers. */
export interface Random {
  /** 0 to 1 */
  next(): number;
  /** a whole number, both ends included */
  between(low: number, high: number): number;
}

/** The environment's PORTRAIT_TEST_SEED, or a new seed. */
export function testSeed(): number {
  const given = Number(process.env.PORTRAIT_TEST_SEED);
  return Number.isSafeInteger(given) && given > 0 ? given : Math.floor(Math.random() * 2 ** 31) + 1;
}

/** Mulberry32. */
export function randomFrom(seed: number): Random {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { next, between: (low, high) => low + Math.floor(next() * (high - low + 1)) };
}
