/** Each example is started as it stands, and gets its callbacks from the real program. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createSender } from '@portrait/receiver/testing';
import { type ChildServer, startChildServer } from '../support/live/child-server.ts';
import { atEnd } from '../support/live/cleanup.ts';
import { nick, TestApp } from '../support/live/test-app.ts';
import { until } from '../support/until.ts';

const file = (path: string): string => fileURLToPath(new URL(`../../../../examples/${path}`, import.meta.url));
const NEXT_HOST = fileURLToPath(new URL('../support/live/next-host.ts', import.meta.url));
const SECRET = `whsec_${Buffer.from('0123456789abcdef01234567').toString('base64')}`;
const TOKEN = 'example-token';

const EXAMPLES: readonly (readonly [name: string, command: readonly string[]])[] = [
  ['bare-node', [file('bare-node/receiver.ts')]],
  ['express', [file('express/receiver.ts')]],
  ['fastify', [file('fastify/receiver.ts')]],
  ['hono', [file('hono/receiver.ts')]],
  ['next-route', [NEXT_HOST, file('next-route/app/callback/route.ts')]],
];

/** Start one. @returns its address, and what it has printed so far */
async function startExample(t: TestContext, command: readonly string[], sdkAppId: number) {
  const env = { ...process.env, PORT: '0', SDK_APP_ID: String(sdkAppId), TOKEN, SIGNING_SECRET: SECRET };
  const child = spawn(process.execPath, ['--conditions=source', ...command], { env });
  atEnd(t, async () => {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk;
    });
  }
  await until(() => output.includes('http://') || child.exitCode !== null, {
    what: () => `the example listens: ${output}`,
  });
  return { url: /http:\S+/.exec(output)?.[0] ?? assert.fail(output), output: () => output };
}

describe('examples', () => {
  for (const [name, command] of EXAMPLES) {
    test(name, async (t) => {
      const server: ChildServer = await startChildServer(t);
      const app = await TestApp.create(server);
      await app.importUsers('alice');
      const { url, output } = await startExample(t, command, app.sdkAppId);
      await app.addEndpoint(url, { token: TOKEN, signingSecrets: [SECRET] });
      for (const name of ['Al', 'Ali', 'Alice']) await app.set('alice', nick(name));
      await app.untilSettled();
      await until(() => output().includes("'Alice'"), { what: output });
      const seen = [...output().matchAll(/^new alice \{ nick: '(.*)' \}$/gm)].map(([, value]) => value);
      assert.deepEqual(seen, ['Al', 'Ali', 'Alice']);

      // the same again, as after a crash of the server; then somebody who knows the address alone
      const [delivery] = await app.deliveries();
      const known = { sdkAppId: app.sdkAppId, url, token: TOKEN };
      const repeat = {
        webhookId: delivery?.eventId ?? '',
        userId: 'alice',
        sequence: 1,
        body: delivery?.event.body ?? '',
      };
      const again = await createSender({ ...known, signingSecrets: [SECRET] }).send(repeat);
      assert.deepEqual([again.status, again.ok], [200, true]);
      const forged = await createSender({ ...known, as: 'tencent' }).send({ ...repeat, webhookId: 'evt_other' });
      assert.deepEqual([forged.status, forged.ok], [401, false]);
      await until(() => output().includes('refused signature-missing'), { what: output });
      assert.equal([...output().matchAll(/^new /gm)].length, 3, output());
    });
  }
});
