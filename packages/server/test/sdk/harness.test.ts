/** What the other tests of this folder stand on: nothing gets out unseen, and frames are read right. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { deflateSync, gzipSync } from 'node:zlib';
import { httpLoopback, listen } from '../support/loopback.ts';
import { until } from '../support/until.ts';
import { startBrowser } from './support/browser.ts';
import { decodeFrame } from './support/frame.ts';

const GUARD_CHILD = fileURLToPath(new URL('./support/guard-child.ts', import.meta.url));

describe('harness', { concurrency: true }, () => {
  test('a client process reaches the server under test, and nothing else', async (t) => {
    const allowed = await httpLoopback(t, (_, response) => response.end());
    const forbidden = await listen(createServer(), t);
    const { stdout } = await promisify(execFile)(process.execPath, [
      GUARD_CHILD,
      String(allowed.port),
      String(forbidden.port),
    ]);
    const { ends, answer, told } = JSON.parse(stdout);
    for (const [name, [end, count]] of Object.entries<[string, number]>(ends)) {
      assert.equal(end, 'refused', name);
      assert.ok(count >= 1, `${name} is told`);
    }
    assert.equal(answer, 200);
    assert.equal(forbidden.connections(), 0, told.join('\n'));
    assert.equal(allowed.connections(), 1);
  });

  test('a browser reaches 127.0.0.1, and nothing else', async (t) => {
    const owner = { after: (run: () => Promise<void>) => t.after(run) };
    const browser = await startBrowser(owner);
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(browser.origin);
    assert.deepEqual(browser.violations, []);
    const attempts = [
      "fetch('http://127.0.0.2:8090/http')",
      "fetch('https://127.0.0.2:8090/')",
      "fetch('http://localhost:8090/name')",
      "new WebSocket('ws://127.0.0.2:8091/')",
    ];
    for (const [index, attempt] of attempts.entries()) {
      await page.evaluate((code) => {
        const blob = new Blob([`try { ${code}?.catch?.(() => {}) } catch {}`]);
        new Worker(URL.createObjectURL(blob));
      }, attempt);
      await until(() => browser.violations.length > index, { what: () => `${attempt} to be told` });
    }
    assert.deepEqual(browser.violations, [
      'GET http://127.0.0.2:8090/http',
      'CONNECT 127.0.0.2:8090',
      'GET http://localhost:8090/name',
      'CONNECT 127.0.0.2:8091',
    ]);
  });

  for (const { name, data, form } of [
    { name: 'text', data: frameText(), form: 'text' },
    { name: 'binary', data: Buffer.from(frameText()), form: 'binary' },
    { name: 'COMP and gzip', data: compressed(gzipSync(frameText())), form: 'compressed' },
    { name: 'COMP and zlib', data: compressed(deflateSync(frameText())), form: 'compressed' },
  ] as const) {
    test(`a frame of ${name} is read`, () => {
      const frame = decodeFrame(data, { kind: 'received', atMs: 0, connection: 1 });
      const { form: seen, servcmd, seq, body } = frame;
      assert.deepEqual({ seen, servcmd, seq, body }, { seen: form, servcmd: 'a.b', seq: 7, body: { Nick: 'é😀' } });
    });
  }

  test('what is no frame is kept as text', () => {
    const { servcmd, body } = decodeFrame('hello', { kind: 'received', atMs: 0, connection: 1 });
    assert.deepEqual([servcmd, body], ['?', { text: 'hello' }]);
  });
});

function frameText(): string {
  return JSON.stringify({ head: { servcmd: 'a.b', seq: 7 }, body: { Nick: 'é😀' } });
}

function compressed(stream: Buffer): Buffer {
  return Buffer.concat([Buffer.from('COMP'), stream]);
}
