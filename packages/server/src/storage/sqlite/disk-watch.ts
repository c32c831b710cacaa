/**
 * Watches the space that the store has left, and lets it refuse changes before the disk is full: what is under way can still be settled
 * then, and what is old removed.
 *
 * | level | free space | what happens |
 * |---|---|---|
 * | fine | | |
 * | low | below `warnBytes` | a line in the log |
 * | reserve | below `reserveBytes` | a line in the log; what would take more space is refused |
 *
 * Free is what the file system has left and what rows left behind inside the file. A level is left when there is a twentieth more than its
 * bound, so that it is not left and entered all the time.
 */
import { stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';

/** The fastest load writes 60 MB meanwhile, a fifth of the reserve. */
const LOOK_MS = 2_000;
const MARGIN = 1.05;
/** The log of SQLite has 16 MB, and starts over; beyond this somebody reads the database and does not end. */
const LARGE_WAL_BYTES = 256 * 1024 * 1024;

type Level = 'fine' | 'low' | 'reserve';

/** What is watched, and what for. */
export interface DiskWatchOptions {
  readonly folder: string;
  readonly store: { reusableBytes(): number; refuseGrowth(isRefused: boolean): void };
  readonly clock: Clock;
  readonly log: Log;
  /** 0 = no warning */
  readonly warnBytes: number;
  /** 0 = nothing is refused before the disk is full */
  readonly reserveBytes: number;
}

/** A watch that runs. */
export interface DiskWatch {
  /** changes are refused now */
  readonly isBelowReserve: boolean;
  close(): Promise<void>;
}

/** Look once, then every two seconds. */
export async function watchDisk(options: DiskWatchOptions): Promise<DiskWatch> {
  const watch = new RunningWatch(options);
  await watch.start();
  return watch;
}

class RunningWatch implements DiskWatch {
  readonly #options: DiskWatchOptions;
  readonly #stop = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  #level: Level = 'fine';
  #isWalLarge = false;

  constructor(options: DiskWatchOptions) {
    this.#options = options;
  }

  get isBelowReserve(): boolean {
    return this.#level === 'reserve';
  }

  async start(): Promise<void> {
    await this.#look();
    this.#loop = this.#repeat();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #repeat(): Promise<void> {
    const { signal } = this.#stop;
    for (;;) {
      await this.#options.clock.sleep(LOOK_MS, signal);
      if (signal.aborted) return;
      await this.#look();
    }
  }

  async #look(): Promise<void> {
    const { folder, log } = this.#options;
    try {
      const { bavail, bsize } = await statfs(folder);
      const walBytes = (await stat(join(folder, 'portrait.db-wal')).catch(() => undefined))?.size ?? 0;
      if (this.#stop.signal.aborted) return; // the store may be closed by now
      this.#judge(bavail * bsize + this.#options.store.reusableBytes());
      this.#judgeWal(walBytes);
    } catch (error) {
      log.error({ err: error }, 'disk.fault');
    }
  }

  #judge(freeBytes: number): void {
    const { store, log, warnBytes, reserveBytes } = this.#options;
    const previous = this.#level;
    const level = levelOf(freeBytes, previous, { warnBytes, reserveBytes });
    if (level === previous) return;
    this.#level = level;
    store.refuseGrowth(level === 'reserve');
    const fields = { freeBytes, warnBytes, reserveBytes };
    if (level === 'reserve') log.error(fields, 'disk.reserve');
    else if (level === 'low' && previous === 'fine') log.warn(fields, 'disk.low');
    else log.info(fields, 'disk.freed');
  }

  #judgeWal(walBytes: number): void {
    const isLarge = walBytes > LARGE_WAL_BYTES;
    if (isLarge && !this.#isWalLarge) this.#options.log.warn({ walBytes }, 'disk.wal-large');
    this.#isWalLarge = isLarge;
  }
}

function levelOf(
  freeBytes: number,
  previous: Level,
  { warnBytes, reserveBytes }: { readonly warnBytes: number; readonly reserveBytes: number },
): Level {
  const isBelow = (bound: number, isIn: boolean): boolean => freeBytes < bound * (isIn ? MARGIN : 1);
  if (isBelow(reserveBytes, previous === 'reserve')) return 'reserve';
  return isBelow(warnBytes, previous !== 'fine') ? 'low' : 'fine';
}
