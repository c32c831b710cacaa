import { resolve } from 'node:path';
import type { Command } from 'commander';
import { clientOptions, readClientConfig } from '../config.ts';
import { StoreError } from '../errors.ts';
import { addSettings, newCommand, option } from './command-line.ts';
import { Failure } from './failure.ts';
import { print, printJson, shortestPath } from './output.ts';

/** `portrait backup <file>`. */
export function backup(summary: string): Command {
  const command = newCommand('backup', {
    summary: `${summary}, while the server runs or not`,
    note: 'To be run where the data folder is, as the user the server runs as. The admin\ntoken lies in a file of its own beside it, and is not in the copy.',
    examples: ['portrait backup /backups/portrait-monday.db', 'portrait backup --data /var/lib/portrait copy.db'],
  })
    .argument('<file>', 'the copy, which must not be there yet')
    .addOption(option('--json', 'print JSON for programs'));
  const settings = clientOptions({ withApp: false }).filter(({ flags }) => flags.startsWith('--data '));
  return addSettings(command, settings).action(writeBackup);
}

async function writeBackup(rawFile: string, flags: { readonly json?: boolean }): Promise<void> {
  const { dataDir } = readClientConfig({ flags: { ...flags }, env: process.env, cwd: process.cwd() });
  const { backUpStore } = await import('../backup.ts');
  const file = resolve(rawFile);
  try {
    const bytes = backUpStore(dataDir, file);
    if (flags.json) printJson({ file, bytes });
    else print(`${shortestPath(file)} holds all of ${shortestPath(dataDir)}: ${Math.ceil(bytes / 1024 ** 2)} MB.`);
  } catch (error) {
    if (error instanceof StoreError) throw new Failure(error.message, { cause: error });
    throw error;
  }
}
