/** Copies a store while a server works on it, or while none does. */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../../errors.ts';
import { checkOwner } from './migrate.ts';

/**
 * Write all of a data folder's database to a new file, as it is at one moment: every change that was answered before the call is in it.
 *
 * VACUUM INTO reads in one transaction, beside the server, which goes on writing. The backup interface of SQLite starts over whenever
 * another process writes, so that it never ends on a busy server.
 *
 * @param file  made with mode 600; it must not be there. It appears when it is whole and on the disk
 * @returns its size in bytes
 * @throws StoreError `missing` there is no store; `exists` there is a file; `refused` with the cause
 */
export function backUpStore(folder: string, file: string): number {
  const source = join(folder, 'portrait.db');
  if (!existsSync(source)) throw new StoreError('missing', `There is no store in ${folder}.`);
  if (existsSync(file)) throw new StoreError('exists', `${file} is there already.`);
  const partial = `${file}.partial`;
  try {
    rmSync(partial, { force: true }); // of a backup that was cut off
    closeSync(openSync(partial, 'wx', 0o600));
    copy(source, partial);
    sync(partial);
    renameSync(partial, file);
    sync(dirname(file));
    return statSync(file).size;
  } catch (cause) {
    rmSync(partial, { force: true });
    if (cause instanceof StoreError) throw cause;
    throw new StoreError('refused', `${source} can not be copied: ${(cause as Error).message}.`, { cause });
  }
}

function copy(source: string, target: string): void {
  const db = new DatabaseSync(source, { readOnly: true });
  try {
    checkOwner(db);
    db.prepare('VACUUM INTO ?').run(target);
  } finally {
    db.close();
  }
}

/** SQLite leaves it to the caller to bring such a copy to the disk. */
function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
