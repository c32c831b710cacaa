/** What holds for all pages of the console: size, languages, themes, addresses, sessions. */
import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildConsole } from '../../../../scripts/build-console.ts';
import { startBrowser, type TestBrowser } from '../sdk/support/browser.ts';
import { suiteOwner } from '../support/live/cleanup.ts';
import type { TestApp } from '../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../support/live/test-server.ts';
import { openConsole } from './support/console-page.ts';

const ASSETS = fileURLToPath(new URL('../../console/assets/', import.meta.url));
const FIRST_LOAD_BYTES = 250 * 1_024;

describe('console: all pages', { concurrency: 3 }, () => {
  const owner = suiteOwner();
  let browser: TestBrowser;
  let server: TestServer;
  let app: TestApp;

  before(async () => {
    await buildConsole();
    [server, browser] = await Promise.all([startTestServer(owner), startBrowser(owner)]);
    app = await server.createApp();
  });

  test('the first load of a page is at most 250 kB, fonts included', async (t) => {
    const page = await openConsole(t, { browser, server, path: `/${app.sdkAppId}/deliveries`, token: null });
    const names = new Set<string>();
    page.on('request', (request) => names.add(request.url().split('/').at(-1) ?? ''));
    await page.getByLabel('Token').fill(server.adminToken);
    await page.keyboard.press('Enter');
    await page.getByText('No change yet').waitFor();
    await page.reload();
    await page.getByText('No change yet').waitFor();
    await page.waitForFunction(() => document.fonts.status === 'loaded');
    const sizes = readdirSync(ASSETS).flatMap((file) => {
      const isCompressed = readdirSync(ASSETS).includes(`${file}.gz`);
      return names.has(file) ? [[file, statSync(`${ASSETS}${file}${isCompressed ? '.gz' : ''}`).size] as const] : [];
    });
    const total = sizes.reduce((sum, [, size]) => sum + size, 0);
    t.diagnostic(`${Math.round(total / 1_024)} kB: ${JSON.stringify(sizes)}`);
    assert.ok(sizes.length >= 4 && total <= FIRST_LOAD_BYTES, `${total} bytes`);
  });

  test('speaks English, 简体中文 and 日本語, and remembers it', async (t) => {
    const context = { locale: 'zh-CN' };
    const page = await openConsole(t, { browser, server, path: `/${app.sdkAppId}/deliveries`, token: null, context });
    await page.getByLabel('令牌').fill(server.adminToken);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '投递' }).waitFor();
    assert.equal(await page.getAttribute('html', 'lang'), 'zh-CN');
    await page.getByRole('button', { name: /语言/ }).click();
    await page.getByRole('option', { name: '日本語' }).click();
    await page.getByRole('heading', { name: '配信' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: '配信' }).waitFor();
    await page.getByRole('button', { name: /言語/ }).click();
    await page.getByRole('option', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'Deliveries' }).waitFor();
  });

  test('a theme that was chosen stays, whatever the system says', async (t) => {
    const context = { colorScheme: 'light' } as const;
    const page = await openConsole(t, { browser, server, path: `/${app.sdkAppId}/users`, context });
    const theme = () => page.getAttribute('html', 'data-theme');
    assert.equal(await theme(), 'light');
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
    await page.getByRole('button', { name: /Theme/ }).click();
    await page.getByRole('option', { name: 'Light' }).click();
    assert.equal(await theme(), 'light');
    await page.reload();
    assert.equal(await theme(), 'light');
  });

  test('an address that leads nowhere says so', async (t) => {
    const page = await openConsole(t, {
      browser,
      server,
      path: `/${app.sdkAppId}/deliveries/dlv_no_n5irgh_0_7.ep_4q8w2n6c0x5v7b1m`,
      allows: /status of 404/,
    });
    await page.getByText('It is not there.').waitFor();
    await page.goto(`${server.url}/console/${app.sdkAppId}/nothing/here`);
    await page.getByText('There is no such page').waitFor();
  });

  test('a wrong token is told, a sign-out leaves nothing behind, and the cookie is out of reach of scripts', async (t) => {
    const page = await openConsole(t, { browser, server, path: `/${app.sdkAppId}/users`, token: null });
    await page.getByLabel('Token').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('neither the admin token nor the viewer token').waitFor();
    await page.getByLabel('Token').fill(server.adminToken);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Users' }).waitFor();
    const kept = await page.evaluate('document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage })');
    assert.equal(kept, '{}');
    assert.doesNotMatch(page.url(), new RegExp(server.adminToken));
    const [cookie] = await page.context().cookies(`${server.url}/admin/v1/`);
    assert.deepEqual([cookie?.httpOnly, cookie?.sameSite, cookie?.path], [true, 'Strict', '/admin/v1']);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token').waitFor();
    await page.reload();
    await page.getByLabel('Token').waitFor();
  });
});
