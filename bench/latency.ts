/** From the reply to the caller to the arrival of the callback, at 1,000 changes a second. Bars: p50 3 ms, p99 15 ms. */
import { startChild, temporaryFolder } from './support/child.ts';
import { admin, paced, prepare } from './support/client.ts';
import { control } from './support/control.ts';
import { percentile, report } from './support/measure.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 3);
const PER_SECOND = 1_000;
const SECONDS = 10;

const receiver = await startChild('./receiver.ts');
const portrait = await startChild('./portrait-server.ts', ['--data', temporaryFolder()]);
const app = await prepare(portrait);
await admin(portrait, 'POST', `/apps/${app.sdkAppId}/endpoints`, {
  url: `http://127.0.0.1:${receiver.port}/callback`,
  token: 'token',
});

async function round(): Promise<number[]> {
  const total = PER_SECOND * SECONDS;
  await control(receiver, 'reset', { target: total, arrivals: true });
  const repliedAt = await paced({ server: portrait, app, perSecond: PER_SECOND, total });
  await control(receiver, 'reached');
  const arrivals = await control<[index: number, at: number][]>(receiver, 'arrivals');
  const waits = arrivals.map(([index, at]) => at - (repliedAt.get(index) ?? Number.NaN));
  // a callback may arrive before its caller has read the reply: that is no wait
  return waits.map((wait) => Math.max(0, wait)).sort((a, b) => a - b);
}

await round();
const p50s: number[] = [];
const p99s: number[] = [];
for (let index = 0; index < ROUNDS; index += 1) {
  const waits = await round();
  p50s.push(percentile(waits, 0.5));
  p99s.push(percentile(waits, 0.99));
  report(`latency round ${index + 1}`, {
    p50: percentile(waits, 0.5),
    p99: percentile(waits, 0.99),
    max: percentile(waits, 1),
  });
}
report('latency (ms)', {
  p50: percentile(
    p50s.sort((a, b) => a - b),
    0.5,
  ),
  bar50: 3,
  p99: percentile(
    p99s.sort((a, b) => a - b),
    0.5,
  ),
  bar99: 15,
});
await portrait.stop();
await receiver.stop();
