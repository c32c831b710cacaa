/** The console's overview, and the code that it gives to those who write a receiver. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { receiverSample } from '../../../console/src/endpoints/receiver-samples.ts';
import { startBrowser, type TestBrowser } from '../sdk/support/browser.ts';
import { freePort } from '../sdk/support/free-port.ts';
import { atEnd, suiteOwner } from '../support/live/cleanup.ts';
import { ok, startReceiver, status } from '../support/live/receiver.ts';
import { nick } from '../support/live/test-app.ts';
import { startTestServer, type TestServer } from '../support/live/test-server.ts';
import { until } from '../support/until.ts';
import { openConsole } from './support/console-page.ts';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

describe('console: overview', { concurrency: 3 }, () => {
  const owner = suiteOwner();
  let browser: TestBrowser;
  let server: TestServer;

  before(async () => {
    [server, browser] = await Promise.all([startTestServer(owner), startBrowser(owner)]);
  });

  test('it counts what happens while one looks, and shows the same numbers as a table', async (t) => {
    const app = await server.createApp({ sdkAppId: 1_700_000_001 });
    const receiver = await startReceiver(t, ({ userId }) => (userId === 'bob' ? status(500) : ok()));
    await app.addEndpoint(receiver.url, { maxAttempts: 1 });
    await app.importUsers('alice', 'bob');
    const page = await openConsole(t, { browser, server, path: `/${app.sdkAppId}/overview` });
    await page.getByText('Ready for the first change').waitFor();
    for (const value of ['a', 'b', 'c']) await app.set('alice', nick(value));
    await app.set('bob', nick('b'));
    await app.untilSettled('', ['delivered', 'dead']);
    const tile = (name: string) => page.locator('.tile').filter({ hasText: name }).locator('.tile-value');
    await page.getByText('75%').waitFor();
    assert.equal(await tile('Dead').innerText(), '1');
    assert.match(await tile('Latency').innerText(), /ms$|s$/);
    await page.getByText('As a table').nth(2).click();
    await page.getByRole('region', { name: 'Failures' }).getByRole('cell', { name: '1', exact: true }).waitFor();
    for (const window of ['1 h', '6 h', '24 h', '7 days']) {
      await page.getByRole('radio', { name: window, exact: true }).click();
      await page.getByText('75%').waitFor();
    }
    assert.match(page.url(), /window=7d/);
    await page.locator('canvas').first().waitFor();
    await page.getByRole('link', { name: 'Dead' }).click();
    await page.getByText('1 delivery').waitFor();
  });

  for (const framework of ['node', 'express', 'fastify', 'hono'] as const) {
    test(`the receiver for ${framework} runs as it is shown`, async (t) => {
      const app = await server.createApp();
      const port = await freePort();
      const endpoint = await app.addEndpoint(`http://127.0.0.1:${port}/portrait`);
      const code = receiverSample(framework, { sdkAppId: app.sdkAppId, path: '/portrait', hasToken: false });
      const args = ['--conditions=source', '--input-type=module', '-e', code.replace('9000', String(port))];
      const env = { ...process.env, PORTRAIT_SIGNING_SECRET: endpoint.signingSecrets[0] };
      const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] });
      atEnd(t, async () => void child.kill());
      let printed = '';
      child.stdout.on('data', (text) => {
        printed += text;
      });
      await app.importUsers('alice');
      await app.set('alice', nick('Alice'));
      await until(() => printed.includes('Alice') && printed, {
        what: () => `the callback: ${printed}`,
        withinMs: 40_000,
      });
      assert.match(printed, /^alice /);
    });
  }
});
