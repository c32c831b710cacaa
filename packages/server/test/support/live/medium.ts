/** Media that fill up or refuse to be written to: only root can make them. */
import { execFile } from 'node:child_process';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { atEnd, type Owner } from './cleanup.ts';

const run = promisify(execFile);

/** Why such tests can't run here; false = they can. For the option `skip` of a test. */
export const NEEDS_ROOT: string | false =
  process.platform === 'linux' && process.getuid?.() === 0 ? false : 'mounts and file attributes need root on Linux';

/** Mount a file system of this size in memory; it goes with its owner. @returns its folder */
export async function mountSmallDisk(owner: Owner, megabytes: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'portrait-disk-'));
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'portrait-test', folder]);
  atEnd(owner, async () => {
    await run('umount', ['-l', folder]); // also when a failed test left a file open
    await rmdir(folder);
  });
  return folder;
}

/** Make a mounted folder that nobody has open read-only, or writable again. */
export async function remount(folder: string, mode: 'ro' | 'rw'): Promise<void> {
  await run('mount', ['-o', `remount,${mode}`, folder]);
}

/** Refuse writes to files, also through those who have them open; or let them again. */
export async function setImmutable(files: readonly string[], isImmutable: boolean): Promise<void> {
  await run('chattr', [isImmutable ? '+i' : '-i', ...files]);
}
