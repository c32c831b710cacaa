/**
 * What a replay costs live callbacks: from the reply to the arrival at 500 changes a second, alone and while 50,000 deliveries are sent
 * again, to the same endpoint and to another one of the app, at the rate that a replay has by default and at the highest.
 */
import { startChild, temporaryFolder } from './support/child.ts';
import { admin, paced, portraitSets, prepare } from './support/client.ts';
import { control } from './support/control.ts';
import { runLoad } from './support/load.ts';
import { median, percentile, report } from './support/measure.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 3);
const REPLAYED = 50_000;
const PER_SECOND = 500;
const SECONDS = 10;
const RATES = [50, 1_000];

const receivers = [await startChild('./receiver.ts'), await startChild('./receiver.ts')] as const;
const portrait = await startChild('./portrait-server.ts', ['--data', temporaryFolder()]);
const app = await prepare(portrait);
const path = `/apps/${app.sdkAppId}`;
const endpoints: string[] = [];
for (const { port } of receivers) {
  const body = { url: `http://127.0.0.1:${port}/callback`, token: 'token' };
  endpoints.push((await admin(portrait, 'POST', `${path}/endpoints`, body)).endpointId);
}
const [measured, other] = endpoints as [string, string];

for (const receiver of receivers) await control(receiver, 'reset', { target: REPLAYED });
let sent = 0;
const next = portraitSets(app);
await runLoad({
  port: portrait.port,
  connections: 64,
  durationMs: 600_000,
  next: () => {
    sent += 1;
    return next();
  },
  check: (answer) => answer.includes('"ErrorCode":0'),
  enough: () => sent >= REPLAYED,
});
for (const receiver of receivers) await control(receiver, 'reached');

interface Round {
  /** of live callbacks at the measured endpoint, ascending */
  readonly waits: number[];
  readonly replayedPerSecond: number;
}

/** Live callbacks for a while. @param replay  what is sent again meanwhile */
async function round(replay?: { readonly endpointId: string; readonly ratePerSecond: number }): Promise<Round> {
  const [receiver] = receivers;
  const total = PER_SECOND * SECONDS;
  const job = replay && (await admin(portrait, 'POST', `${path}/replay`, { from: '0', ...replay }));
  if (job && job.total < REPLAYED) throw new Error(`only ${job.total} deliveries would be sent again`);
  const startedAt = performance.now();
  await control(receiver, 'reset', { target: total, arrivals: true });
  const repliedAt = await paced({ server: portrait, app, perSecond: PER_SECOND, total });
  await control(receiver, 'reached');
  const seconds = (performance.now() - startedAt) / 1_000;
  const ended = job && (await admin(portrait, 'POST', `${path}/replays/${job.jobId}/cancel`));
  const arrivals = await control<[index: number, at: number][]>(receiver, 'arrivals');
  const waits = arrivals.map(([index, at]) => Math.max(0, at - (repliedAt.get(index) ?? Number.NaN)));
  return { waits: waits.sort((a, b) => a - b), replayedPerSecond: (ended?.delivered ?? 0) / seconds };
}

const CASES = [
  { name: 'alone', replay: undefined },
  ...RATES.flatMap((ratePerSecond) => [
    { name: `replay to another, ${ratePerSecond}/s`, replay: { endpointId: other, ratePerSecond } },
    { name: `replay to the same, ${ratePerSecond}/s`, replay: { endpointId: measured, ratePerSecond } },
  ]),
];

await round();
const results = new Map(
  CASES.map(({ name }) => [name, { p50: [] as number[], p99: [] as number[], perSecond: [] as number[] }]),
);
for (let index = 0; index < ROUNDS; index += 1) {
  for (const { name, replay } of CASES) {
    const { waits, replayedPerSecond } = await round(replay);
    results.get(name)?.p50.push(percentile(waits, 0.5));
    results.get(name)?.p99.push(percentile(waits, 0.99));
    results.get(name)?.perSecond.push(replayedPerSecond);
  }
}
const alone = results.get('alone') ?? { p50: [], p99: [] };
for (const [name, { p50, p99, perSecond }] of results) {
  report(name, {
    p50: median(p50),
    p99: median(p99),
    p50Ratio: median(p50) / median(alone.p50),
    p99Ratio: median(p99) / median(alone.p99),
    replayed: median(perSecond),
  });
}
await portrait.stop();
for (const receiver of receivers) await receiver.stop();
