/** Rights, kind of file system and free space of the data folder. */
import { accessSync, constants, existsSync, type Stats, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ServeConfig } from '../config.ts';
import type { Check } from './check.ts';

type Config = Pick<ServeConfig, 'dataDir' | 'diskWarnBytes' | 'diskReserveBytes'>;

/** By the number that Linux gives them: SQLite's write-ahead log does not work across machines. */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0x00c36400, 'Ceph'],
  [0x01021997, '9P'],
]);
/** Hold secrets: for the server's user alone. */
const SECRET_FILES = ['portrait.db', 'portrait.db-wal', 'admin-token'] as const;

/** @returns one check that is ok, or what is wrong */
export function checkDataFolder(config: Config): readonly Check[] {
  const { dataDir } = config;
  if (!existsSync(dataDir)) {
    const isWritable = canWrite(nearestFolder(dataDir));
    if (isWritable) return [make('skipped', `${dataDir} is not there yet: the first start makes it.`)];
    const advice = 'Make it, and give it to the user the server runs as.';
    return [make('problem', `${dataDir} is not there, and this user can not make it.`, advice)];
  }
  if (!statSync(dataDir).isDirectory())
    return [make('problem', `${dataDir} is no folder.`, 'Name another with --data.')];
  const checks = [...checkRights(dataDir), ...checkFileSystem(config)];
  return checks.some(({ status }) => status !== 'ok')
    ? checks.filter(({ status }) => status !== 'ok')
    : checks.slice(-1);
}

function checkRights(dataDir: string): readonly Check[] {
  const checks: Check[] = [];
  const folder = statSync(dataDir);
  const user = process.geteuid?.();
  if (user !== undefined && folder.uid !== user && user !== 0) {
    const what = `${dataDir} belongs to user ${folder.uid}, and this is user ${user}.`;
    checks.push(make('warning', what, 'Run doctor, and the server, as the user it belongs to.'));
  }
  if (!canWrite(dataDir)) {
    checks.push(
      make('problem', `${dataDir} can not be written by this user.`, `Give it to the user the server runs as.`),
    );
  }
  if (isOpenToOthers(folder)) {
    checks.push(make('warning', `${dataDir} is open to other users (mode ${modeOf(folder)}).`, `chmod 700 ${dataDir}`));
  }
  for (const name of SECRET_FILES) {
    const file = join(dataDir, name);
    if (!existsSync(file)) continue;
    const stats = statSync(file);
    // as long as nobody else gets into the folder, nobody gets to the file
    if (isOpenToOthers(stats) && isOpenToOthers(folder)) {
      checks.push(
        make(
          'problem',
          `${file} holds secrets and is open to other users (mode ${modeOf(stats)}).`,
          `chmod 600 ${file}`,
        ),
      );
    }
    if (!canWrite(file)) {
      checks.push(
        make('problem', `${file} can not be written by this user.`, 'Give it to the user the server runs as.'),
      );
    }
  }
  return checks;
}

function checkFileSystem({ dataDir, diskWarnBytes, diskReserveBytes }: Config): readonly Check[] {
  const { type, bavail, bsize } = statfsSync(dataDir);
  const network = NETWORK_FILE_SYSTEMS.get(type);
  const freeBytes = bavail * bsize;
  const free = `${dataDir} has ${Math.floor(freeBytes / 1024 ** 2)} MB of free space`;
  const checks: Check[] = [];
  if (network !== undefined) {
    const what = `${dataDir} lies on a network file system (${network}), on which the store can break.`;
    checks.push(make('problem', what, 'Move it to a local disk.'));
  }
  if (freeBytes < diskReserveBytes) {
    const what = `${free}, less than --disk-reserve: changes are refused.`;
    checks.push(make('problem', what, 'Make space, or lower --retention.'));
  } else if (freeBytes < diskWarnBytes) {
    checks.push(make('warning', `${free}, less than --disk-warn.`, 'Make space before changes are refused.'));
  } else {
    checks.push(make('ok', `${free}, and this user can write it.`));
  }
  return checks;
}

function nearestFolder(path: string): string {
  return existsSync(path) ? path : nearestFolder(dirname(path));
}

function canWrite(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function isOpenToOthers({ mode }: Stats): boolean {
  return process.platform !== 'win32' && (mode & 0o077) !== 0;
}

function modeOf({ mode }: Stats): string {
  return (mode & 0o777).toString(8);
}

function make(status: Check['status'], what: string, advice?: string): Check {
  return { area: 'data folder', status, what, ...(advice !== undefined && { advice }) };
}
