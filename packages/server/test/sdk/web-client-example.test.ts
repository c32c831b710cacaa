/** The page that README sends a newcomer to, opened from the disk as it lies there. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { atEnd } from '../support/live/cleanup.ts';
import { startReceiver } from '../support/live/receiver.ts';
import { startBrowser } from './support/browser.ts';
import { startWorld } from './support/world.ts';

const EXAMPLE = new URL('../../../../examples/web-client/index.html', import.meta.url);

test('a newcomer logs in as a test user, changes the nickname, and the callback comes', async (t) => {
  const world = await startWorld(t);
  const receiver = await startReceiver(t);
  await world.app.addEndpoint(receiver.url);
  const browser = await startBrowser(t);
  const context = await browser.newContext();
  atEnd(t, () => context.close());
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));

  await page.goto(EXAMPLE.href);
  await page.fill('[name=server]', world.server.url.replace('http', 'ws'));
  await page.fill('[name=sdkAppId]', String(world.app.sdkAppId));
  await page.fill('[name=userSig]', 'wrong');
  await page.click('text=Log in');
  await untilLogged(page, 'login failed: 70003 usersig');

  await page.fill('[name=userSig]', world.userSig('alice'));
  await page.click('text=Log in');
  await untilLogged(page, 'alice is logged in');
  await page.fill('[name=nick]', 'Alice é');
  await page.click('text=Change');
  await untilLogged(page, 'the nickname is "Alice é"');
  const [callback] = await receiver.untilReceived(1, 'alice');
  assert.equal(callback?.value, 'Alice é');
  assert.match(callback?.url ?? '', /&OptPlatform=Web/);

  await world.set('alice', { Tag: 'Tag_Profile_IM_Nick', Value: 'by an administrator' });
  await untilLogged(page, 'the nickname is "by an administrator"');
  assert.deepEqual([errors, browser.violations], [[], []]);
});

test('the page has at most 60 lines', () => {
  assert.ok(readFileSync(EXAMPLE, 'utf8').trim().split('\n').length <= 60);
});

async function untilLogged(page: Page, text: string): Promise<void> {
  await page.locator('#log', { hasText: text }).waitFor({ timeout: 15_000 });
}
