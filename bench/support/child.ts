/** Processes that a measurement runs against. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A process that has said where it listens. */
export interface Child {
  readonly pid: number;
  readonly port: number;
  /** what it printed as JSON when it was ready */
  readonly ready: Readonly<Record<string, unknown>>;
  stop(): Promise<void>;
}

/** Start a script of bench/support that prints one JSON line with its port when it is ready. */
export async function startChild(
  script: string,
  args: readonly string[] = [],
  nodeFlags: readonly string[] = [],
): Promise<Child> {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, ['--conditions=source', ...nodeFlags, file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // also when the measurement fails
  const kill = (): void => void child.kill('SIGTERM');
  process.once('exit', kill);
  const ready = await firstJsonLine(child);
  return {
    pid: child.pid ?? 0,
    port: Number(ready.port),
    ready,
    async stop() {
      const ended = once(child, 'exit');
      kill();
      await ended;
      process.off('exit', kill);
    },
  };
}

async function firstJsonLine(child: ChildProcess): Promise<Record<string, unknown>> {
  if (!child.stdout) throw new Error('no stdout');
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('{')) {
      child.stdout.resume();
      return JSON.parse(line);
    }
  }
  throw new Error('the process ended before it was ready');
}

/** Make a folder that is removed when the process ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'portrait-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
