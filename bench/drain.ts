/** 50,000 pending events drained to a fast local receiver, as a share of a bare undici loop that sends the same requests. Bar: 0.7. */
import { type Child, startChild, temporaryFolder } from './support/child.ts';
import { admin, portraitSets, prepare } from './support/client.ts';
import { control } from './support/control.ts';
import { runLoad } from './support/load.ts';
import { median, report } from './support/measure.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const EVENTS = 50_000;
const CONNECTIONS = 64;
const profileFlags = process.env.CPU_PROF ? ['--cpu-prof', `--cpu-prof-dir=${process.env.CPU_PROF}`] : [];

const receiver = await startChild('./receiver.ts');
const portrait = await startChild('./portrait-server.ts', ['--data', temporaryFolder()], profileFlags);
const app = await prepare(portrait);
const next = portraitSets(app);
let made = 0;
await runLoad({
  port: portrait.port,
  connections: CONNECTIONS,
  durationMs: 600_000,
  next,
  check: () => true,
  enough: () => {
    made += 1;
    return made >= EVENTS;
  },
});

/** @returns callbacks per second from the first arrival to the last */
async function drain(): Promise<number> {
  await control(receiver, 'reset', { target: EVENTS });
  const url = `http://127.0.0.1:${receiver.port}/callback`;
  const settings = { url, token: 'token', startFrom: 'beginning', concurrency: CONNECTIONS };
  const { endpointId } = await admin(portrait, 'POST', `/apps/${app.sdkAppId}/endpoints`, settings);
  const { milliseconds } = await control<{ milliseconds: number }>(receiver, 'reached');
  await admin(portrait, 'DELETE', `/apps/${app.sdkAppId}/endpoints/${endpointId}`);
  return (EVENTS / milliseconds) * 1_000;
}

async function bareLoop(template: object): Promise<number> {
  await control(receiver, 'reset', { target: EVENTS });
  const args = [receiver.port, EVENTS, CONNECTIONS].map(String);
  const sender: Child = await startChild('./bare-sender.ts', [...args, JSON.stringify(template)]);
  const { milliseconds } = await control<{ milliseconds: number }>(receiver, 'reached');
  await sender.stop();
  return (EVENTS / milliseconds) * 1_000;
}

const sample = await admin(portrait, 'POST', `/apps/${app.sdkAppId}/endpoints`, {
  url: `http://127.0.0.1:${receiver.port}/callback`,
  token: 'token',
});
const { request: sent } = await admin(portrait, 'POST', `/apps/${app.sdkAppId}/endpoints/${sample.endpointId}/test`);
await admin(portrait, 'DELETE', `/apps/${app.sdkAppId}/endpoints/${sample.endpointId}`);
const url = new URL(sent.url);
const template = { path: url.pathname + url.search, headers: sent.headers, body: sent.body };

const ratios: number[] = [];
await bareLoop(template);
await drain();
for (let round = 0; round < ROUNDS; round += 1) {
  const limit = await bareLoop(template);
  const ours = await drain();
  ratios.push(ours / limit);
  report(`drain round ${round + 1}`, { bare: limit, portrait: ours });
}
report('drain', { ratio: median(ratios), bar: 0.7 });
await portrait.stop();
await receiver.stop();
