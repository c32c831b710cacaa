/** Every page of the console, in both themes and on a phone: no violation of WCAG 2.2 AA that axe-core knows. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { startBrowser, type TestBrowser } from '../sdk/support/browser.ts';
import { suiteOwner } from '../support/live/cleanup.ts';
import { openConsole } from './support/console-page.ts';
import { type ConsoleWorld, startConsoleWorld } from './support/console-world.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Addresses behind the SDKAppID, and what is there when the page is. */
const PAGES: readonly (readonly [path: string, heading: RegExp, ready?: string])[] = [
  ['/overview', /^Overview$/, 'As a table'],
  ['/deliveries', /^Deliveries$/, 'deliveries, more below'],
  ['/endpoints', /^Endpoints$/, 'Active'],
  ['/endpoints/new', /^New endpoint$/],
  ['/replays', /^Replay$/, 'No replay yet'],
  ['/users', /^Users$/, 'alice'],
  ['/users/alice', /^alice$/, 'History of changes'],
  ['/playground', /^Playground$/],
  ['/usersig', /^UserSig$/],
  ['/settings', /^App settings$/, 'Delete app'],
];

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What a theme can do wrong. */
const COLOURS = ['color-contrast'];

/** What was found, with where. */
type Found = (readonly [where: string, rule: string, html: string, summary: string])[];

/** The policy of the page lets no script of ours in: it is evaluated by the browser's own hand. */
async function look(page: Page, where: string, found: Found, runOnly: readonly string[] = TAGS): Promise<void> {
  await page.evaluate(AXE);
  const violations = (await page.evaluate(
    `axe.run(document, ${JSON.stringify({ runOnly, resultTypes: ['violations'] })}).then(({ violations }) => violations)`,
  )) as readonly Violation[];
  for (const { id, nodes } of violations) {
    found.push(...nodes.map(({ html, failureSummary }) => [where, id, html, failureSummary] as const));
  }
}

describe('console: accessible', { concurrency: 3 }, () => {
  const owner = suiteOwner();
  let browser: TestBrowser;
  let world: ConsoleWorld;

  before(async () => {
    [world, browser] = await Promise.all([startConsoleWorld(owner), startBrowser(owner)]);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`all pages, ${colorScheme}`, async (t) => {
      const { server, app } = world;
      const found: Found = [];
      const rules = colorScheme === 'light' ? TAGS : COLOURS;
      const context = { colorScheme, reducedMotion: 'reduce' } as const;
      const page = await openConsole(t, { browser, server, token: null, context });
      await page.getByRole('button', { name: 'Sign in' }).waitFor();
      await look(page, 'sign in', found, rules);
      await page.getByLabel('Token').fill(server.adminToken);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Apps' }).waitFor();
      await look(page, 'apps', found, rules);
      for (const [path, heading, ready] of PAGES) {
        await page.goto(`${server.url}/console/${app.sdkAppId}${path}`);
        await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
        if (ready) await page.getByText(ready).first().waitFor();
        await look(page, path, found, rules);
      }
      await page.goto(`${server.url}/console/${app.sdkAppId}/deliveries/${world.deadId}`);
      await page.getByRole('region', { name: 'Body of the answer' }).waitFor();
      await look(page, 'a delivery', found, rules);
      await page.goto(`${server.url}/console/${app.sdkAppId}/endpoints/${world.openEndpointId}`);
      for (const tab of ['Secrets', 'Receiver code', 'History', 'Settings']) {
        await page.getByRole('tab', { name: tab }).click();
        await page.getByRole('tabpanel', { name: tab }).waitFor();
        await look(page, tab, found, rules);
      }
      await page.getByRole('button', { name: 'Delete endpoint' }).click();
      await page.getByRole('dialog').waitFor();
      await look(page, 'a dialog', found, rules);
      assert.deepEqual(found, []);
    });
  }

  test('on a phone nothing is cut off, and the menu leads everywhere', async (t) => {
    const { server, app } = world;
    const found: Found = [];
    const context = { viewport: { width: 360, height: 740 }, reducedMotion: 'reduce' } as const;
    const page = await openConsole(t, { browser, server, path: `/${app.sdkAppId}/overview`, context });
    for (const [path, heading, ready] of [...PAGES, [`/deliveries/${world.deadId}`, /mallory/] as const]) {
      await page.goto(`${server.url}/console/${app.sdkAppId}${path}`);
      await page.getByRole('heading', { name: heading }).first().waitFor();
      if (ready) await page.getByText(ready).first().waitFor();
      const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      assert.ok(Number(overflow) <= 0, `${path} is ${overflow} px too wide`);
    }
    await page.getByRole('button', { name: 'Menu' }).click();
    const link = page.getByRole('dialog').getByRole('link', { name: 'Users', exact: true });
    await link.waitFor();
    await look(page, 'menu', found);
    assert.deepEqual(found, []);
    await link.click();
    await page.getByRole('heading', { name: 'Users', level: 1 }).waitFor();
  });
});
