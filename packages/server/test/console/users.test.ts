/** The console's users, apps, UserSigs and playground. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { before, describe, test } from 'node:test';
import { startBrowser, type TestBrowser } from '../sdk/support/browser.ts';
import { suiteOwner } from '../support/live/cleanup.ts';
import { type Receiver, startReceiver } from '../support/live/receiver.ts';
import { adminCall, nick, TestApp } from '../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../support/live/test-server.ts';
import { userSigOf } from '../support/live/user-sig.ts';
import { listen } from '../support/loopback.ts';
import { openConsole } from './support/console-page.ts';

describe('console: users and apps', { concurrency: 3 }, () => {
  const owner = suiteOwner();
  let browser: TestBrowser;
  let server: TestServer;
  let app: TestApp;
  let receiver: Receiver;

  before(async () => {
    [server, browser, receiver] = await Promise.all([
      startTestServer(owner, { flags: { viewerToken: 'only-looking' } }),
      startBrowser(owner),
      startReceiver(owner),
    ]);
    app = await server.createApp();
    await app.addEndpoint(receiver.url);
    await app.importUsers('ann', 'annabel', 'bob');
  });

  test('a user is found and changed by the table of fields, and the callback goes out', async (t) => {
    const page = await openConsole(t, { browser, server, path: `/${app.sdkAppId}/users` });
    await page.getByLabel('UserID begins with').fill('ann');
    await page.getByRole('link', { name: 'bob' }).waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'ann', exact: true }).click();
    const save = page.getByRole('button', { name: 'Save' });
    await page.getByLabel('Nick').fill('é'.repeat(251));
    await page.getByText('Too long: 502 of 500 bytes.').waitFor();
    assert.ok(await save.isDisabled());
    await page.getByLabel('Nick').fill('Ann ❤');
    await page.getByText('7 of 500 bytes').waitFor();
    await page.getByLabel('Level').fill('x');
    await page.getByText('Expected a whole number').waitFor();
    await page.getByLabel('Level').fill('3');
    await page.getByRole('button', { name: /Gender/ }).click();
    await page.getByRole('option', { name: 'Female' }).click();
    await page.getByLabel('Data (Custom field)').fill('gold');
    await save.click();
    await page.getByText('Saved as change 1').waitFor();
    const [callback] = await receiver.untilReceived(1, 'ann');
    assert.deepEqual(JSON.parse(callback?.body ?? '').ProfileItem, [
      { Tag: 'Tag_Profile_IM_Nick', Value: 'Ann ❤' },
      { Tag: 'Tag_Profile_IM_Gender', Value: 'Gender_Type_Female' },
      { Tag: 'Tag_Profile_IM_Level', Value: 3 },
      { Tag: 'Tag_Profile_Custom_Data', Value: 'gold' },
    ]);
    await page.getByRole('row', { name: /Nick not set Ann/ }).waitFor();
    await page.getByRole('button', { name: 'Log out everywhere' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Log out everywhere' }).click();
    await page.getByText('Logged out everywhere.').waitFor();
    await page.getByRole('button', { name: 'Delete account' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete account' }).click();
    await page.getByRole('heading', { name: 'Users' }).waitFor();
  });

  test('an app is made, set up, and deleted', async (t) => {
    const page = await openConsole(t, { browser, server });
    await page.getByRole('button', { name: 'New app' }).click();
    await page.getByLabel('Name').fill('second');
    await page.getByLabel('SDKAppID').fill('1600000000');
    await page.getByRole('button', { name: 'Create' }).click();
    const secretKey = await page.getByRole('dialog').locator('code').innerText();
    assert.match(secretKey, /^[0-9a-f]{64}$/);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByText('Ready for the first change').waitFor();
    await page.getByRole('link', { name: 'App settings' }).click();
    await page.getByRole('textbox', { name: 'Administrators' }).fill('root\nops');
    await page.getByText('Level', { exact: true }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').first().waitFor();
    await page.getByLabel('Tag_Profile_Custom_').fill('Tier');
    await page.getByRole('button', { name: 'Add field' }).click();
    await page.getByText('Tier', { exact: true }).waitFor();
    const { json } = await adminCall(server, 'GET', '/apps/1600000000');
    assert.deepEqual(json.administrators, ['root', 'ops']);
    assert.equal(json.userWritableFields.length, 11);
    assert.deepEqual(json.customFields[0].tag, 'Tag_Profile_Custom_Tier');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.getByText(secretKey).waitFor();
    await page.getByRole('button', { name: 'Delete app' }).click();
    await page.getByLabel('SDKAppID').fill('1600000000');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete app' }).click();
    await page.getByRole('heading', { name: 'Apps' }).waitFor();
    assert.equal((await adminCall(server, 'GET', '/apps/1600000000')).status, 404);
  });

  test('a UserSig is made, and one that does not work says what is wrong with it', async (t) => {
    const page = await openConsole(t, { browser, server, path: `/${app.sdkAppId}/usersig` });
    await page.getByLabel('UserID', { exact: true }).fill('ann');
    await page.getByRole('button', { name: 'Make UserSig' }).click();
    const made = await page.getByRole('region', { name: 'UserSig of ann' }).locator('code').innerText();
    await page.getByRole('textbox', { name: 'UserSig' }).fill(made);
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByText('It lets ann in.').waitFor();
    const foreign = userSigOf({ sdkAppId: app.sdkAppId, secretKey: 'another key' } as TestApp, 'ann');
    await page.getByRole('textbox', { name: 'UserSig' }).fill(foreign);
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByText('It was signed with another secret key').waitFor();
  });

  test('the playground shows the callback beside the change', async (t) => {
    const page = await openConsole(t, { browser, server, path: `/${app.sdkAppId}/playground` });
    await page.getByLabel('Test user').fill('player');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByLabel('Value').fill('Player One');
    await page.getByRole('button', { name: 'Change it' }).click();
    const callbacks = page.getByRole('region', { name: 'Callbacks' });
    await callbacks.getByText('Player One').waitFor();
    await callbacks.getByText('Delivered').waitFor();
    await receiver.untilReceived(1, 'player');
  });

  test('a viewer sees all of it and can change nothing', async (t) => {
    await app.set('bob', nick('Bob'));
    await app.untilSettled('userId=bob');
    const page = await openConsole(t, {
      browser,
      server,
      path: `/${app.sdkAppId}/deliveries?q=bob`,
      token: 'only-looking',
    });
    await page.getByRole('link', { name: /bob/ }).first().click();
    assert.ok(await page.getByRole('button', { name: 'Send again' }).isDisabled());
    await page.getByText('Viewer', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'App settings' }).click();
    assert.ok(await page.getByRole('button', { name: 'Save' }).isDisabled());
    assert.ok(await page.getByRole('button', { name: 'Show' }).isDisabled());
  });
});

test('the playground logs in with the official Web SDK, if the server is told where it is', async (t) => {
  const file = createRequire(import.meta.url).resolve('@tencentcloud/chat');
  const scripts = await listen(
    createServer((_request, response) => {
      response.setHeader('content-type', 'text/javascript');
      response.end(readFileSync(file));
    }),
    t,
  );
  const webSdkUrl = `http://127.0.0.1:${scripts.port}/chat.js`;
  const server = await startTestServer(t, { flags: { webSdkUrl } });
  const browser = await startBrowser(t);
  const receiver = await startReceiver(t);
  const app = await TestApp.create(server);
  await app.addEndpoint(receiver.url);
  const page = await openConsole(t, {
    browser,
    server,
    path: `/${app.sdkAppId}/playground`,
    // what the SDK itself says, and where it comes from
    allows: new RegExp(`^${webSdkUrl}$|Chat|chat|TIM|Content Security Policy`),
  });
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByLabel('Value').fill('By SDK');
  await page.getByRole('button', { name: 'Change it' }).click();
  const [callback] = await receiver.untilReceived(1, 'playground');
  assert.match(callback?.url ?? '', /OptPlatform=Web/);
  await page.getByRole('region', { name: 'Callbacks' }).getByText('Delivered').waitFor();
});
