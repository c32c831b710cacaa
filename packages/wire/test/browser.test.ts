/** wire runs in a browser: the sources, stripped of their types, against the vectors in a real headless Chromium. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as launcher, type Page } from 'playwright-core';
import vectors from '../vectors/signatures.json' with { type: 'json' };

type Wire = typeof import('../src/index.ts');

let server: Server;
let browser: Browser;
let page: Page;
const refused: string[] = [];

before(async () => {
  server = createServer((request, response) => {
    const file = new URL(`..${request.url}`, import.meta.url);
    const isModule = request.url?.startsWith('/src/') ?? false;
    response.setHeader('Content-Type', isModule ? 'text/javascript' : 'text/html');
    response.end(isModule ? stripTypeScriptTypes(readFileSync(file, 'utf8')) : '<!doctype html><title>wire</title>');
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

test('UserSigs of the vectors are verified, and a new one is signed and verified', async () => {
  const { sdkAppId, issuedAtSeconds, secretKey, signed } = JSON.parse(
    readFileSync(new URL('../vectors/usersig.json', import.meta.url), 'utf8'),
  );
  const complete = signed.filter((vector: { userSig?: string }) => vector.userSig !== undefined);
  const results = await page.evaluate(
    async (given) => {
      const wire = (await import(given.module)) as Wire;
      const { sdkAppId, secretKey, nowSeconds } = given;
      const app = { sdkAppId, secretKey, nowSeconds };
      const verdicts = [];
      for (const { userId, userSig } of given.signed) {
        verdicts.push((await wire.verifyUserSig(userSig, { ...app, userId })).ok);
      }
      const userSig = await wire.signUserSig({ ...app, userId: 'browser' });
      verdicts.push((await wire.verifyUserSig(userSig, { ...app, userId: 'browser' })).ok);
      const forged = await wire.verifyUserSig(userSig, { ...app, userId: 'browser', secretKey: 'another' });
      return { verdicts, forged: forged.ok ? 0 : forged.fault.code };
    },
    { module: '/src/index.ts', sdkAppId, secretKey, nowSeconds: issuedAtSeconds + 1, signed: complete },
  );
  assert.deepEqual(results, { verdicts: Array(complete.length + 1).fill(true), forged: 70009 });
});

test('callbacks are signed, verified and understood', async () => {
  const { cases } = vectors.standardWebhooksAsymmetric;
  const results = await page.evaluate(
    async ({ module, ed25519 }) => {
      const wire = (await import(module)) as Wire;
      const items = [{ tag: 'Tag_Profile_IM_Nick', value: '爱丽丝' }];
      const body = wire.formatPortraitSetCallback({ operatorId: 'administrator', userId: 'alice', atMs: 1, items });
      const secrets = [`whsec_${btoa('0123456789abcdef01234567')}`];
      const signature = await wire.signStandardWebhook({ id: 'evt_1', timestampSeconds: 1_700_000_000, body, secrets });
      const message = { id: 'evt_1', timestamp: '1700000000', signature, secrets, nowSeconds: 1_700_000_000 };
      const [given] = ed25519;
      if (!given) throw new Error('there is no vector');
      const { id, timestampSeconds, signingKey, verificationKey } = given;
      const asymmetric = { id, timestamp: String(timestampSeconds), body: given.body, nowSeconds: timestampSeconds };
      const made = await wire.signStandardWebhook({ id, timestampSeconds, body: given.body, secrets: [signingKey] });
      const check = { ...asymmetric, signature: made, secrets: [verificationKey] };
      return {
        ed25519: made,
        ed25519Good: (await wire.verifyStandardWebhook(check)).ok,
        ed25519Forged: (await wire.verifyStandardWebhook({ ...check, body: '{}' })).ok,
        sign: await wire.signCallback('xxxxyyyy', 1_669_872_112),
        good: (await wire.verifyStandardWebhook({ ...message, body })).ok,
        forged: (await wire.verifyStandardWebhook({ ...message, body: `${body} ` })).ok,
        parsed: wire.parsePortraitSetCallback(body),
      };
    },
    { module: '/src/index.ts', ed25519: cases },
  );
  assert.deepEqual([results.ed25519, results.ed25519Good, results.ed25519Forged], [cases[0]?.signature, true, false]);
  assert.equal(results.sign, '17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061');
  assert.deepEqual([results.good, results.forged, results.parsed.ok], [true, false, true]);
  assert.deepEqual(refused, []);
});
