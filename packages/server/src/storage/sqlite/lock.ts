/** One process per data folder. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../../errors.ts';

/** SQLITE_BUSY */
const BUSY = 5;

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
    // Another Portrait would hold the lock for ever; `isLocked` of a doctor holds it for an instant.
    lock.exec('PRAGMA journal_mode = MEMORY; PRAGMA busy_timeout = 100; BEGIN EXCLUSIVE');
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

/**
 * Whether another process has the folder.
 *
 * @throws SQLite's error if that can't be seen
 */
export function isLocked(folder: string): boolean {
  const file = join(folder, 'lock.db');
  if (!existsSync(file)) return false;
  const lock = new DatabaseSync(file, { readOnly: true });
  try {
    lock.exec('PRAGMA busy_timeout = 0');
    lock.prepare('SELECT 1 FROM sqlite_schema').get();
    return false;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === BUSY) return true;
    throw error;
  } finally {
    lock.close();
  }
}

function pidOf(pidFile: string): string {
  try {
    return ` (process ${readFileSync(pidFile, 'utf8')})`;
  } catch {
    return '';
  }
}
