/** Numbers of repeated runs. */

/** @returns the middle one; of an even count the lower of the two in the middle */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
}

/** @param sorted  ascending */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Print one line of a result. */
export function report(name: string, fields: Readonly<Record<string, number | string>>): void {
  const shown = Object.entries(fields).map(
    ([key, value]) => `${key}=${typeof value === 'number' ? round(value) : value}`,
  );
  console.log(`${name.padEnd(28)} ${shown.join('  ')}`);
}

function round(value: number): number {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return Number(value.toFixed(digits));
}
