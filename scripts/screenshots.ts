/**
 * Pictures of every page of the console, against a real server with real traffic: both themes, desk and phone.
 *
 * `npm run screenshots [folder] [page …]`; SECONDS=180 lets traffic run before, so that charts have something to show
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { signIn } from '../packages/server/test/console/support/console-page.ts';
import {
  type ConsoleWorld,
  changeAll,
  startConsoleWorld,
} from '../packages/server/test/console/support/console-world.ts';
import { startBrowser, type TestBrowser } from '../packages/server/test/sdk/support/browser.ts';
import { buildConsole } from './build-console.ts';

const SIZES = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const THEMES = ['light', 'dark'] as const;

type Shot = (page: Page, world: ConsoleWorld) => Promise<void>;

/** Pages by the name of their picture. What is open on them is done by hand. */
const SHOTS: Readonly<Record<string, { readonly path: (world: ConsoleWorld) => string; readonly act?: Shot }>> = {
  'sign-in': { path: () => '/' },
  apps: { path: () => '/' },
  overview: { path: () => '/overview' },
  deliveries: { path: () => '/deliveries' },
  delivery: { path: ({ deadId }) => `/deliveries/${deadId}` },
  endpoints: { path: () => '/endpoints' },
  endpoint: { path: ({ openEndpointId }) => `/endpoints/${openEndpointId}` },
  'endpoint-new': { path: () => '/endpoints/new' },
  replays: { path: () => '/replays' },
  users: { path: () => '/users' },
  user: { path: () => '/users/alice' },
  settings: { path: () => '/settings' },
  usersig: { path: () => '/usersig' },
  playground: {
    path: () => '/playground',
    async act(page) {
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.getByLabel('Value').fill('Ann ❤');
      await page.getByRole('button', { name: 'Change it' }).click();
      await page.getByText('Delivered').first().waitFor();
    },
  },
};

/** Done by hand in the end, last opened first. */
const closers: (() => Promise<void>)[] = [];
const owner = { after: (run: () => Promise<void>) => void closers.push(run) };

async function take(browser: TestBrowser, world: ConsoleWorld, name: string, folder: string): Promise<void> {
  const shot = SHOTS[name];
  if (!shot) throw new Error(`no page ${name}: ${Object.keys(SHOTS).join(', ')}`);
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of THEMES) {
      const context = await browser.newContext({ viewport, colorScheme, locale: 'en-GB', deviceScaleFactor: 1 });
      const page = await context.newPage();
      const isOutside = name === 'sign-in' || name === 'apps';
      const path = isOutside ? shot.path(world) : `/${world.app.sdkAppId}${shot.path(world)}`;
      await page.goto(`${world.server.url}/console${path}`);
      if (name !== 'sign-in') await signIn(page, world.server.adminToken);
      await page.locator('h1:visible, h2:visible').first().waitFor();
      await shot.act?.(page, world);
      await page.waitForTimeout(700);
      await page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`) });
      await context.close();
    }
  }
}

/** Some changes a second, in waves. */
async function makeTraffic({ app }: ConsoleWorld, seconds: number): Promise<void> {
  const endAt = performance.now() + seconds * 1_000;
  for (let round = 0; performance.now() < endAt; round += 1) {
    await changeAll(app, round);
    await delay(700 + 500 * Math.sin(round / 9));
  }
}

const [folder = 'screenshots', ...names] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
try {
  await buildConsole();
  const world = await startConsoleWorld(owner);
  const browser = await startBrowser(owner);
  await makeTraffic(world, Number(process.env.SECONDS ?? 0));
  for (const name of names.length > 0 ? names : Object.keys(SHOTS)) await take(browser, world, name, folder);
} finally {
  for (const close of closers.reverse()) await close();
}
