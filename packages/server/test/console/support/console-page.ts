/** The console in a real browser: whatever it does wrong while a test looks on fails the test. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { buildConsole } from '../../../../../scripts/build-console.ts';
import type { TestBrowser } from '../../sdk/support/browser.ts';
import { atEnd } from '../../support/live/cleanup.ts';

/** How a page is opened. */
export interface ConsolePageOptions {
  readonly browser: TestBrowser;
  readonly server: { readonly url: string; readonly adminToken: string };
  /** behind `/console` */
  readonly path?: string;
  /** default: the admin token; null: nobody signs in */
  readonly token?: string | null;
  readonly context?: BrowserContextOptions;
  /** faults that are meant to happen */
  readonly allows?: RegExp;
}

/** Much longer than a loaded machine needs. */
export const PATIENCE_MS = 30_000;

/** Open a page, signed in. At the test's end: no fault of a script, nothing that the policy forbids, nothing from elsewhere. */
export async function openConsole(t: TestContext, options: ConsolePageOptions): Promise<Page> {
  await buildConsole();
  const { browser, server, path = '/', token = server.adminToken, allows } = options;
  const context = await browser.newContext({
    viewport: { width: 1360, height: 850 },
    locale: 'en-GB',
    ...options.context,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const faults: string[] = [];
  // it may be stopped while the page is open
  const { url: origin } = server;
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  page.on('request', (request) => {
    const url = request.url().replace(/^blob:/, '');
    if (!url.startsWith(origin) && !url.startsWith('data:')) faults.push(url);
  });
  atEnd(t, async () => {
    await context.close();
    const unmeant = faults.filter((fault) => !EXPECTED.test(fault) && !allows?.test(fault));
    assert.deepEqual(unmeant, []);
  });
  await page.goto(`${origin}/console${path}`);
  if (token !== null) await signIn(page, token);
  return page;
}

/** Who is not signed in is told so with a 401, which Chromium puts into its log. */
const EXPECTED = /status of 401/;

export async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Sign in' }).waitFor({ state: 'detached' });
}
