/** The five main tasks of the console, without a mouse. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { startBrowser, type TestBrowser } from '../sdk/support/browser.ts';
import { suiteOwner } from '../support/live/cleanup.ts';
import { ok, type Receiver, startReceiver, status } from '../support/live/receiver.ts';
import { nick, type TestApp } from '../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../support/live/test-server.ts';
import { userSigOf } from '../support/live/user-sig.ts';
import { openConsole } from './support/console-page.ts';

const MOST_STOPS = 80;

/** What has the focus, as it is read aloud. */
const FOCUSED = `(() => {
  const element = document.activeElement;
  if (element === document.body) return '';
  const labels = element.labels ? [...element.labels].map((label) => label.textContent).join(' ') : '';
  const by = (element.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' ');
  return [element.getAttribute('aria-label'), by, labels, element.textContent].filter(Boolean).join(' | ');
})()`;

/** Press Tab until the focus is there, and seen. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const passed: string[] = [];
  for (let stop = 0; stop < MOST_STOPS; stop += 1) {
    const focused = String(await page.evaluate(FOCUSED));
    if (name.test(focused)) {
      const outline = await page.evaluate(
        `(() => { const shown = document.activeElement.closest('label') ?? document.activeElement;
          return [shown, ...shown.querySelectorAll('*')].some((one) => getComputedStyle(one).outlineStyle !== 'none'); })()`,
      );
      assert.ok(outline, `the focus on "${focused}" is not seen`);
      return;
    }
    passed.push(focused.slice(0, 40));
    await page.keyboard.press('Tab');
  }
  assert.fail(`Tab does not lead to ${name}: ${passed.join(' → ')}`);
}

describe('console: by keyboard', { concurrency: 3 }, () => {
  const owner = suiteOwner();
  let browser: TestBrowser;
  let server: TestServer;
  let app: TestApp;
  let receiver: Receiver;

  before(async () => {
    [server, browser] = await Promise.all([startTestServer(owner), startBrowser(owner)]);
    app = await server.createApp();
    receiver = await startReceiver(owner, ({ attempt }) => (attempt === 1 ? status(500) : ok()));
    await app.addEndpoint(receiver.url, { maxAttempts: 1 });
    await app.importUsers('alice', 'bob', 'carol');
    await app.set('alice', nick('Alice'));
    await app.set('bob', nick('Bob'));
    await app.set('carol', nick('Carol'));
    await app.untilSettled('', ['dead']);
  });

  test('sign in, find out why a change did not arrive, send it again', async (t) => {
    const page = await openConsole(t, { browser, server, path: `/${app.sdkAppId}/overview`, token: null });
    await page.getByRole('heading', { name: 'Sign in to Portrait' }).waitFor();
    await tabTo(page, /Token/);
    await page.keyboard.type(server.adminToken);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.keyboard.press('/');
    await page.locator('#search-deliveries:focus').waitFor();
    await page.keyboard.type('alice');
    await page.getByText('1 delivery').waitFor();
    await tabTo(page, /Dead.*alice/);
    await page.keyboard.press('Enter');
    await page.getByText('All attempts failed').waitFor();
    await tabTo(page, /Send again/);
    await page.keyboard.press('Enter');
    await page.getByText('Sent again: Delivered.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('All attempts failed').waitFor({ state: 'detached' });
  });

  test('add an endpoint after a test call', async (t) => {
    // not of the app that others count the deliveries of
    const { sdkAppId } = await server.createApp();
    const page = await openConsole(t, { browser, server, path: `/${sdkAppId}/overview` });
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('e');
    await page.getByRole('heading', { name: 'Endpoints' }).waitFor();
    await tabTo(page, /Add endpoint/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'New endpoint' }).waitFor();
    await tabTo(page, /URL/);
    await page.keyboard.type(`${receiver.origin}/second`);
    await tabTo(page, /Starts with/);
    await page.keyboard.press('Enter');
    await page.getByRole('option', { name: 'All that are still in the log' }).waitFor();
    await page.keyboard.press('Escape');
    await tabTo(page, /Send a test call/);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /^Save/ }).waitFor();
    await tabTo(page, /^Save/);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await tabTo(page, /^Done/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: `${receiver.origin}/second` }).waitFor();
  });

  test('replay what is dead', async (t) => {
    const page = await openConsole(t, { browser, server, path: `/${app.sdkAppId}/replays` });
    await page.getByRole('heading', { name: 'New replay' }).waitFor();
    await tabTo(page, /User(?!Sig|s)/);
    await page.keyboard.type('carol');
    await tabTo(page, /^Count/);
    await page.keyboard.press('Enter');
    await page.getByText('1 delivery would be sent again').waitFor();
    await tabTo(page, /^Send 1 again/);
    await page.keyboard.press('Enter');
    await page.getByText('Done', { exact: true }).waitFor();
  });

  test('change a profile', async (t) => {
    const page = await openConsole(t, { browser, server, path: `/${app.sdkAppId}/users` });
    await page.getByRole('link', { name: 'bob' }).waitFor();
    await tabTo(page, /^bob$/);
    await page.keyboard.press('Enter');
    await page.getByLabel('Nick').waitFor();
    await tabTo(page, /Nick/);
    await page.keyboard.press('Control+A');
    await page.keyboard.type('Robert');
    await page.keyboard.press('Enter');
    await page.getByText('Saved as change 2').waitFor();
  });

  test('look into a UserSig, and see the keys', async (t) => {
    const page = await openConsole(t, { browser, server, path: `/${app.sdkAppId}/usersig` });
    await page.getByRole('heading', { name: 'Look into one' }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await tabTo(page, /^UserSig$/);
    await page.keyboard.press('Tab');
    await tabTo(page, /^UserSig$/);
    await page.keyboard.insertText(userSigOf(app, 'alice'));
    await tabTo(page, /^Check/);
    await page.keyboard.press('Enter');
    await page.getByText('It lets alice in.').waitFor();
  });
});
