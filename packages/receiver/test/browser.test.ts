/** The bundle in a real headless Chromium: what runs there runs on any runtime with web standards. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as launcher, type Page } from 'playwright-core';
import { bundle } from './bundle.ts';
import { APP, OTHER_SECRET, SECRET, SIGNING_KEY, TOKEN, VERIFICATION_KEY } from './support.ts';

type Everything = typeof import('@portrait/receiver') & typeof import('@portrait/receiver/testing');

let server: Server;
let browser: Browser;
let page: Page;
const refused: string[] = [];

before(async () => {
  const { code } = await bundle('', "export * from './index.ts'; export * from './testing.ts'");
  server = createServer((request, response) => {
    const isModule = request.url === '/receiver.js';
    response.setHeader('Content-Type', isModule ? 'text/javascript' : 'text/html');
    response.end(isModule ? code : '<!doctype html><title>receiver</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await launcher.launch({ executablePath: await chromium.executablePath(), args: chromium.args });
  page = await browser.newPage();
  await page.route('**/*', (route) => {
    if (route.request().url().startsWith(origin)) return route.continue();
    refused.push(route.request().url());
    return route.abort();
  });
  await page.goto(`${origin}/`);
});

after(async () => {
  await browser?.close();
  server?.close();
});

test('requests are received: good ones once, wrong ones not, with either kind of signature', async () => {
  const given = {
    app: APP,
    token: TOKEN,
    secret: SECRET,
    other: OTHER_SECRET,
    signing: SIGNING_KEY,
    known: VERIFICATION_KEY,
  };
  const result = await page.evaluate(
    async ({ module, app, token, secret, other, signing, known }) => {
      const library = (await import(module)) as Everything;
      const { createHandler, createSender, ManualClock, profilePatch, verify } = library;
      const clock = new ManualClock();
      const patches: unknown[] = [];
      const reasons: string[] = [];
      const receiver = createHandler({
        sdkAppId: app,
        token,
        signingSecrets: [secret, known],
        clock,
        on: { 'Profile.CallbackPortraitSet': (event) => void patches.push(profilePatch(event)) },
        onRejected: ({ reason }) => void reasons.push(reason),
      });
      const statuses: number[] = [];
      for (const signingSecret of [secret, signing, other]) {
        const options = {
          sdkAppId: app,
          token,
          signingSecrets: [signingSecret],
          deliver: receiver,
          now: () => clock.now(),
        };
        const sender = createSender(options);
        const change = sender.change('爱丽丝', { nick: signingSecret.slice(0, 5) });
        const attempts = await sender.sendAll([{ ...change, webhookId: `evt_${statuses.length}` }], {
          times: 2,
          oneByOne: true,
        });
        statuses.push(...attempts.map(({ status }) => status));
      }
      const request = await library.signedRequest({ sdkAppId: app, signingSecrets: [secret] });
      const verified = await verify(request, { sdkAppId: app, signingSecrets: [secret], clock });
      return { patches, reasons, statuses, verified: verified.ok };
    },
    { module: '/receiver.js', ...given },
  );
  assert.deepEqual(result, {
    patches: [{ nick: 'whsec' }, { nick: 'whsk_' }],
    reasons: ['signature-mismatch', 'signature-mismatch'],
    statuses: [200, 200, 200, 200, 401, 401],
    verified: true,
  });
  assert.deepEqual(refused, []);
});
