import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { systemClock } from '../clock.ts';
import { readServeConfig } from '../config.ts';
import { newCommand, option } from './command-line.ts';
import { printStep, printStepJson } from './demo/print-step.ts';
import { Failure } from './failure.ts';
import { print } from './output.ts';
import { nextStopSignal } from './stop-signal.ts';

interface Flags {
  readonly json?: boolean;
}

const DEADLINE_MS = 60_000;

/** `portrait demo`. */
export function demo(summary: string): Command {
  return newCommand('demo', {
    summary: `${summary}; ends by itself`,
    note: 'It needs nothing, keeps nothing, and speaks to nobody but itself: a server on a free\nport of 127.0.0.1 with its store in a temporary folder, a receiver and a client.',
    examples: ['portrait demo', 'portrait demo --json'],
  })
    .addOption(option('--json', 'print JSON for programs, one line for each step'))
    .action(showDemo);
}

async function showDemo({ json }: Flags): Promise<void> {
  const startedAt = systemClock.monotonic();
  const over = new AbortController();
  const cut = Promise.race([
    nextStopSignal().then((signal) => `It was stopped by ${signal}.`),
    systemClock.sleep(DEADLINE_MS, over.signal).then(() => `It did not end within ${DEADLINE_MS / 1000} s.`),
  ]).then((why) => Promise.reject(new Failure(why)));
  cut.catch(() => undefined); // it may come while nobody waits for it yet
  const folder = mkdtempSync(join(tmpdir(), 'portrait-demo-'));
  try {
    await playIn(folder, cut, json ? printStepJson : printStep);
  } finally {
    over.abort();
    await cut.catch(() => undefined);
    rmSync(folder, { recursive: true, force: true });
  }
  const durationMs = Math.round(systemClock.monotonic() - startedAt);
  if (json) print(JSON.stringify({ kind: 'done', durationMs }));
  else print(`\nThat was all, in ${(durationMs / 1000).toFixed(1)} s. A server of your own: npx portrait serve`);
}

/** Everything that is started here has ended when it resolves or rejects. */
async function playIn(
  folder: string,
  cut: Promise<never>,
  show: Parameters<typeof import('./demo/run-demo.ts').runDemo>[0]['show'],
): Promise<void> {
  const closers: (() => Promise<void>)[] = [];
  try {
    const { startReceiver } = await import('./demo/receiver.ts');
    const { runDemo } = await import('./demo/run-demo.ts');
    const { startServer } = await import('../serve.ts');
    const { createLog } = await import('../log.ts');
    const refused = Promise.withResolvers<never>();
    refused.promise.catch(() => undefined);
    const receiver = await startReceiver((why) =>
      refused.reject(new Failure(`The backend refused a callback: ${why}.`)),
    );
    closers.push(() => receiver.close());
    const flags = { host: '127.0.0.1', port: '0', data: folder, logLevel: 'silent', diskReserve: '0', diskWarn: '0' };
    const config = readServeConfig({ flags, env: {}, cwd: folder });
    const server = await startServer({ config, log: createLog('silent') });
    closers.push(() => server.close());
    await Promise.race([runDemo({ server, receiver, folder, show }), refused.promise, cut]);
  } finally {
    for (const close of closers.reverse()) await close();
  }
}
