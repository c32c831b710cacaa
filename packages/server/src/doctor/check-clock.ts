/** The machine's clock against other clocks: receivers refuse what is signed a minute off. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Check } from './check.ts';

/** Clocks that are read one after the other differ by what that takes; some file systems count whole seconds. */
const TOLERANCE_MS = 3000;
/** This version was made later. */
const EARLIEST_MS = Date.UTC(2026, 0, 1);
const SYNCHRONISE = 'Let the machine synchronise its clock (NTP).';

/** What the clock is compared with. */
export interface ClockSight {
  /** both clocks when the doctor began */
  readonly begin: { readonly wallMs: number; readonly monotonicMs: number };
  /** of the server's answer, and our time then */
  readonly server?: { readonly dateMs: number; readonly atMs: number } | undefined;
  /** of the database, and our time then */
  readonly database?: { readonly dateMs: number; readonly atMs: number } | undefined;
  readonly newestEventAtMs?: number | undefined;
}

/** @param folder  where a file is made for a moment, to read the file system's clock; may be missing or closed to us */
export function checkClock(
  folder: string,
  { begin, server, database, newestEventAtMs }: ClockSight,
  clock: Clock,
): readonly Check[] {
  const nowMs = clock.now();
  const jumpMs = nowMs - begin.wallMs - (clock.monotonic() - begin.monotonicMs);
  const faults: Check[] = [];
  const find = (what: string, advice: string): void =>
    void faults.push({ area: 'clock', status: 'problem', what, advice });
  if (nowMs < EARLIEST_MS) find(`It says ${momentOf(nowMs)}, which is long ago.`, SYNCHRONISE);
  if (Math.abs(jumpMs) > TOLERANCE_MS) find(`It was set by ${secondsOf(jumpMs)} while doctor ran.`, SYNCHRONISE);
  const fileMs = fileSystemNow(folder) - clock.now();
  if (Math.abs(fileMs) > TOLERANCE_MS) {
    find(`The file system of ${folder} is ${secondsOf(fileMs)} ahead of it.`, 'Synchronise both machines (NTP).');
  }
  const serverMs = server ? server.dateMs - server.atMs : 0;
  if (Math.abs(serverMs) > TOLERANCE_MS) {
    find(`The server's is ${secondsOf(serverMs)} ahead of this machine's.`, 'Synchronise both machines (NTP).');
  }
  const databaseMs = database ? database.dateMs - database.atMs : 0;
  if (Math.abs(databaseMs) > TOLERANCE_MS) {
    find(`The database's is ${secondsOf(databaseMs)} ahead of this machine's.`, 'Synchronise both machines (NTP).');
  }
  if (newestEventAtMs !== undefined && newestEventAtMs - nowMs > TOLERANCE_MS) {
    const what = `The newest event is of ${momentOf(newestEventAtMs)}, which is to come: the clock was set back.`;
    find(what, `${SYNCHRONISE} Until then all events get that time, since times never go back.`);
  }
  return faults.length > 0
    ? faults
    : [{ area: 'clock', status: 'ok', what: `It says ${momentOf(nowMs)}, as all others do that were looked at.` }];
}

/** Made by the file system, which may be another machine's. */
function fileSystemNow(folder: string): number {
  for (const place of [folder, tmpdir()]) {
    try {
      const made = mkdtempSync(join(place, '.portrait-doctor-'));
      try {
        return statSync(made).mtimeMs;
      } finally {
        rmSync(made, { recursive: true });
      }
    } catch {
      // not there or closed to us, which is told elsewhere
    }
  }
  return Number.NaN;
}

function momentOf(ms: number): string {
  return new Date(ms).toISOString();
}

function secondsOf(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
