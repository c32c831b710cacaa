/** The console's deliveries: did this change reach my backend, if not why, and how do I mend it? */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { startBrowser, type TestBrowser } from '../sdk/support/browser.ts';
import { suiteOwner } from '../support/live/cleanup.ts';
import { ok, type Receiver, startReceiver, status } from '../support/live/receiver.ts';
import { nick, type TestApp } from '../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../support/live/test-server.ts';
import { openConsole } from './support/console-page.ts';

describe('console: deliveries', () => {
  const owner = suiteOwner();
  let browser: TestBrowser;
  let server: TestServer;
  let app: TestApp;
  let receiver: Receiver;

  before(async () => {
    server = await startTestServer(owner);
    app = await server.createApp();
    receiver = await startReceiver(owner);
    await app.addEndpoint(receiver.url, { maxAttempts: 1 });
    await app.importUsers('alice', 'bob');
    browser = await startBrowser(owner);
  });

  test('a change that arrived is found, and opened with all of its exchange', async (t) => {
    await app.set('alice', nick('Alice'));
    await app.set('alice', nick('Alicia'));
    await app.untilSettled('userId=alice');
    const page = await openConsole(t, { browser, server, path: `/${app.sdkAppId}/deliveries` });
    await page.getByLabel('User or event id').fill('alice #2');
    await page.getByRole('link', { name: /alice/ }).first().click();
    const detail = page.getByRole('region', { name: /^dlv_/ });
    await detail.getByRole('heading', { name: 'Change 2 of alice' }).waitFor();
    assert.deepEqual(await detail.getByRole('row').allInnerTexts(), ['Field\tBefore\tAfter', 'Nick\tAlice\tAlicia']);
    await detail.getByText('Attempt 1').waitFor();
    assert.match(await detail.getByRole('region', { name: 'Body of the request' }).innerText(), /"Value": "Alicia"/);
    assert.match(await detail.getByRole('region', { name: 'Body of the answer' }).innerText(), /"ErrorCode": 0/);
  });

  test('a dead one says why and what to do, and is sent again', async (t) => {
    receiver.script = () => status(500);
    await app.set('bob', nick('Bob'));
    await app.untilSettled('userId=bob', ['dead']);
    const page = await openConsole(t, { browser, server, path: `/${app.sdkAppId}/deliveries?state=dead` });
    await page.getByRole('link', { name: /bob/ }).click();
    await page.getByText('All attempts failed. It is not tried again by itself.').waitFor();
    await page.getByText('500 a fault in your handler').first().waitFor();
    receiver.script = () => ok();
    await page.getByRole('button', { name: 'Send again' }).click();
    await page.getByText('Sent again: Delivered.').waitFor();
    await page.getByText('Attempt 2').waitFor();
  });
});
