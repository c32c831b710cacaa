/** The live tail at 500 changes a second: it keeps up. How long its tasks take is told, not judged: other work of the machine counts in. */
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startBrowser } from '../sdk/support/browser.ts';
import { startReceiver } from '../support/live/receiver.ts';
import { nick } from '../support/live/test-app.ts';
import { startTestServer } from '../support/live/test-server.ts';
import { openConsole } from './support/console-page.ts';

const PER_SECOND = 500;
const SECONDS = 10;

test('500 a second for 10 s: each shows', async (t) => {
  const server = await startTestServer(t);
  const app = await server.createApp();
  await app.addEndpoint((await startReceiver(t)).url);
  const users = Array.from({ length: 200 }, (_, number) => `user${number}`);
  await app.importUsers(...users);
  const browser = await startBrowser(t);
  const page = await openConsole(t, { browser, server, path: `/${app.sdkAppId}/deliveries` });
  await page.getByText('No change yet').waitFor();
  await page.evaluate(`
    globalThis.tasks = [];
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: 'longtask' });
  `);
  const startedAt = performance.now();
  const sent: Promise<unknown>[] = [];
  for (let count = 0; count < PER_SECOND * SECONDS; count += 1) {
    const dueMs = (count / PER_SECOND) * 1_000 - (performance.now() - startedAt);
    if (dueMs > 5) await delay(dueMs);
    sent.push(app.set(users[count % users.length] ?? '', nick(`n${count}`)));
  }
  await Promise.all(sent);
  const tookMs = performance.now() - startedAt;
  await page.getByText(`${(PER_SECOND * SECONDS).toLocaleString('en-GB')} deliveries`).waitFor();
  const tasks = (await page.evaluate('tasks')) as number[];
  const longest = Math.max(0, ...tasks);
  t.diagnostic(
    `${Math.round((sent.length / tookMs) * 1_000)} changes/s, ${tasks.length} tasks over 50 ms, the longest ${longest} ms`,
  );
});
