/** What README shows runs as it is printed, and the example that it names. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findFreePort } from '../cli/support/portrait.ts';
import { atEnd } from '../support/live/cleanup.ts';
import { nick } from '../support/live/test-app.ts';
import { startTestServer } from '../support/live/test-server.ts';
import { until } from '../support/until.ts';

const EXAMPLE = fileURLToPath(new URL('../../../../examples/minimal-receiver.ts', import.meta.url));
const SECRET = `whsec_${Buffer.from('0123456789abcdef01234567').toString('base64')}`;

/** Run a file until the test ends. */
function startExample(t: TestContext, file: string, env: NodeJS.ProcessEnv): { readonly output: string } {
  const child = spawn(process.execPath, ['--conditions=source', file], { env });
  atEnd(t, async () => {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  const said = { output: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said.output += chunk;
    });
  }
  return said;
}

test('the minimal receiver understands a callback, and refuses one that is signed by another', async (t) => {
  const server = await startTestServer(t);
  const app = await server.createApp();
  const env = { ...process.env, PORT: '0', SDK_APP_ID: String(app.sdkAppId), SIGNING_SECRET: SECRET };
  const receiver = startExample(t, EXAMPLE, env);
  await until(() => receiver.output.includes('http://'), { what: () => 'the receiver listens' });
  const url = `${/http:\S+/.exec(receiver.output)?.[0]}/callback`;
  await app.importUsers('alice');

  await app.addEndpoint(url, { signingSecrets: [SECRET] });
  await app.set('alice', nick('Alice'));
  const [delivery] = await app.untilSettled();
  assert.match(receiver.output, new RegExp(`${delivery?.eventId} 1 alice \\{ nick: 'Alice' \\}`));

  await app.addEndpoint(url, { maxAttempts: 1 });
  await app.set('alice', nick('Alice 2'));
  const deliveries = await app.untilSettled('', ['delivered', 'dead', 'skipped']);
  const second = deliveries.filter(({ sequence }) => sequence === 2).map(({ state }) => state);
  assert.deepEqual(second.sort(), ['dead', 'delivered']);
});

test('the receiver that README prints runs as it is printed', async (t) => {
  const root = new URL('../../../../', import.meta.url);
  const [, code = ''] = /```js\n(.*?)```/s.exec(readFileSync(new URL('README.md', root), 'utf8')) ?? [];
  const lines = code.trim().split('\n');
  assert.ok(lines.filter((line) => line !== '').length <= 10);
  // modules are looked for from where the file is: in the checkout, as README says, where nobody commits it
  const folder = mkdtempSync(fileURLToPath(new URL('node_modules/.readme-receiver-', root)));
  atEnd(t, async () => rmSync(folder, { recursive: true }));
  const file = join(folder, 'receiver.mjs');
  writeFileSync(file, code);

  const server = await startTestServer(t);
  const app = await server.createApp();
  const port = await findFreePort();
  const env = { ...process.env, PORT: String(port), SDK_APP_ID: String(app.sdkAppId), SIGNING_SECRET: SECRET };
  const receiver = startExample(t, file, env);
  await app.importUsers('alice');
  // what comes before it listens is sent again
  await app.addEndpoint(`http://127.0.0.1:${port}/callback`, { signingSecrets: [SECRET] });
  await app.set('alice', nick('Alice'));
  await until(() => receiver.output.includes("alice { nick: 'Alice' }\n"), {
    what: () => `the receiver prints the change, got ${receiver.output}`,
  });
  await app.untilSettled();
});
