/** The console while things happen: the live tail, and a restart of the server under an open page. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { startBrowser, type TestBrowser } from '../sdk/support/browser.ts';
import { freePort } from '../sdk/support/free-port.ts';
import { suiteOwner } from '../support/live/cleanup.ts';
import { ok, startReceiver, status } from '../support/live/receiver.ts';
import { nick } from '../support/live/test-app.ts';
import { startTestServer } from '../support/live/test-server.ts';
import { openConsole } from './support/console-page.ts';

function rows(page: Page) {
  return page.getByRole('list', { name: 'Deliveries' }).getByRole('listitem');
}

describe('console: live', { concurrency: 3 }, () => {
  const owner = suiteOwner();
  let browser: TestBrowser;

  before(async () => {
    browser = await startBrowser(owner);
  });

  test('what happens shows at the top, changes its state, and waits while one reads further down', async (t) => {
    const server = await startTestServer(t);
    const app = await server.createApp();
    // the second attempt stands still until it has been seen that the first one failed
    const seen = Promise.withResolvers<void>();
    const receiver = await startReceiver(t, async ({ attempt }) => {
      if (attempt === 1) return status(500);
      await seen.promise;
      return ok();
    });
    await app.addEndpoint(receiver.url, { timeoutMs: 30_000 });
    const users = Array.from({ length: 60 }, (_, number) => `user${number}`);
    await app.importUsers(...users);
    const page = await openConsole(t, { browser, server, path: `/${app.sdkAppId}/deliveries` });
    await page.getByText('No change yet').waitFor();
    await app.set('user0', nick('first'));
    await rows(page).filter({ hasText: 'user0' }).filter({ hasText: 'Retrying' }).waitFor();
    receiver.script = () => ok();
    seen.resolve();
    await rows(page).filter({ hasText: 'user0' }).filter({ hasText: 'Delivered' }).waitFor();
    await Promise.all(users.map((userId) => app.set(userId, nick('again'))));
    await page.getByText('61 deliveries').waitFor();
    await page.locator('.list-scroll').evaluate((list) => list.scrollTo({ top: 600 }));
    await rows(page).first().getByText('user').waitFor();
    await page.waitForFunction(() => (document.querySelector('.list-scroll')?.scrollTop ?? 0) > 500);
    await app.set('user0', nick('third'));
    await page.getByRole('button', { name: '1 new above' }).click();
    await page.getByText('62 deliveries').waitFor();
    await rows(page).first().filter({ hasText: '#3' }).waitFor();
    // an unfiltered list has each delivery once, in the order of the log
    const stored = (await app.deliveries()).map(({ deliveryId }) => deliveryId).reverse();
    const links = await page.locator('.list-row').evaluateAll((all) => all.map((row) => row.getAttribute('href')));
    const shown = links.map((href) => href?.split('/').at(-1));
    assert.deepEqual(shown, stored.slice(0, shown.length));
  });

  test('what changes between the reading of the list and the following shows too', async (t) => {
    const server = await startTestServer(t);
    const app = await server.createApp();
    await app.addEndpoint((await startReceiver(t)).url);
    await app.importUsers('alice');
    const page = await openConsole(t, { browser, server, path: `/${app.sdkAppId}/overview` });
    const asked = Promise.withResolvers<void>();
    const mayFollow = Promise.withResolvers<void>();
    await page.route('**/deliveries/live', async (route) => {
      asked.resolve();
      await mayFollow.promise;
      await route.continue();
    });
    await page.getByRole('link', { name: 'Deliveries', exact: true }).first().click();
    await asked.promise;
    await page.getByText('No change yet').waitFor();
    await app.set('alice', nick('a'));
    await app.untilSettled();
    mayFollow.resolve();
    await rows(page).filter({ hasText: 'alice' }).filter({ hasText: 'Delivered' }).waitFor();
  });

  test('a search shows only what fits, also of what comes', async (t) => {
    const server = await startTestServer(t);
    const app = await server.createApp();
    await app.addEndpoint((await startReceiver(t)).url);
    await app.importUsers('alice', 'bob');
    const page = await openConsole(t, { browser, server, path: `/${app.sdkAppId}/deliveries?q=bob` });
    await page.getByText('Nothing fits').waitFor();
    await app.set('alice', nick('a'));
    await app.set('bob', nick('b'));
    await rows(page).filter({ hasText: 'bob' }).filter({ hasText: 'Delivered' }).waitFor();
    assert.equal(await rows(page).filter({ hasText: 'alice' }).count(), 0);
  });

  test('the server restarts: the page says so, and goes on by itself, still signed in', async (t) => {
    const server = await startTestServer(t, { flags: { port: String(await freePort()) } });
    const app = await server.createApp();
    await app.addEndpoint((await startReceiver(t)).url);
    await app.importUsers('alice');
    await app.set('alice', nick('before'));
    await app.untilSettled();
    const page = await openConsole(t, {
      browser,
      server,
      path: `/${app.sdkAppId}/deliveries`,
      allows: /ERR_|status of 50\d/,
    });
    await rows(page).filter({ hasText: '#1' }).waitFor();
    await server.close();
    await page.getByText('No connection to the server since').waitFor();
    await server.start();
    await page.getByText('No connection to the server since').waitFor({ state: 'detached' });
    await app.set('alice', nick('after'));
    await rows(page).filter({ hasText: '#2' }).filter({ hasText: 'Delivered' }).waitFor();
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByText('Right now').first().waitFor();
  });
});
