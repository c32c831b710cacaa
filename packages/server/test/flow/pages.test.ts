/** What a browser gets at the addresses that are printed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exchange } from '../support/live/http-exchange.ts';
import { startTestServer } from '../support/live/test-server.ts';

test('the console is where the start says, and its style sheet beside it', async (t) => {
  const { url } = await startTestServer(t);
  for (const path of ['/', '/console']) {
    const answer = await exchange(`${url}${path}`, { method: 'GET' });
    assert.deepEqual([answer.status, answer.headers.location], [302, '/console/'], path);
  }
  const page = await exchange(`${url}/console/`, { method: 'GET' });
  assert.equal(page.status, 200);
  assert.match(page.text, /<title>Portrait<\/title>/);
  assert.equal((await exchange(`${url}/console/console.css`, { method: 'GET' })).status, 200);
  assert.equal((await exchange(`${url}/console/nothing`, { method: 'GET' })).status, 404);
});
