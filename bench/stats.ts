/** What statistics cost: counting, storing a minute, reading a week of a busy app. `node --conditions=source bench/stats.ts` */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../packages/server/src/clock.ts';
import { Directory } from '../packages/server/src/directory.ts';
import { createLog } from '../packages/server/src/log.ts';
import { addLatency } from '../packages/server/src/stats/latency-histogram.ts';
import { emptyCounts, formatCounts } from '../packages/server/src/stats/stat-counts.ts';
import { Stats } from '../packages/server/src/stats/stats.ts';
import { openSqliteStore } from '../packages/server/src/storage/sqlite/open.ts';
import { sampleApp, sampleEndpoint, sampleEvent } from '../packages/server/test/support/samples.ts';

const MINUTES = 7 * 1_440;
const COUNTED = 200_000;
const READS = 5;

const folder = mkdtempSync(join(tmpdir(), 'portrait-bench-stats-'));
const store = openSqliteStore({ folder, clock: systemClock });
try {
  const app = sampleApp();
  await store.createApp(app);
  const directory = await Directory.load(store);
  const progress = () => [];
  const stats = new Stats({ store, directory, clock: systemClock, log: createLog('silent'), progress });

  const event = sampleEvent({ seq: 1, atMs: Date.now() });
  const attempt = { seq: 1, number: 1, atMs: Date.now(), outcome: 'delivered' as const, durationMs: 1.3 };
  const post = { endpoint: sampleEndpoint(), event, attempt, isResend: false };
  const countAt = performance.now();
  for (let count = 0; count < COUNTED; count += 1) {
    stats.changed(app.sdkAppId);
    stats.attempted(post);
  }
  const perChangeUs = ((performance.now() - countAt) / COUNTED) * 1_000;

  // a busy app: latencies from 0.3 ms to 2 s in every minute of a week
  const counts = { ...emptyCounts(), changes: 60_000, delivered: 59_980, firstAttempt: 59_900, failed: 80, dead: 2 };
  for (let step = 0; step < 400; step += 1) addLatency(counts.latency, 0.3 * 1.022 ** step);
  const text = formatCounts(counts);
  const lastMs = Date.now() - (Date.now() % 60_000) - 60_000;
  for (let at = 0; at < MINUTES; at += 500) {
    const rows = Array.from({ length: Math.min(500, MINUTES - at) }, (_, index) => ({
      sdkAppId: app.sdkAppId,
      atMs: lastMs - (at + index) * 60_000,
      writer: '0198c2f4-7d1a-4e07-9f0a-111111111111',
      counts: text,
    }));
    await store.writeStats({ rows, keepFromMs: 0 });
  }
  const readMs: Record<string, string> = {};
  for (const window of ['15m', '1h', '6h', '24h', '7d'] as const) {
    await stats.read(app.sdkAppId, window);
    const startedAt = performance.now();
    for (let count = 0; count < READS; count += 1) await stats.read(app.sdkAppId, window);
    readMs[window] = `${((performance.now() - startedAt) / READS).toFixed(1)} ms`;
  }
  await stats.close();
  console.log({
    'counting a change and its attempt': `${perChangeUs.toFixed(2)} µs`,
    'a row': `${text.length} characters`,
    'a week of one app, rows': MINUTES,
    'reading a window': readMs,
  });
} finally {
  await store.close();
  const { size } = statSync(join(folder, 'portrait.db'));
  console.log(`the file: ${(size / 1e6).toFixed(1)} MB`);
  rmSync(folder, { recursive: true });
}
