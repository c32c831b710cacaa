/** One process per data folder. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../../errors.ts';

/**
 * Take the folder for this process. The lock is a file lock of the operating system, held through an open transaction on
 * a database of its own: it ends with the process, however that dies, and leaves the real database readable to others.
 *
 * @returns gives the folder free
 * @throws StoreError `refused` if another process has it
 */
export function lockFolder(folder: string): () => void {
  const pidFile = join(folder, 'lock.pid');
  const lock = new DatabaseSync(join(folder, 'lock.db'));
  try {
    // No journal file: nothing is ever written, and a read-only folder must stay lockable.
    lock.exec('PRAGMA journal_mode = MEMORY; PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    throw new StoreError('refused', `The data folder ${folder} is in use by another Portrait${pidOf(pidFile)}.`, {
      cause,
    });
  }
  try {
    writeFileSync(pidFile, String(process.pid));
  } catch {
    // Only makes the sentence above more helpful.
  }
  return () => lock.close();
}

function pidOf(pidFile: string): string {
  try {
    return ` (process ${readFileSync(pidFile, 'utf8')})`;
  } catch {
    return '';
  }
}
