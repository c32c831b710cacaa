/** The console's endpoints and replays: made, tried, turned, given new secrets, sent to again. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { startBrowser, type TestBrowser } from '../sdk/support/browser.ts';
import { suiteOwner } from '../support/live/cleanup.ts';
import { ok, startReceiver, status } from '../support/live/receiver.ts';
import { nick, type TestApp } from '../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../support/live/test-server.ts';
import { until } from '../support/until.ts';
import { openConsole } from './support/console-page.ts';

/** What is wrong is told by the page, and by Chromium's log too. */
const REFUSED = /status of 400/;

describe('console: endpoints', { concurrency: 3 }, () => {
  const owner = suiteOwner();
  let browser: TestBrowser;
  let server: TestServer;

  before(async () => {
    [server, browser] = await Promise.all([startTestServer(owner), startBrowser(owner)]);
  });

  async function makeApp(sdkAppId: number): Promise<TestApp> {
    return await server.createApp({ name: `app ${sdkAppId}`, sdkAppId });
  }

  test('one is tried before it is saved, and its secret shown once', async (t) => {
    const app = await makeApp(1_500_000_001);
    const receiver = await startReceiver(t, () => status(404));
    const page = await openConsole(t, { browser, server, path: `/${app.sdkAppId}/endpoints`, allows: REFUSED });
    await page.getByText('No endpoint yet').waitFor();
    await page.getByRole('button', { name: 'Add endpoint' }).click();
    await page.getByLabel('URL').fill('ftp://nowhere');
    await page.getByRole('button', { name: 'Send a test call' }).click();
    await page.getByText('expected an http or https URL').waitFor();
    await page.getByLabel('URL').fill(receiver.url);
    await page.getByRole('button', { name: 'Send a test call' }).click();
    await page.getByText('404 a wrong path').waitFor();
    await page.getByRole('button', { name: 'Save all the same' }).waitFor();
    receiver.script = () => ok();
    await page.getByRole('button', { name: 'Send a test call' }).click();
    await page.getByText('It answered as it should').waitFor();
    assert.deepEqual((await app.admin('GET', '/endpoints')).json.items, [], 'nothing is stored yet');
    await page.getByRole('button', { name: 'Save endpoint' }).click();
    const dialog = page.getByRole('dialog', { name: 'Copy these now' });
    const secret = await dialog.locator('code.secret').first().innerText();
    assert.match(secret, /^whsec_[\w+/=]{32}$/);
    const [made] = (await app.admin('GET', '/endpoints?reveal=true')).json.items;
    assert.deepEqual(made.signingSecrets, [secret]);
    assert.match(await dialog.getByRole('region', { name: 'Code' }).innerText(), /sdkAppId: 1500000001/);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('heading', { name: receiver.url }).waitFor();
    assert.doesNotMatch(await page.content(), new RegExp(secret.slice(6, 20).replace(/[+/]/g, '.')));
    assert.equal(
      await page.evaluate('JSON.stringify({ ...localStorage, ...sessionStorage }).includes("whsec_")'),
      false,
    );
  });

  test('is changed, paused, resumed, given a new secret, and deleted', async (t) => {
    const app = await makeApp(1_500_000_002);
    const receiver = await startReceiver(t);
    const endpoint = await app.addEndpoint(receiver.url);
    const path = `/${app.sdkAppId}/endpoints/${endpoint.endpointId}`;
    const page = await openConsole(t, { browser, server, path, allows: REFUSED });
    const stored = async () => (await app.admin('GET', `/endpoints/${endpoint.endpointId}?reveal=true`)).json;
    await page.getByLabel('Timeout (ms)').fill('50');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('expected', { exact: false }).first().waitFor();
    await page.getByLabel('Timeout (ms)').fill('3000');
    await page.getByText('Profile.CallbackPortraitSet').click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').first().waitFor();
    const { timeoutMs, commands } = await stored();
    assert.deepEqual([timeoutMs, commands], [3000, []]);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Paused by a person').waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByText('Paused by a person').waitFor({ state: 'detached' });
    await page.getByRole('tab', { name: 'Secrets' }).click();
    await page.getByRole('button', { name: 'New signing secret' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click();
    const { signingSecrets, retiringSecrets } = await stored();
    assert.deepEqual([signingSecrets.length, retiringSecrets.length], [2, 1]);
    assert.notEqual(signingSecrets[0], endpoint.signingSecrets[0]);
    await page.getByText(/^until /).waitFor();
    await page.getByRole('button', { name: 'Send a test call' }).click();
    await page.getByRole('dialog').getByText('It answered as it should').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await page.getByRole('tab', { name: 'History' }).click();
    await page.getByText('Resumed').waitFor();
    await page.getByRole('button', { name: 'Delete endpoint' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No endpoint yet').waitFor();
  });

  test('a replay is counted, started, watched and cancelled', async (t) => {
    const app = await makeApp(1_500_000_003);
    const receiver = await startReceiver(t, () => status(500));
    await app.addEndpoint(receiver.url, { maxAttempts: 1 });
    await app.importUsers('alice', 'bob', 'carol');
    for (const userId of ['alice', 'bob', 'carol']) await app.set(userId, nick(userId));
    await app.untilSettled('', ['dead']);
    receiver.script = () => ok();
    const page = await openConsole(t, { browser, server, path: `/${app.sdkAppId}/replays` });
    await page.getByRole('button', { name: 'Count' }).click();
    await page.getByText('3 deliveries would be sent again').waitFor();
    await page.getByLabel('A second').fill('1');
    await page.getByRole('button', { name: 'Count' }).click();
    await page.getByRole('button', { name: 'Send 3 again' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Cancelled').waitFor();
    await page.getByLabel('A second').fill('100');
    await page.getByRole('button', { name: 'Count' }).click();
    await page.getByRole('button', { name: /^Send \d again/ }).click();
    await page.getByText('Done', { exact: true }).waitFor();
    await until(async () => (await app.deliveries('state=delivered')).length === 3, { what: () => 'all to arrive' });
  });
});
