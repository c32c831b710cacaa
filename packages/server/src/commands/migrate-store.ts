import type { Command } from 'commander';
import { systemClock } from '../clock.ts';
import { readServeConfig, serveOptions, UsageError } from '../config.ts';
import { StoreError } from '../errors.ts';
import { addSettings, newCommand, option } from './command-line.ts';
import { Failure } from './failure.ts';
import { print, printJson, shortestPath } from './output.ts';

/** Time between two lines of progress. */
const TELL_EVERY_MS = 1_000;

/** `portrait migrate-store`. */
export function migrateStore(summary: string): Command {
  const command = newCommand('migrate-store', {
    summary,
    note: 'Stop the server first: nothing may change meanwhile. Broken off, it goes on where it\nwas when it is called again. The folder stays as it is.',
    examples: ['portrait migrate-store --data /var/lib/portrait --database-url postgres://portrait:secret@db/portrait'],
  }).addOption(option('--json', 'print JSON for programs'));
  const settings = serveOptions().filter(({ flags }) => /^--(data|database-url) /.test(flags));
  return addSettings(command, settings).action(move);
}

async function move({ json, ...flags }: { readonly json?: boolean } & Record<string, unknown>): Promise<void> {
  const { dataDir: folder, databaseUrl: url } = readServeConfig({ flags, env: process.env, cwd: process.cwd() });
  if (url === undefined) throw new UsageError('migrate-store takes --database-url, the database to be filled.');
  const { moveStore } = await import('../migrate-store.ts');
  let toldAt = 0;
  const onProgress = (what: string, done: number, total: number): void => {
    if (json || systemClock.monotonic() - toldAt < TELL_EVERY_MS) return;
    toldAt = systemClock.monotonic();
    print(`${done} of ${total} ${what}`);
  };
  try {
    const counts = await moveStore({ folder, url, onProgress });
    if (json) printJson(counts);
    else {
      const { apps, endpoints, profiles, events, attempts, waiting } = counts;
      print(
        `All of ${shortestPath(folder)} is in ${new URL(url).host}${new URL(url).pathname}, counted on both sides: ${apps} apps, ${endpoints} endpoints, ${profiles} profiles, ${events} events, ${attempts} attempts, ${waiting} deliveries that wait.`,
      );
    }
  } catch (error) {
    if (error instanceof StoreError) throw new Failure(error.message, { cause: error });
    throw error;
  }
}
