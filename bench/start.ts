/** Start to ready, and memory when nothing happens. Bars: 0.7 s, 90 MB. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { temporaryFolder } from './support/child.ts';
import { median, report } from './support/measure.ts';
import { residentMb } from './support/usage.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const IDLE_MS = 5_000;
const BIN = process.env.PORTRAIT_BIN ?? fileURLToPath(new URL('../packages/server/bin/portrait.js', import.meta.url));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

async function isReady(port: number): Promise<boolean> {
  try {
    const answer = await request(`http://127.0.0.1:${port}/readyz`);
    await answer.body.dump();
    return answer.statusCode === 200;
  } catch {
    return false;
  }
}

async function round(data: string): Promise<{ readyMs: number; idleMb: number }> {
  const port = await freePort();
  const startedAt = performance.now();
  const server = spawn(process.execPath, [BIN, 'serve', '--port', String(port), '--data', data], { stdio: 'ignore' });
  while (!(await isReady(port))) {
    if (server.exitCode !== null) throw new Error(`${BIN} ended before it was ready`);
    await wait(5);
  }
  const readyMs = performance.now() - startedAt;
  await wait(IDLE_MS);
  const idleMb = residentMb(server.pid ?? 0);
  server.kill('SIGTERM');
  await once(server, 'exit');
  return { readyMs, idleMb };
}

const data = temporaryFolder();
await round(data);
const rounds: { readyMs: number; idleMb: number }[] = [];
for (let index = 0; index < ROUNDS; index += 1) {
  const result = await round(data);
  rounds.push(result);
  report(`start round ${index + 1}`, result);
}
report('start', {
  readyMs: median(rounds.map(({ readyMs }) => readyMs)),
  barMs: 700,
  idleMb: median(rounds.map(({ idleMb }) => idleMb)),
  barMb: 90,
});
