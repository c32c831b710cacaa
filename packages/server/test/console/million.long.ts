/** The console with a million deliveries in the log: the list, a search, a scroll. How soon each is there is told, not judged: other work counts in. */
import { test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { openSqliteStore } from '../../src/storage/sqlite/open.ts';
import { startBrowser } from '../sdk/support/browser.ts';
import { tempFolder } from '../support/live/cleanup.ts';
import { startTestServer } from '../support/live/test-server.ts';
import { ORIGIN, sampleApp, sampleEndpoint } from '../support/samples.ts';
import { openConsole } from './support/console-page.ts';

const EVENTS = 1_000_000;
const USERS = 10_000;
const AT_ONCE = 10_000;

test('a million deliveries: each page is there', async (t) => {
  const folder = await tempFolder(t);
  const store = openSqliteStore({ folder, clock: systemClock });
  const app = sampleApp({ createdAtMs: Date.now() });
  const { sdkAppId } = app;
  await store.createApp(app);
  await store.createEndpoint(sampleEndpoint({ sdkAppId, state: 'paused', createdAtMs: Date.now() }));
  for (let at = 0; at < EVENTS; at += AT_ONCE) {
    await Promise.all(
      Array.from({ length: AT_ONCE }, (_, index) => {
        const items = [{ tag: 'Tag_Profile_IM_Nick', value: `nick ${at + index}` }];
        const userId = `user${(at + index) % USERS}`;
        return store.commitChange({ kind: 'import', sdkAppId, userId, items, origin: ORIGIN, announce: true });
      }),
    );
  }
  await store.close();
  const server = await startTestServer(t, { dataDir: folder });
  const browser = await startBrowser(t);
  const page = await openConsole(t, { browser, server, path: `/${sdkAppId}/deliveries` });
  const rows = page.getByRole('list', { name: 'Deliveries' }).getByRole('listitem');
  await rows.first().waitFor();
  const timed = async (what: string, act: () => Promise<unknown>): Promise<void> => {
    const startedAt = performance.now();
    await act();
    t.diagnostic(`${what}: ${Math.round(performance.now() - startedAt)} ms`);
  };
  await timed('the page, loaded anew', async () => {
    await page.reload();
    await rows.filter({ hasText: 'user9999' }).first().waitFor();
  });
  await timed('one user', async () => {
    await page.getByLabel('User or event id').fill('user77');
    await page.getByText('100 deliveries').waitFor();
  });
  await timed('all again', async () => {
    await page.getByRole('button', { name: 'Clear' }).click();
    await rows.filter({ hasText: 'user9999' }).first().waitFor();
  });
  await timed('ten pages further down', async () => {
    for (let step = 0; step < 10; step += 1) {
      const before = await rows.last().getAttribute('aria-setsize');
      await page.locator('.list-scroll').evaluate((list) => list.scrollTo({ top: list.scrollHeight }));
      await page.waitForFunction((size) => document.querySelector('.list-item')?.ariaSetSize !== size, before);
    }
  });
  await timed('a delivery', async () => {
    await rows.last().getByRole('link').click();
    await page.getByText('The endpoint is paused.').waitFor();
  });
});
