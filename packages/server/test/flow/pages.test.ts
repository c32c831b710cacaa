/** What a browser gets at the addresses that are printed. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { buildConsole } from '../../../../scripts/build-console.ts';
import { exchange } from '../support/live/http-exchange.ts';
import { startTestServer } from '../support/live/test-server.ts';

before(() => buildConsole());

test('the console is where the start says, one page for all its addresses', async (t) => {
  const { url } = await startTestServer(t);
  for (const path of ['/', '/console']) {
    const answer = await exchange(`${url}${path}`, { method: 'GET' });
    assert.deepEqual([answer.status, answer.headers.location], [302, '/console/'], path);
  }
  for (const path of ['/', '/1400000001/deliveries/dlv_mibaq2k0_n5irgh_0_7.ep_4q8w2n6c0x5v7b1m']) {
    const page = await exchange(`${url}/console${path}`, { method: 'GET' });
    assert.equal(page.status, 200, path);
    assert.match(page.text, /<title>Portrait<\/title>/);
  }
  assert.equal((await exchange(`${url}/console/nothing.js`, { method: 'GET' })).status, 404);
});

test('the console runs no inline code, is in no frame, and its files are kept by browsers', async (t) => {
  const { url } = await startTestServer(t);
  const page = await exchange(`${url}/console/`, { method: 'GET' });
  const policy = String(page.headers['content-security-policy']);
  assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self' 'nonce-[^']{24}'; /);
  assert.match(policy, /connect-src 'self'; .*frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe/);
  assert.equal(page.headers['cache-control'], 'no-store');
  const [, script = ''] = /<script type="module" crossorigin src="([^"]+)"><\/script>/.exec(page.text) ?? [];
  const headers = { 'accept-encoding': 'gzip' };
  const file = await exchange(`${url}${script}`, { method: 'GET', headers });
  assert.deepEqual(
    [
      file.status,
      file.headers['content-encoding'],
      file.headers['cache-control'],
      file.headers['x-content-type-options'],
    ],
    [200, 'gzip', 'public, max-age=31536000, immutable', 'nosniff'],
  );
});
