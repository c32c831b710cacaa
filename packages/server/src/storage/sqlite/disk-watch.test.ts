import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { until } from '../../../test/support/until.ts';
import { createLog } from '../../log.ts';
import { type DiskWatch, watchDisk } from './disk-watch.ts';

/** More than any file system of a test has free, so that what is "reusable" decides. */
const RESERVE_BYTES = 2 ** 60;
const WARN_BYTES = 2 ** 61;

interface Watched {
  readonly watch: DiskWatch;
  readonly lines: readonly { readonly level: string; readonly msg: string }[];
  readonly refusals: readonly boolean[];
  readonly folder: string;
  readonly clock: FakeClock;
  /** Time passes until the watch has looked once more, at this much space. */
  look(reusableBytes: number): Promise<void>;
}

async function begin(
  t: TestContext,
  options: { reusableBytes: number; warnBytes?: number; reserveBytes?: number },
): Promise<Watched> {
  const folder = await mkdtemp(join(tmpdir(), 'portrait-watch-'));
  const clock = new FakeClock();
  const lines: { level: string; msg: string }[] = [];
  const refusals: boolean[] = [];
  let [bytes, looks] = [options.reusableBytes, 0];
  const store = {
    reusableBytes: () => {
      looks += 1;
      return bytes;
    },
    refuseGrowth: (isRefused: boolean) => refusals.push(isRefused),
  };
  const { warnBytes = WARN_BYTES, reserveBytes = RESERVE_BYTES } = options;
  const log = createLog('info', { write: (line) => lines.push(JSON.parse(line)) });
  const watch = await watchDisk({ folder, store, clock, log, warnBytes, reserveBytes });
  t.after(async () => {
    await watch.close();
    await rm(folder, { recursive: true });
  });
  const look = async (reusableBytes: number): Promise<void> => {
    bytes = reusableBytes;
    const before = looks;
    clock.advance(2_000);
    // what comes behind the look is done when the watch sleeps again
    await until(() => looks > before && clock.pending > 0, { what: () => 'the watch to look' });
  };
  return { watch, lines, refusals, folder, clock, look };
}

const names = ({ lines }: Watched): string[] => lines.map(({ level, msg }) => `${level} ${msg}`);

describe('watchDisk', () => {
  test('tells of each crossing once, and refuses growth below the reserve', async (t) => {
    const watched = await begin(t, { reusableBytes: WARN_BYTES });
    const { watch, refusals, look } = watched;
    assert.deepEqual([names(watched), watch.isBelowReserve], [[], false]);
    await look(WARN_BYTES * 0.9);
    await look(WARN_BYTES * 0.8);
    assert.deepEqual(names(watched), ['warn disk.low']);
    await look(RESERVE_BYTES * 0.9);
    await look(RESERVE_BYTES * 0.5);
    assert.deepEqual(names(watched), ['warn disk.low', 'error disk.reserve']);
    assert.deepEqual([refusals.at(-1), watch.isBelowReserve], [true, true]);
    await look(RESERVE_BYTES * 1.04);
    assert.equal(watch.isBelowReserve, true, 'a little more is not enough');
    await look(RESERVE_BYTES * 1.06);
    assert.deepEqual([refusals.at(-1), watch.isBelowReserve], [false, false]);
    await look(WARN_BYTES * 1.06);
    assert.deepEqual(names(watched).slice(2), ['info disk.freed', 'info disk.freed']);
  });

  test('a start on a disk that is nearly full refuses from the first moment', async (t) => {
    const watched = await begin(t, { reusableBytes: 0 });
    assert.deepEqual([names(watched), watched.refusals], [['error disk.reserve'], [true]]);
  });

  test('without bounds it says nothing', async (t) => {
    const watched = await begin(t, { reusableBytes: 0, warnBytes: 0, reserveBytes: 0 });
    await watched.look(0);
    assert.deepEqual([names(watched), watched.refusals], [[], []]);
  });

  test('tells of a write-ahead log that grows beyond measure, once', async (t) => {
    const watched = await begin(t, { reusableBytes: WARN_BYTES });
    const wal = join(watched.folder, 'portrait.db-wal');
    await writeFile(wal, '');
    await watched.look(WARN_BYTES);
    await truncate(wal, 300 * 1024 * 1024); // a hole: takes no space
    await watched.look(WARN_BYTES);
    await watched.look(WARN_BYTES);
    assert.deepEqual(names(watched), ['warn disk.wal-large']);
  });

  test('what can not be looked at is a fault in the log, and the next look comes', async (t) => {
    const watched = await begin(t, { reusableBytes: WARN_BYTES });
    await rm(watched.folder, { recursive: true });
    watched.clock.advance(2_000);
    await until(() => names(watched).includes('error disk.fault') && watched.clock.pending > 0, {
      what: () => 'the fault',
    });
    await mkdir(watched.folder);
    await watched.look(0);
    assert.deepEqual(names(watched), ['error disk.fault', 'error disk.reserve']);
  });
});
