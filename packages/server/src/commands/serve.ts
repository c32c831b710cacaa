import type { Command } from 'commander';
import { readServeConfig, type ServeConfig, serveOptions } from '../config.ts';
import { StoreError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { RunningServer } from '../serve.ts';
import { addSettings, newCommand } from './command-line.ts';
import { describeListenError } from './describe-listen-error.ts';
import { Failure } from './failure.ts';
import { print } from './output.ts';
import { describeStart } from './serve/describe-start.ts';
import { nextStopSignal } from './stop-signal.ts';

/** `portrait serve`. */
export function serve(summary: string): Command {
  const command = newCommand('serve', {
    summary: `${summary}: REST, admin API and console on one port. SIGTERM or Ctrl-C stops it in order`,
    note: 'Also from the environment, as PORTRAIT_PORT, and from portrait.config.json\nin the working directory, as {"port": 9090}.',
    examples: ['portrait serve', 'portrait serve --port 9090 --data /var/lib/portrait --retention 30d'],
  });
  return addSettings(command, serveOptions()).action(runServer);
}

async function runServer(flags: Record<string, unknown>): Promise<void> {
  const stopped = nextStopSignal();
  goOnWithoutReader();
  const config = readServeConfig({ flags, env: process.env, cwd: process.cwd() });
  const { createLog } = await import('../log.ts');
  const log = createLog(config.logLevel);
  const running = await start(config, log);
  print(describeStart(config, running));
  const signal = await stopped;
  log.info({ signal }, 'serve.stopping');
  await running.close();
  log.info({}, 'serve.stopped');
}

async function start(config: ServeConfig, log: Log): Promise<RunningServer> {
  const { startServer } = await import('../serve.ts');
  try {
    return await startServer({ config, log });
  } catch (error) {
    throw new Failure(describeStartError(error, config), { cause: error });
  }
}

/** @throws the error itself if it is none that an operator can do something about */
function describeStartError(error: unknown, { host, port, dataDir, databaseUrl }: ServeConfig): string {
  if (error instanceof StoreError) {
    const where = databaseUrl === undefined ? `in ${dataDir}` : `at ${new URL(databaseUrl).host}`;
    return `The store ${where} can not be used: ${error.message}`;
  }
  const unheard = describeListenError(error, host, port);
  if (unheard !== undefined) return unheard;
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === undefined || path === undefined) throw error;
  return `The data folder ${dataDir} can not be used: ${code} at ${path}.`;
}

/** A server whose terminal is gone, or whose output fills a disk, goes on. */
function goOnWithoutReader(): void {
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
}
