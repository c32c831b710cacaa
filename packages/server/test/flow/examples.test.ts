/** What README shows runs as it is printed. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { atEnd } from '../support/live/cleanup.ts';
import { nick } from '../support/live/test-app.ts';
import { startTestServer } from '../support/live/test-server.ts';
import { until } from '../support/until.ts';

const EXAMPLE = fileURLToPath(new URL('../../../../examples/minimal-receiver.ts', import.meta.url));
const SECRET = `whsec_${Buffer.from('0123456789abcdef01234567').toString('base64')}`;

test('the receiver of ten lines understands a callback, and refuses one that is signed by another', async (t) => {
  const server = await startTestServer(t);
  const app = await server.createApp();
  const env = { ...process.env, PORT: '0', SDK_APP_ID: String(app.sdkAppId), SIGNING_SECRET: SECRET };
  const receiver = spawn(process.execPath, ['--conditions=source', EXAMPLE], { env });
  atEnd(t, async () => {
    receiver.kill();
    if (receiver.exitCode === null && receiver.signalCode === null) await once(receiver, 'exit');
  });
  let output = '';
  receiver.stdout.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  await until(() => output.includes('http://'), { what: () => 'the receiver listens' });
  const url = `${/http:\S+/.exec(output)?.[0]}/callback`;
  await app.importUsers('alice');

  await app.addEndpoint(url, { signingSecrets: [SECRET] });
  await app.set('alice', nick('Alice'));
  const [delivery] = await app.untilSettled();
  assert.match(output, new RegExp(`${delivery?.eventId} 1 alice \\{ nick: 'Alice' \\}`));

  await app.addEndpoint(url, { maxAttempts: 1 });
  await app.set('alice', nick('Alice 2'));
  const deliveries = await app.untilSettled('', ['delivered', 'dead', 'skipped']);
  const second = deliveries.filter(({ sequence }) => sequence === 2).map(({ state }) => state);
  assert.deepEqual(second.sort(), ['dead', 'delivered']);
});

test('README shows the receiver as it is', () => {
  const root = new URL('../../../../', import.meta.url);
  const example = readFileSync(new URL('examples/minimal-receiver.ts', root), 'utf8');
  const [, shown = ''] = /```ts\n(.*?)```/s.exec(readFileSync(new URL('README.md', root), 'utf8')) ?? [];
  const paragraphs = shown.trim().split('\n\n');
  assert.ok(paragraphs.length >= 3);
  const lines = new Set(example.split('\n'));
  for (const line of shown.trim().split('\n')) assert.ok(lines.has(line), line);
});
