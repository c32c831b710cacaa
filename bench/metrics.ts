/** One page of `/metrics` with 200 endpoints that all have a backlog: processor time, and time to the last byte. Bar: 20 ms. */
import { setTimeout as wait } from 'node:timers/promises';
import { request } from 'undici';
import { startChild, temporaryFolder } from './support/child.ts';
import { admin, portraitSets, prepare } from './support/client.ts';
import { runLoad } from './support/load.ts';
import { median, report } from './support/measure.ts';
import { residentMb, watchCpu } from './support/usage.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 20);
const ENDPOINTS = Number(process.env.ENDPOINTS ?? 200);
/** So long a page is kept. */
const PAGE_LIFE_MS = 1_050;

const receiver = await startChild('./receiver.ts');
const portrait = await startChild('./portrait-server.ts', ['--data', temporaryFolder()]);
const app = await prepare(portrait);
const endpoints = `/apps/${app.sdkAppId}/endpoints`;
const next = portraitSets(app);
const change = (): Promise<unknown> =>
  runLoad({ port: portrait.port, connections: 4, durationMs: 500, next, check: () => true });

const url = `http://127.0.0.1:${receiver.port}/callback`;
const made = await Promise.all(Array.from({ length: ENDPOINTS }, () => admin(portrait, 'POST', endpoints, { url })));
// each has been sent to, and is behind then
await change();
for (const { endpointId } of made) await admin(portrait, 'POST', `${endpoints}/${endpointId}/pause`);
await change();

const before = residentMb(portrait.pid);
const times: number[] = [];
let text = '';
const page = async (): Promise<number> => {
  const startedAt = performance.now();
  const answer = await request(`http://127.0.0.1:${portrait.port}/metrics`);
  text = await answer.body.text();
  return performance.now() - startedAt;
};
// it loads prom-client
report('metrics first page', { ms: await page() });

/** @returns milliseconds of processor time for each round of `run`, with the pause that follows */
async function cpuOf(run: () => Promise<void>): Promise<number> {
  const cores = watchCpu(portrait.pid);
  const startedAt = performance.now();
  for (let round = 0; round < ROUNDS; round += 1) {
    await run();
    await wait(PAGE_LIFE_MS);
  }
  return (cores() * (performance.now() - startedAt)) / ROUNDS;
}
const idle = await cpuOf(async () => undefined);
const asked = await cpuOf(async () => void times.push(await page()));
const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
const sorted = times.toSorted((a, b) => a - b);
report('metrics', {
  cpuMs: asked - idle,
  p50: median(times),
  longest: sorted.at(-1) ?? 0,
  barMs: 20,
  lines,
  kB: text.length / 1_000,
});
report('metrics memory', { beforeMb: before, afterMb: residentMb(portrait.pid) });
await portrait.stop();
await receiver.stop();
