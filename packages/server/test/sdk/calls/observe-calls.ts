/** All calls of one script against a running server. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { CallsStart, Observed } from './observation.ts';

const PROGRAM = fileURLToPath(new URL('./make-calls.ts', import.meta.url));

/** Make them in a process of its own, which is over when this resolves. @throws Error with what the process printed */
export async function observeCalls(start: CallsStart): Promise<Observed> {
  const child = fork(PROGRAM, [JSON.stringify(start)], {
    execArgv: [],
    env: {},
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let observed: Observed | undefined;
  let printed = '';
  child.on('message', (message: Observed) => {
    observed = message;
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    printed += chunk;
  });
  await once(child, 'close');
  if (!observed) throw new Error(`${start.script}: the calls ended early: ${printed}`);
  return observed;
}
