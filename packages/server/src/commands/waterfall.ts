/** The parts of an exchange as bars, one below the other, each where it began. */
import type { Stage, Timings } from '../storage/store.ts';

const COLUMNS = 40;

/** What is known of an exchange. */
export interface TimedExchange {
  readonly durationMs: number;
  readonly timings?: Timings;
  readonly stage?: Stage;
}

/** @returns a line for each part; none if the parts are not known. The part in which it failed is drawn to the end */
export function formatWaterfall({ durationMs, timings, stage }: TimedExchange): readonly string[] {
  if (!timings) return [];
  const done = [
    ['dns', timings.dnsMs],
    ['connect', timings.connectMs],
    ['tls', timings.tlsMs],
    ['first byte', timings.firstByteMs],
    ['body', timings.bodyMs],
  ] as const;
  const known = done.flatMap(([name, ms]) => (ms === undefined ? [] : [{ name: name as string, ms, mark: '█' }]));
  const knownMs = known.reduce((sum, { ms }) => sum + ms, 0);
  const rest = { name: nameOf(stage), ms: Math.max(0, durationMs - knownMs), mark: '░' };
  const parts = stage === undefined ? known : [...known, rest];
  const scale = COLUMNS / Math.max(durationMs, knownMs, 0.01);
  let beginMs = 0;
  const lines = parts.map(({ name, ms, mark }) => {
    const begin = Math.min(COLUMNS - 1, Math.floor(beginMs * scale));
    const length = Math.min(COLUMNS - begin, Math.max(1, Math.round(ms * scale)));
    beginMs += ms;
    const unended = mark === '░' ? ' did not end' : '';
    return `${name.padEnd(10)} ${ms.toFixed(2).padStart(9)} ms  ${' '.repeat(begin)}${mark.repeat(length)}${unended}`;
  });
  return timings.reusedConnection ? ['connection was there already', ...lines] : lines;
}

function nameOf(stage: Stage | undefined): string {
  return stage === 'answer' ? 'first byte' : (stage ?? '');
}
