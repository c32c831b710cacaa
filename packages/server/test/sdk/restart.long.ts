/** With the default settings: how soon clients are back after their server went away, however that was. */
import { describe } from 'node:test';
import { startChildServer } from '../support/live/child-server.ts';
import { suiteOwner } from '../support/live/cleanup.ts';
import { nick } from '../support/live/test-app.ts';
import { assertBack } from './support/assert-back.ts';
import { startBrowser, type TestBrowser } from './support/browser.ts';
import { freePort } from './support/free-port.ts';
import { SDK_PACKAGES } from './support/message.ts';
import { openSdkPage } from './support/sdk-page.ts';
import { sdkTest } from './support/witness.ts';
import { World } from './support/world.ts';

/** The default interval of `wshello`, 20 s, and time for the login. */
const WITHIN_MS = 30_000;

describe('restart with the default settings', () => {
  const owner = suiteOwner();
  let browser: Promise<TestBrowser> | undefined;

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    sdkTest(`${signal}: clients in Node and in a browser are back within ${WITHIN_MS} ms`, async (t) => {
      const server = await startChildServer(t, { args: ['--port', String(await freePort())] });
      const world = await World.on(server);
      browser ??= startBrowser(owner);
      const { url } = server;
      const clients = [];
      for (const name of SDK_PACKAGES) {
        const inNode = `node ${name}`;
        clients.push({ userId: inNode, client: await world.loggedIn(t, inNode, { package: name }) });
        const inPage = `page ${name}`;
        const options = { browser: await browser, package: name, url, sdkAppId: world.app.sdkAppId, label: inPage };
        const page = await openSdkPage(t, options);
        await page.login(inPage, world.userSig(inPage));
        clients.push({ userId: inPage, client: page });
      }
      for (const seen of ['away 1', 'away 2']) {
        await server.end(signal);
        await server.start();
        for (const { userId } of clients) await world.set(userId, ...nick(seen));
        await Promise.all(
          clients.map(({ client, userId }) => assertBack(client, world, { userId, seen, withinMs: WITHIN_MS })),
        );
      }
    });
  }
});
