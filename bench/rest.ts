/** Durable portrait_set over 64 connections, as a share of a bare node:http server that parses the same body. Bar: 0.6. */
import { startChild, temporaryFolder } from './support/child.ts';
import { portraitSets, prepare } from './support/client.ts';
import { type LoadResult, runLoad } from './support/load.ts';
import { median, report } from './support/measure.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const CONNECTIONS = 64;
const DURATION_MS = 3_000;
const profileFlags = process.env.CPU_PROF ? ['--cpu-prof', `--cpu-prof-dir=${process.env.CPU_PROF}`] : [];

const bare = await startChild('./bare-server.ts');
const portrait = await startChild('./portrait-server.ts', ['--data', temporaryFolder()], profileFlags);
const next = portraitSets(await prepare(portrait));
const check = (answer: string): boolean => answer.includes('"ErrorCode":0');
const run = (port: number): Promise<LoadResult> =>
  runLoad({ port, connections: CONNECTIONS, durationMs: DURATION_MS, next, check });

const ratios: number[] = [];
await run(bare.port);
await run(portrait.port);
for (let round = 0; round < ROUNDS; round += 1) {
  const limit = await run(bare.port);
  const ours = await run(portrait.port);
  ratios.push(ours.perSecond / limit.perSecond);
  report(`rest round ${round + 1}`, {
    bare: limit.perSecond,
    portrait: ours.perSecond,
    p50: ours.p50,
    p99: ours.p99,
    failures: ours.failures,
  });
}
report('rest', { ratio: median(ratios), bar: 0.6 });
await portrait.stop();
await bare.stop();
